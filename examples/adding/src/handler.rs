//! The contents of `lambdas/announce_order/src/lib.rs`.

use crate::contract as functions;

// guide: handler
use contracts::order::OrderStored;
use function_contract::{
    env::Live,
    error::NoError,
    event::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsRecord},
};
use runtime::{
    handler::{Failure, Handler, Invocation},
    port::{DynamoDb, Fault},
    table::table,
};

/// The handler.
pub struct AnnounceOrder<W> {
    env: functions::AnnounceOrderEnv<Live>,
    world: W,
}

impl<W: DynamoDb> AnnounceOrder<W> {
    /// Creates the handler with its environment and its ports.
    pub fn new(env: functions::AnnounceOrderEnv<Live>, world: W) -> Self {
        AnnounceOrder { env, world }
    }

    async fn announce(&self, record: &SqsRecord<OrderStored>) -> Result<(), Fault> {
        let Ok(stored) = serde_json::from_str::<OrderStored>(&record.body) else {
            tracing::warn!(message_id = record.message_id, "the message cannot be read");
            return Ok(());
        };
        // The client has `get`, because the type of the environment includes GetItem. It has no `put`.
        match table(&self.world, &self.env.orders).get(&stored.order_id).await? {
            Some(order) => tracing::info!(order_id = %order.order_id, "the order is announced"),
            None => tracing::warn!(order_id = %stored.order_id, "there is no such order"),
        }
        Ok(())
    }
}

impl<W: DynamoDb> Handler<functions::AnnounceOrder> for AnnounceOrder<W> {
    async fn handle(
        &self,
        batch: SqsEvent<OrderStored>,
        _: &Invocation,
    ) -> Result<SqsBatchResponse, Failure<NoError>> {
        let mut batch_item_failures = Vec::new();
        for record in &batch.records {
            if let Err(fault) = self.announce(record).await {
                tracing::warn!(message_id = record.message_id, %fault, "the message returns to the queue");
                let item_identifier = record.message_id.clone();
                batch_item_failures.push(BatchItemFailure { item_identifier });
            }
        }
        Ok(SqsBatchResponse { batch_item_failures })
    }
}
// end
