//! An item put into a table that holds others.

use contracts::{
    kind::Table,
    order::{FailedOrderAt, OrderGivenUp, OrderRecord},
};
use infra_gen::model::{
    Handle,
    flow::{Put, When, put},
};

fn wrong(
    orders: &Handle<Table<OrderRecord>>,
    failed: FailedOrderAt<OrderGivenUp>,
) -> Put<OrderGivenUp> {
    put(orders, failed, When::always())
}

fn main() {}
