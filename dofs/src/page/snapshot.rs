//! How a system stands at one moment, as far as the page shows it.

use std::collections::BTreeMap;

use contracts::{
    domain::{OrderStatus, Timestamp},
    money::Money,
    order::{FailedOrder, OrderRecord},
};
use serde::Serialize;
use serde_json::Number;

/// A system at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot {
    /// How many orders are in each state.
    pub counts: Counts,
    /// What waits.
    pub depths: Depths,
    /// The orders that changed last, the newest first.
    pub orders: Vec<Order>,
    /// What failed last, the newest first.
    pub failures: Vec<Failure>,
}

/// How many orders are in each state. Every state is there.
pub type Counts = BTreeMap<OrderStatus, Count>;

/// How many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// So many were counted.
    pub number: usize,
    /// There are more: nobody counts for ever.
    pub or_more: bool,
}

/// Messages of the queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Depths {
    /// In the order queue.
    pub waiting: u64,
    /// With `fulfill_order`, or hidden until the next attempt.
    pub in_flight: u64,
    /// Among the dead letters.
    pub dead: u64,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// When it last changed, or when it was taken.
    pub at: Timestamp,
    /// What was ordered. Not known of an order that only its execution knows.
    pub what: Option<What>,
    /// Why it failed or was rejected.
    pub reason: Option<String>,
}

/// What was ordered, as written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct What {
    /// By whom.
    pub customer: String,
    /// The product.
    pub product: String,
    /// How many.
    pub quantity: i64,
    /// At what price.
    pub price: Number,
    /// For how much in all.
    pub total: Option<Money>,
}

/// Something that failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// The order's id, or `message-<id>`.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// An error's name.
    pub reason: String,
    /// What was said about it.
    pub message: Option<String>,
}

impl From<OrderRecord> for Order {
    fn from(it: OrderRecord) -> Self {
        Order {
            id: it.order_id.into(),
            status: it.status,
            at: it.updated_at,
            what: Some(What {
                customer: it.customer_id,
                product: it.product_id,
                quantity: it.quantity,
                price: it.price,
                total: it.total_amount,
            }),
            reason: it.failure_reason,
        }
    }
}

impl From<FailedOrder> for Failure {
    fn from(it: FailedOrder) -> Self {
        Failure {
            id: it.order_id,
            at: it.failed_timestamp,
            reason: it.failure_reason,
            message: it.error_message.map(String::from),
        }
    }
}

/// Each order once, as it was found last, the newest first. `found` is in the order in which it was
/// looked for: along the way that orders take. So an order that moves meanwhile is found twice, or
/// once, but not missed.
pub(super) fn newest(found: Vec<Order>) -> Vec<Order> {
    let mut orders: BTreeMap<String, Order> = BTreeMap::new();
    for order in found {
        match orders.get(&order.id) {
            // A record is newer than its execution; of two records, the later change is.
            Some(known) if known.what.is_some() && known.at > order.at => {}
            _ => drop(orders.insert(order.id.clone(), order)),
        }
    }
    let mut orders: Vec<_> = orders.into_values().collect();
    orders.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    orders
}

#[cfg(test)]
mod tests {
    use OrderStatus::{Accepted, Failed, Fulfilled, Processing};

    use super::*;

    #[test]
    fn an_order_is_shown_once_as_it_was_found_last() {
        fn check(found: &[(&str, OrderStatus, u32)], expected: &[(&str, OrderStatus)]) {
            let order = |&(id, status, second): &(&str, OrderStatus, u32)| Order {
                id: id.to_owned(),
                status,
                at: format!("2025-07-20T13:06:{second:02}.000Z").try_into().unwrap(),
                what: (status != Accepted).then(|| What {
                    customer: "CUST-1234".to_owned(),
                    product: "PROD-1234".to_owned(),
                    quantity: 1,
                    price: 1.into(),
                    total: None,
                }),
                reason: None,
            };
            let orders = newest(found.iter().map(order).collect());
            let shown: Vec<_> = orders.iter().map(|it| (&*it.id, it.status)).collect();
            assert_eq!(shown, expected);
        }
        check(&[], &[]);
        check(&[("a", Accepted, 1), ("b", Accepted, 2)], &[("b", Accepted), ("a", Accepted)]);
        // Its execution still runs, and counts it as newer than its record is.
        check(&[("a", Accepted, 2), ("a", Processing, 1)], &[("a", Processing)]);
        // It moved on between two questions.
        check(&[("a", Processing, 1), ("a", Fulfilled, 2)], &[("a", Fulfilled)]);
        check(&[("a", Processing, 1), ("a", Fulfilled, 1)], &[("a", Fulfilled)]);
        // The index is behind: it still has the failure of an order that is processed again.
        check(&[("a", Processing, 3), ("a", Failed, 2)], &[("a", Processing)]);
    }
}
