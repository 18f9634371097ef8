//! A state that would replace an order's record, which is decided once.

use contracts::order::{OrderRecord, OrderRecordAt, OrderSubmitted};
use function_contract::kind::Table;
use infra_core::model::{
    Handle,
    flow::{Put, When, put},
};

fn wrong(
    orders: &Handle<Table<OrderRecord>>,
    record: OrderRecordAt<OrderSubmitted>,
) -> Put<OrderSubmitted> {
    put(orders, record, When::always())
}

fn main() {}
