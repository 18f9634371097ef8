//! A message sent to a table.

use contracts::{
    kind::{SendMessage, Table},
    order::OrderRecord,
};
use infra_gen::model::{Grant, Handle};

fn wrong(orders: &Handle<Table<OrderRecord>>) -> Grant {
    orders.grant::<SendMessage>()
}

fn main() {}
