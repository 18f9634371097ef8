//! A customer, and the actions of a customer.

use contracts::domain::OrderId;
use serde_json::Value;

/// An action of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Places the order, for the first time or again.
    Place,
    /// Sends another order under the same key.
    Differ,
    /// Reads the status of the order.
    Look(OrderId),
}

/// A customer with one order.
#[derive(Debug)]
pub(crate) struct Customer {
    pub(crate) key: Option<String>,
    pub(crate) order: Value,
    pub(crate) accepted: Option<OrderId>,
    pub(crate) attempts: u32,
}
