//! The condition of an update must be about the item that is updated.

use contracts::{domain::{OrderId, OrderStatus}, functions::FulfillOrderEnv, order::{FailedOrder, OrderRecord}};
use runtime::{
    expression::{Set, When},
    port::{DynamoDb, Write},
    table::table,
};

fn close(aws: &impl DynamoDb, env: &FulfillOrderEnv, order_id: &OrderId) -> Write {
    let failed = Set::to(&OrderRecord::at().status, &OrderStatus::Failed);
    let once = When::is(&FailedOrder::at().receive_count, &1);
    table(aws, &env.orders).updating(order_id, failed, once)
}

fn main() {}
