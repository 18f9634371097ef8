//! `api_handler` may read orders, but not write them.

use contracts::{functions::ApiHandlerEnv, order::OrderRecord};
use runtime::{port::DynamoDb, table::table};

async fn store(aws: &impl DynamoDb, env: &ApiHandlerEnv, order: &OrderRecord) {
    let _stored = table(aws, &env.orders).put_new(order).await;
}

fn main() {}
