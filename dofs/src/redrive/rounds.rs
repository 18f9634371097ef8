//! The round that a run asks for, for each order. All dead letters of an order ask for the same round.

use std::collections::HashMap;

use contracts::{domain::OrderId, order::OrderRecord};

/// The rounds that this run has asked for.
#[derive(Debug, Default)]
pub(super) struct Rounds(HashMap<OrderId, u32>);

impl Rounds {
    /// Returns the round that a message of this order asks for: the round of an earlier message in this run, because the order
    /// may be in that round by now, otherwise the round after the record's. `None` without a record, or on overflow.
    pub(super) fn of(&mut self, order: &OrderId, records: &[OrderRecord]) -> Option<u32> {
        if let Some(round) = self.0.get(order) {
            return Some(*round);
        }
        let record = records.iter().find(|it| it.order_id == *order)?;
        let round = record.round.checked_add(1)?;
        self.0.insert(order.clone(), round);
        Some(round)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
    const OTHER: &str = "0192f0c1-2d3e-7a4b-8c5d-000000000000";

    #[test]
    fn the_first_record_decides() {
        /// `read` has the round of each record in turn, with the round that a letter must ask for.
        fn check(read: &[(Option<u32>, Option<u32>)]) {
            let order = OrderId::try_from(ORDER.to_owned()).unwrap();
            let mut rounds = Rounds::default();
            for (record, expected) in read {
                let of = |id: &str, round: u32| {
                    serde_json::from_value(json!({
                        "order_id": id, "customer_id": "c", "product_id": "p", "quantity": 1,
                        "price": 1, "status": "FAILED", "created_at": "2025-07-20T13:06:28.324Z",
                        "updated_at": "2025-07-20T13:06:28.324Z", "validation_status": "VALID",
                        "round": round,
                    }))
                    .unwrap()
                };
                let mut records: Vec<OrderRecord> = vec![of(OTHER, 7)];
                records.extend(record.map(|round| of(ORDER, round)));
                assert_eq!(rounds.of(&order, &records), *expected, "{read:?}");
            }
        }
        check(&[(Some(0), Some(1)), (Some(1), Some(1)), (None, Some(1))]);
        check(&[(Some(4), Some(5))]);
        check(&[(None, None), (Some(0), Some(1)), (Some(3), Some(1))]);
        check(&[(Some(u32::MAX), None)]);
    }
}
