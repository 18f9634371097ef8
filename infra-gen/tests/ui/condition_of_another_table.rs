//! An item put under a condition on an item of another table.

use contracts::order::{FailedOrder, OrderGivenUp, OrderRecord, OrderRecordAt};
use function_contract::kind::Table;
use infra_core::model::{
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
