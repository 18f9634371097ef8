//! The state of a system at one moment, as the page shows it.

use function_contract::time::Timestamp;
use std::collections::BTreeMap;

use contracts::{
    domain::OrderStatus,
    money::Money,
    order::{FailedOrder, OrderRecord},
};
use serde::Serialize;
use serde_json::Number;

/// The state of a system at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot {
    /// The number of orders with each status.
    pub counts: Counts,
    /// The number of messages in the queues.
    pub depths: Depths,
    /// The orders that changed last, the newest first.
    pub orders: Vec<Order>,
    /// The last failures, the newest first.
    pub failures: Vec<Failure>,
}

/// The number of orders with each status. It contains every status.
pub type Counts = BTreeMap<OrderStatus, Count>;

/// A number of orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The counted number.
    pub number: usize,
    /// Whether there may be more, because counting stopped at a limit.
    pub or_more: bool,
}

/// The number of messages in the queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Depths {
    /// Messages in the order queue.
    pub waiting: u64,
    /// Messages that `fulfill_order` handles, or that are hidden until the next attempt.
    pub in_flight: u64,
    /// Dead letters.
    pub dead: u64,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Its status.
    pub status: OrderStatus,
    /// When it last changed or was accepted.
    pub at: Timestamp,
    /// The product and the quantity. `None` for an order without a record.
    pub what: Option<What>,
    /// Why it failed or was rejected.
    pub reason: Option<String>,
}

/// The product and the quantity of an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct What {
    /// The customer.
    pub customer: String,
    /// The product.
    pub product: String,
    /// The quantity.
    pub quantity: i64,
    /// The unit price.
    pub price: Number,
    /// The total amount.
    pub total: Option<Money>,
}

/// A failed order, or a message that could not be parsed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// The order's id, or `message-<id>`.
    pub id: String,
    /// When it failed.
    pub at: Timestamp,
    /// The name of the error.
    pub reason: String,
    /// The message of the error.
    pub message: Option<String>,
}

impl From<OrderRecord> for Order {
    fn from(it: OrderRecord) -> Self {
        Order {
            id: it.order_id.into(),
            status: it.status,
            at: it.updated_at,
            what: Some(What {
                customer: it.customer_id.into(),
                product: it.product_id.into(),
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

/// Returns each order once, in its latest version, the newest first. `found` is in the order of the reads, which follow the
/// route of orders. So an order whose status changes meanwhile is found once or twice, but never missed.
pub(super) fn newest(found: Vec<Order>) -> Vec<Order> {
    let mut orders: BTreeMap<String, Order> = BTreeMap::new();
    for order in found {
        match orders.get(&order.id) {
            // A record is newer than its execution. Of two records, keep the one that changed later.
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
    fn an_order_is_shown_once_in_its_latest_version() {
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
        // Its execution still runs, and has a later timestamp than its record.
        check(&[("a", Accepted, 2), ("a", Processing, 1)], &[("a", Processing)]);
        // Its status changed between two reads.
        check(&[("a", Processing, 1), ("a", Fulfilled, 2)], &[("a", Fulfilled)]);
        check(&[("a", Processing, 1), ("a", Fulfilled, 1)], &[("a", Fulfilled)]);
        // The index lags behind: it still has the failure of an order that is in another round.
        check(&[("a", Processing, 3), ("a", Failed, 2)], &[("a", Processing)]);
    }
}
