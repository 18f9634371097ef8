//! An order's record is decided once, so no function may replace it.

use contracts::{functions::OrderStorageEnv, order::OrderRecord};
use runtime::{
    port::{DynamoDb, Fault},
    table::table,
};

async fn store(
    aws: &impl DynamoDb,
    env: &OrderStorageEnv,
    order: &OrderRecord,
) -> Result<(), Fault> {
    table(aws, &env.orders).put(order).await
}

fn main() {}
