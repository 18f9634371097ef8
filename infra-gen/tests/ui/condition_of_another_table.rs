//! An item put under a condition on an item of another table.

use contracts::{
    kind::Table,
    order::{FailedOrder, OrderGivenUp, OrderRecord, OrderRecordAt},
};
use infra_gen::model::{
    Handle,
    flow::{Put, When, put},
};

fn wrong(
    orders: &Handle<Table<OrderRecord>>,
    record: OrderRecordAt<OrderGivenUp>,
    unrecorded: When<OrderGivenUp, FailedOrder>,
) -> Put<OrderGivenUp> {
    put(orders, record, unrecorded)
}

fn main() {}
