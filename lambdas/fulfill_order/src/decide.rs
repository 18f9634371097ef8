//! The writes that decide an order. Each has the condition that no other call has decided the order.

use contracts::{
    domain::{OrderId, OrderStatus},
    metric::OrderMetric,
    order::{FailedOrder, OrderRecord},
    reason::FULFILLMENT_FAILED,
};
use function_contract::kept::Kept;
use runtime::{
    expression::{Set, When},
    port::{Clock, DynamoDb, Fault, Meter, Sqs, Write, WriteError},
    table::table,
};

use crate::{FulfillOrder, chance, round::Delivery};

/// The result of an attempt to decide an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The order is fulfilled.
    Fulfilled,
    /// The order failed, and a record has the reason.
    Failed,
    /// Another call decided the order first.
    TooLate,
}

impl<W: DynamoDb + Sqs + Clock + Meter> FulfillOrder<W> {
    /// Decides an order that is not decided yet.
    pub(crate) async fn first(
        &self,
        order: &OrderRecord,
        delivery: &Delivery,
    ) -> Result<Decision, Fault> {
        let at = OrderRecord::at();
        let undecided = When::is(&at.status, &OrderStatus::Processing);
        if !self.draw(&order.order_id, order.round) {
            return self.fail(order, order.round, undecided, delivery).await;
        }
        let fulfilled = self.fulfilled(&order.order_id, order.round);
        let orders = table(&self.world, &self.env.orders);
        let outcome = orders.update(&order.order_id, fulfilled, undecided).await;
        self.concluded(order, outcome, Decision::Fulfilled)
    }

    /// Decides a failed order again, in a later round. If the order is fulfilled now, its failure record is deleted:
    /// exactly the failed orders have one.
    pub(crate) async fn again(
        &self,
        order: &OrderRecord,
        round: u32,
        delivery: &Delivery,
    ) -> Result<Decision, Fault> {
        let at = OrderRecord::at();
        let undecided = When::is(&at.status, &OrderStatus::Failed).and_is(&at.round, &order.round);
        if !self.draw(&order.order_id, round) {
            return self.fail(order, round, undecided, delivery).await;
        }
        let fulfilled = self
            .fulfilled(&order.order_id, round)
            .and(&at.failure_reason, &None)
            .and(&at.failure_timestamp, &None)
            .and(&at.error_message, &None)
            .and(&at.dead_letter, &None)
            .and(&at.round, &round);
        let key = order.order_id.to_string();
        let writes = vec![
            table(&self.world, &self.env.orders).updating(&order.order_id, fulfilled, undecided),
            table(&self.world, &self.env.failed_orders).deleting(&key),
        ];
        self.transact(order, writes, Decision::Fulfilled).await
    }

    /// Writes the failed order and its failure record in one transaction.
    async fn fail(
        &self,
        order: &OrderRecord,
        round: u32,
        undecided: When<OrderRecord>,
        delivery: &Delivery,
    ) -> Result<Decision, Fault> {
        let at = OrderRecord::at();
        let now = self.world.now().timestamp();
        let message = format!("the order could not be fulfilled in round {round}");
        let message = Kept::from(message);
        let failed = Set::to(&at.status, &OrderStatus::Failed)
            .and(&at.updated_at, &now)
            .and(&at.failure_reason, &Some(FULFILLMENT_FAILED.to_owned()))
            .and(&at.failure_timestamp, &Some(now.clone()))
            .and(&at.error_message, &Some(message.clone()))
            .and(&at.round, &round)
            .and(&at.dead_letter, &Some(delivery.message_id.clone()));
        let why = FailedOrder {
            order_id: order.order_id.to_string(),
            original_timestamp: Some(order.created_at.clone()),
            failed_timestamp: now,
            receive_count: delivery.receive_count,
            failure_reason: FULFILLMENT_FAILED.to_owned(),
            error_message: Some(message),
            raw_body: None,
        };
        let writes = vec![
            table(&self.world, &self.env.orders).updating(&order.order_id, failed, undecided),
            table(&self.world, &self.env.failed_orders).putting(&why),
        ];
        self.transact(order, writes, Decision::Failed).await
    }

    async fn transact(
        &self,
        order: &OrderRecord,
        writes: Vec<Write>,
        decision: Decision,
    ) -> Result<Decision, Fault> {
        let outcome = self.world.transact_write_items(writes).await;
        self.concluded(order, outcome, decision)
    }

    fn concluded(
        &self,
        order: &OrderRecord,
        outcome: Result<(), WriteError>,
        decision: Decision,
    ) -> Result<Decision, Fault> {
        let order_id = &order.order_id;
        let metric = match (outcome, decision) {
            (Err(WriteError::ConditionFailed), _) => return Ok(Decision::TooLate),
            (Err(WriteError::Fault(fault)), _) => return Err(fault),
            (Ok(()), Decision::Failed) => OrderMetric::OrdersFailed,
            (Ok(()), _) => OrderMetric::OrdersFulfilled,
        };
        tracing::info!(%order_id, ?decision, "the order is decided");
        self.world.count(&self.env.metrics_namespace, metric, order_id);
        Ok(decision)
    }

    fn draw(&self, order: &OrderId, round: u32) -> bool {
        chance::draw(order, round, *self.env.fulfillment_rate)
    }

    fn fulfilled(&self, order: &OrderId, round: u32) -> Set<OrderRecord> {
        let at = OrderRecord::at();
        let now = self.world.now();
        Set::to(&at.status, &OrderStatus::Fulfilled)
            .and(&at.updated_at, &now.timestamp())
            .and(&at.fulfillment_details, &Some(chance::details(order, round, now)))
    }
}
