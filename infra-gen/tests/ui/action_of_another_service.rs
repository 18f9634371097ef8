//! A message sent to a table.

use contracts::order::OrderRecord;
use function_contract::kind::{SendMessage, Table};
use infra_core::model::{Grant, Handle};

fn wrong(orders: &Handle<Table<OrderRecord>>) -> Grant {
    orders.grant::<SendMessage>()
}

fn main() {}
