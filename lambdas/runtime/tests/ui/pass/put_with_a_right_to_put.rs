//! `order_storage` may write orders.

use contracts::{functions::OrderStorageEnv, order::OrderRecord};
use runtime::{port::DynamoDb, table::table};

async fn store(aws: &impl DynamoDb, env: &OrderStorageEnv, order: &OrderRecord) {
    let _stored = table(aws, &env.orders).put_new(order).await;
}

fn main() {}
