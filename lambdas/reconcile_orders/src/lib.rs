//! Closes orders that are still PROCESSING after their deadline as FAILED, with a record of the reason.
//!
//! So no order stays undecided, even if its message is lost. The index has only keys and is eventually consistent, so
//! the function reads each order, and closes it on the condition that no other call has decided it.

use std::time::Duration;

use contracts::{
    domain::OrderStatus,
    functions::{self, ReconcileOrdersEnv},
    metric::OrderMetric,
    order::{ByStatus, FailedOrder, OrderRecord},
    reason::DEADLINE_PASSED,
};
use function_contract::{env::Live, error::NoError, event::Tick, item::IndexedBy, kept::Kept};
use futures::future::join_all;
use runtime::{
    expression::{Set, When},
    handler::{Failure, Handler, Invocation},
    port::{Clock, DynamoDb, Fault, Meter, WriteError},
    table::{Unreadable, table},
};

/// The number of orders that are closed concurrently.
const PAGE: u16 = 25;

/// The longest time for a page: three calls of three seconds one after the other, and a reserve. If less time is left,
/// the function ends, and its next run continues.
const PAGE_TIME: Duration = Duration::from_secs(11);

/// The handler.
pub struct ReconcileOrders<W> {
    env: ReconcileOrdersEnv<Live>,
    world: W,
}

impl<W: DynamoDb + Clock + Meter> ReconcileOrders<W> {
    /// Creates the handler with its environment and its ports.
    pub fn new(env: ReconcileOrdersEnv<Live>, world: W) -> Self {
        ReconcileOrders { env, world }
    }
}

impl<W: DynamoDb + Clock + Meter> Handler<functions::ReconcileOrders> for ReconcileOrders<W> {
    /// An order that cannot be read or closed does not stop the others. The function returns the fault at the end, so
    /// that Lambda retries and an alarm fires.
    async fn handle(&self, _: Tick, invocation: &Invocation) -> Result<(), Failure<NoError>> {
        let limit = u64::from(self.env.processing_deadline.seconds());
        let due = self.world.now().before(Duration::from_secs(limit)).timestamp();
        let orders = table(&self.world, &self.env.orders);
        let (mut closed, mut fault, mut after) = (0, None, None);
        loop {
            if self.world.now() + PAGE_TIME > invocation.deadline {
                tracing::warn!(closed, "no time is left for another page; the next run continues");
                break;
            }
            let (page, next) = orders
                .query_below::<ByStatus, _>(&OrderStatus::Processing, &due, after, PAGE)
                .await?;
            for outcome in join_all(page.into_iter().map(|order| self.close(order))).await {
                match outcome {
                    Ok(true) => closed += 1,
                    Ok(false) => {}
                    Err(err) => fault = Some(err),
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        tracing::info!(closed, "orders past their deadline were closed");
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

impl<W: DynamoDb + Clock + Meter> ReconcileOrders<W> {
    /// Closes an order. Returns whether this call closed it.
    async fn close(&self, found: Result<IndexedBy<ByStatus>, Unreadable>) -> Result<bool, Fault> {
        let order_id = &found.inspect_err(|it| unreadable(&it.key, &it.problem))?.key;
        let order = table(&self.world, &self.env.orders).get(order_id).await;
        let order = order.inspect_err(|err| match err {
            Fault::Unreadable { .. } => unreadable(order_id.as_str(), err),
            _ => tracing::warn!(%order_id, error = %err, "the call to read the order's record failed"),
        })?;
        let Some(order) = order else { return Ok(false) };
        let at = OrderRecord::at();
        let now = self.world.now().timestamp();
        let minutes = self.env.processing_deadline.get();
        let message = format!("the order was not decided within {minutes} minutes");
        let message = Kept::from(message);
        let failed = Set::to(&at.status, &OrderStatus::Failed)
            .and(&at.updated_at, &now)
            .and(&at.failure_reason, &Some(DEADLINE_PASSED.to_owned()))
            .and(&at.failure_timestamp, &Some(now.clone()))
            .and(&at.error_message, &Some(message.clone()));
        let why = FailedOrder {
            order_id: order_id.to_string(),
            original_timestamp: Some(order.created_at.clone()),
            failed_timestamp: now,
            receive_count: 0,
            failure_reason: DEADLINE_PASSED.to_owned(),
            error_message: Some(message),
            raw_body: None,
        };
        let undecided = When::is(&at.status, &OrderStatus::Processing);
        let writes = vec![
            table(&self.world, &self.env.orders).updating(order_id, failed, undecided),
            table(&self.world, &self.env.failed_orders).putting(&why),
        ];
        match self.world.transact_write_items(writes).await {
            Ok(()) => {
                tracing::warn!(%order_id, minutes, "the order was not decided in time");
                for metric in [OrderMetric::OrdersStuck, OrderMetric::OrdersFailed] {
                    self.world.count(&self.env.metrics_namespace, metric, order_id);
                }
                Ok(true)
            }
            Err(WriteError::ConditionFailed) => Ok(false),
            Err(WriteError::Fault(fault)) => {
                tracing::warn!(%order_id, error = %fault, "the call to close the order failed");
                Err(fault)
            }
        }
    }
}

fn unreadable(order_id: &str, problem: &dyn std::fmt::Display) {
    tracing::error!(
        order_id,
        %problem,
        "the order's record cannot be read; the order stays PROCESSING"
    );
}

#[cfg(test)]
mod tests;
