//! Decides what to do with a delivery: the rules of rounds.
//!
//! SQS may deliver a message several times, `order_storage` may send a duplicate, and a call may take effect minutes
//! after its caller gave up. None of these may start another draw. Only a redrive does: `dofs redrive` reads the
//! order's record, and sets the message attribute [`ROUND`](contracts::order::ROUND) to the number of the next round.
//! So:
//!
//! - A failed order is decided again only by a message that asks for a later round than that of the record. Each round
//!   has one draw, even if several messages ask for it.
//! - Every other message of a failed order returns to the queue, until SQS moves it to the dead-letter queue. It is
//!   never deleted: it may be the order's only message, which an operator redrove in the console, and a failed order must
//!   keep a message for `dofs redrive`.
//! - A message of a fulfilled or rejected order is deleted. So a redrive also removes dead letters that are left over.
//!
//! The rules do not depend on a clock.

use contracts::{domain::OrderStatus, order::OrderRecord};
use runtime::moment::Moment;

/// One delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message's id. A redriven message has a new id.
    pub message_id: String,
    /// When the message was sent, by the clock of SQS.
    pub sent: Option<Moment>,
    /// The round that the message asks for.
    pub round: Option<u32>,
    /// The number of deliveries, including this one.
    pub receive_count: u32,
}

/// How the function handles a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Decide the order in the first round.
    First,
    /// Decide the order in a later round.
    Again {
        /// The number of the round.
        round: u32,
    },
    /// The order has failed: return the message, until SQS moves it to the dead-letter queue.
    Back,
    /// The order is decided: delete the message.
    Done,
}

/// Returns what to do with a delivery, from the order's record.
pub fn meaning(order: &OrderRecord, delivery: &Delivery) -> Meaning {
    match order.status {
        OrderStatus::Processing => Meaning::First,
        OrderStatus::Fulfilled | OrderStatus::Rejected | OrderStatus::Accepted => Meaning::Done,
        // This message caused the failure, so it has had its round.
        OrderStatus::Failed if order.dead_letter.as_deref() == Some(&delivery.message_id) => {
            Meaning::Back
        }
        OrderStatus::Failed => match delivery.round {
            Some(asked) if asked > order.round => Meaning::Again { round: order.round + 1 },
            _ => Meaning::Back,
        },
    }
}

#[cfg(test)]
mod tests {
    use contracts::domain::ValidationStatus;

    use super::*;

    const FAILED_AT: u64 = 1_753_016_788_324;

    fn order(status: OrderStatus, dead_letter: Option<&str>) -> OrderRecord {
        let at = Moment::from_millis(FAILED_AT).timestamp();
        OrderRecord {
            order_id: "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned().try_into().unwrap(),
            customer_id: "CUST-1234".into(),
            product_id: "PROD-1234".into(),
            quantity: 1,
            price: 1.into(),
            total_amount: None,
            status,
            created_at: at.clone(),
            updated_at: at.clone(),
            validation_status: ValidationStatus::Valid,
            metadata: None,
            fulfillment_details: None,
            failure_reason: None,
            failure_timestamp: Some(at),
            error_message: None,
            expires_at: None,
            round: 3,
            dead_letter: dead_letter.map(str::to_owned),
        }
    }

    #[test]
    fn every_delivery_has_a_meaning() {
        fn check(
            status: OrderStatus,
            dead_letter: Option<&str>,
            round: Option<u32>,
            expected: Meaning,
        ) {
            let delivery =
                Delivery { message_id: "this".to_owned(), sent: None, round, receive_count: 1 };
            let found = meaning(&order(status, dead_letter), &delivery);
            assert_eq!(found, expected, "{status:?} {dead_letter:?} {round:?}");
        }
        use OrderStatus::{Accepted, Failed, Fulfilled, Processing, Rejected};
        let again = Meaning::Again { round: 4 };
        for asked in [None, Some(0), Some(3), Some(4), Some(u32::MAX)] {
            check(Processing, None, asked, Meaning::First);
            check(Fulfilled, None, asked, Meaning::Done);
            check(Rejected, None, asked, Meaning::Done);
            check(Accepted, None, asked, Meaning::Done);
            // The message that caused the failure, whatever round it asked for.
            check(Failed, Some("this"), asked, Meaning::Back);
        }
        // Another message, or a message of an order that failed without one. It may ask for a later round.
        for owner in [Some("other"), None] {
            check(Failed, owner, None, Meaning::Back);
            check(Failed, owner, Some(2), Meaning::Back);
            check(Failed, owner, Some(3), Meaning::Back);
            check(Failed, owner, Some(4), again);
            // A record from a backup that is older than the message: one round at a time.
            check(Failed, owner, Some(u32::MAX), again);
        }
    }

    #[test]
    fn the_highest_round_number_has_no_next_round() {
        let last = OrderRecord { round: u32::MAX, ..order(OrderStatus::Failed, None) };
        let round = Some(u32::MAX);
        let delivery =
            Delivery { message_id: "this".to_owned(), sent: None, round, receive_count: 1 };
        assert_eq!(meaning(&last, &delivery), Meaning::Back);
    }
}
