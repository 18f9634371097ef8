//! An index contains only keys. Reading the record needs another call.

use function_contract::time::Timestamp;
use contracts::{domain::OrderStatus, functions::ReconcileOrdersEnv, order::{ByStatus, OrderRecord}};
use runtime::{port::DynamoDb, table::table};

async fn first(aws: &impl DynamoDb, env: &ReconcileOrdersEnv, before: &Timestamp) -> OrderRecord {
    let orders = table(aws, &env.orders);
    let found = orders.query_below::<ByStatus, _>(&OrderStatus::Processing, before, None, 25).await;
    let (mut page, _) = found.unwrap();
    page.remove(0).unwrap()
}

fn main() {}
