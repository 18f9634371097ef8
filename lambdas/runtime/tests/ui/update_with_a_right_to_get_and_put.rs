//! `order_storage` may write new orders, but not update existing ones, also not in a transaction.

use contracts::{domain::{OrderId, OrderStatus}, functions::OrderStorageEnv, order::OrderRecord};
use runtime::{
    expression::{Set, When},
    port::{DynamoDb, Write},
    table::table,
};

async fn fail(aws: &impl DynamoDb, env: &OrderStorageEnv, order_id: &OrderId) -> Write {
    let at = OrderRecord::at();
    let failed = Set::to(&at.status, &OrderStatus::Failed);
    let undecided = When::is(&at.status, &OrderStatus::Processing);
    table(aws, &env.orders).updating(order_id, failed, undecided)
}

fn main() {}
