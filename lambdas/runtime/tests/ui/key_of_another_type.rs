//! The key of an order is an `OrderId`, not any text.

use contracts::{functions::ApiHandlerEnv, order::OrderRecord};
use runtime::{
    port::{DynamoDb, Fault},
    table::table,
};

async fn find(
    aws: &impl DynamoDb,
    env: &ApiHandlerEnv,
    order_id: &String,
) -> Result<Option<OrderRecord>, Fault> {
    table(aws, &env.orders).get(order_id).await
}

fn main() {}
