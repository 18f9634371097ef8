//! The contents of `lambdas/announce_order/src/lib.rs`.

use crate::contract::AnnounceOrderEnv;

// guide: handler
use contracts::order::OrderStored;
use function_contract::env::Live;
use runtime::{
    port::{DynamoDb, Fault},
    table::table,
};

/// Announces one order.
pub async fn announce(
    env: &AnnounceOrderEnv<Live>,
    world: &impl DynamoDb,
    stored: OrderStored,
) -> Result<(), Fault> {
    let order = table(world, &env.orders).get(&stored.order_id).await?;
    tracing::info!(order_id = %stored.order_id, found = order.is_some(), "the order is announced");
    Ok(())
}
// end
