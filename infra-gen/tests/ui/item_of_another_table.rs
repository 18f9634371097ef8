//! An item put into a table that holds others.

use contracts::order::{FailedOrderAt, OrderGivenUp, OrderRecord};
use function_contract::kind::Table;
use infra_core::model::{
    Handle,
    flow::{Put, When, put},
};

fn wrong(
    orders: &Handle<Table<OrderRecord>>,
    failed: FailedOrderAt<OrderGivenUp>,
) -> Put<OrderGivenUp> {
    put(orders, failed, When::absent())
}

fn main() {}
