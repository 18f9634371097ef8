//! Closes orders that are still PROCESSING past their deadline: FAILED, with a record that says why.
//!
//! Whatever became of the message, no order is left behind. The index that is searched has only keys and lags behind its
//! table, so each order is read, and closed on the condition that nobody else has decided it.

use std::time::Duration;

use contracts::{
    domain::OrderStatus,
    env::Live,
    error::NoError,
    event::Tick,
    functions::{self, ReconcileOrdersEnv},
    item::IndexedBy,
    kept::Kept,
    metric::OrderMetric,
    order::{ByStatus, FailedOrder, OrderRecord},
    reason::DEADLINE_PASSED,
};
use futures::future::join_all;
use runtime::{
    expression::{Set, When},
    handler::{Failure, Handler, Invocation},
    port::{Clock, DynamoDb, Fault, Meter, WriteError},
    table::{Unreadable, table},
};

/// Orders that are closed at once.
const PAGE: u16 = 25;

/// What a page may take at the worst, three calls of three seconds one after the other, and some more. Without so much
/// time left, the rest waits for the next tick.
const PAGE_TIME: Duration = Duration::from_secs(11);

/// The function.
pub struct ReconcileOrders<W> {
    env: ReconcileOrdersEnv<Live>,
    world: W,
}

impl<W: DynamoDb + Clock + Meter> ReconcileOrders<W> {
    /// The function in its world.
    pub fn new(env: ReconcileOrdersEnv<Live>, world: W) -> Self {
        ReconcileOrders { env, world }
    }
}

impl<W: DynamoDb + Clock + Meter> Handler<functions::ReconcileOrders> for ReconcileOrders<W> {
    /// One order that cannot be read or closed does not keep the others from it. The fault is raised at the
    /// end, so that Lambda tries again and an alarm sees it.
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
    /// Closes an order, and says whether it was this call that did.
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
