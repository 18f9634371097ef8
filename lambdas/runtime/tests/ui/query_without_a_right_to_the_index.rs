//! `order_storage` may not query the index of the orders.

use function_contract::time::Timestamp;
use contracts::{domain::OrderStatus, functions::OrderStorageEnv, order::ByStatus};
use runtime::{port::DynamoDb, table::table};

async fn waiting(aws: &impl DynamoDb, env: &OrderStorageEnv, before: &Timestamp) {
    let orders = table(aws, &env.orders);
    let _page = orders.query_below::<ByStatus, _>(&OrderStatus::Processing, before, None, 25).await;
}

fn main() {}
