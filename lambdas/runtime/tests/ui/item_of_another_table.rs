//! A table holds one type of item.

use contracts::{functions::FulfillOrderEnv, order::OrderRecord};
use runtime::{
    port::{DynamoDb, Fault},
    table::table,
};

async fn give_up(
    aws: &impl DynamoDb,
    env: &FulfillOrderEnv,
    order: &OrderRecord,
) -> Result<(), Fault> {
    table(aws, &env.failed_orders).put(order).await
}

fn main() {}
