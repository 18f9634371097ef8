//! Stores a valid order as PROCESSING and puts it on the order queue.
//!
//! It is safe to repeat at every point. A repeat after a crash finds the record of the first attempt, and sends the
//! message, which may be missing. A duplicate message is harmless, because `fulfill_order` reads the record first.
//! Without a message, the order would stay PROCESSING until its deadline.

use contracts::{
    domain::{OrderStatus, ValidationStatus},
    functions::{self, OrderStorageEnv, OrderStorageError},
    order::{OrderAccepted, OrderRecord, OrderStored, OrderValidated},
    ordered::Ordered,
};
use function_contract::env::Live;
use runtime::{
    handler::{Failure, Handler, Invocation},
    port::{Clock, DynamoDb, Fault, Sqs, WriteError},
    queue::queue,
    table::table,
};

/// The handler.
pub struct OrderStorage<W> {
    env: OrderStorageEnv<Live>,
    world: W,
}

impl<W: DynamoDb + Sqs + Clock> OrderStorage<W> {
    /// Creates the handler with its environment and its ports.
    pub fn new(env: OrderStorageEnv<Live>, world: W) -> Self {
        OrderStorage { env, world }
    }
}

impl<W: DynamoDb + Sqs + Clock> Handler<functions::OrderStorage> for OrderStorage<W> {
    async fn handle(
        &self,
        order: OrderValidated,
        _: &Invocation,
    ) -> Result<OrderStored, Failure<OrderStorageError>> {
        let orders = table(&self.world, &self.env.orders);
        let order_id = order.order_id.clone();
        let submitted_at = order.submitted_at.clone();
        let record = self.record(order);
        let status = match orders.put_new(&record).await {
            Ok(()) => OrderStatus::Processing,
            Err(WriteError::ConditionFailed) => {
                let found = orders.get(&order_id).await?.ok_or_else(vanished)?;
                if Ordered::from(&found) != Ordered::from(&record) {
                    tracing::error!(%order_id, "another order is stored under this id");
                    return Err(conflict());
                }
                tracing::info!(%order_id, status = ?found.status, "the order is stored already");
                found.status
            }
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        };
        // A decided order needs no message any more.
        if status == OrderStatus::Processing {
            let message = OrderAccepted { order_id: order_id.clone(), submitted_at };
            queue(&self.world, &self.env.queue).send(&message).await?;
            tracing::info!(%order_id, "the order is stored and on the queue");
        }
        Ok(OrderStored { order_id, status })
    }
}

impl<W: DynamoDb + Sqs + Clock> OrderStorage<W> {
    fn record(&self, order: OrderValidated) -> OrderRecord {
        OrderRecord {
            order_id: order.order_id,
            customer_id: order.customer_id.into(),
            product_id: order.product_id.into(),
            quantity: order.quantity.into(),
            price: order.price.into(),
            total_amount: Some(order.total_amount),
            status: OrderStatus::Processing,
            created_at: order.submitted_at,
            updated_at: self.world.now().timestamp(),
            validation_status: ValidationStatus::Valid,
            metadata: order.metadata,
            fulfillment_details: None,
            failure_reason: None,
            failure_timestamp: None,
            error_message: None,
            expires_at: None,
            round: 0,
            dead_letter: None,
        }
    }
}

fn conflict() -> Failure<OrderStorageError> {
    Failure::Named {
        error: OrderStorageError::OrderConflict,
        cause: "another order is stored under this id; it was not changed".to_owned(),
    }
}

/// The fault for a record that was deleted between two calls. A retry reads it again.
fn vanished() -> Failure<OrderStorageError> {
    Failure::Fault(Fault::Unavailable {
        service: "DynamoDB",
        reason: "the record was deleted between two calls".to_owned(),
    })
}
