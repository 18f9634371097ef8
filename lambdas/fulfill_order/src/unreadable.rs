//! Handles messages that cannot be read, that name no order, or that name an order with an unreadable record. They are
//! recorded with the beginning of their body, and return to the queue until SQS moves them to the dead-letter queue.

use contracts::{
    metric::MessageMetric,
    order::{FailedOrder, OrderAccepted},
};
use function_contract::event::SqsRecord;
use runtime::{
    port::{Clock, DynamoDb, Fault, Meter, Sqs},
    table::table,
};

use crate::{Fate, FulfillOrder, round::Delivery};

impl<W: DynamoDb + Sqs + Clock + Meter> FulfillOrder<W> {
    /// Records why a message cannot be processed. Every delivery writes an item with the same key.
    pub(crate) async fn unreadable(
        &self,
        reason: &str,
        problem: String,
        record: &SqsRecord<OrderAccepted>,
        delivery: &Delivery,
    ) -> Result<Fate, Fault> {
        let message_id = &record.message_id;
        let failed = FailedOrder {
            order_id: format!("message-{message_id}"),
            original_timestamp: delivery.sent.map(|it| it.timestamp()),
            failed_timestamp: self.world.now().timestamp(),
            receive_count: delivery.receive_count,
            failure_reason: reason.to_owned(),
            error_message: Some(problem.into()),
            raw_body: Some(record.body.as_str().into()),
        };
        table(&self.world, &self.env.failed_orders).put(&failed).await?;
        tracing::error!(
            message_id,
            reason,
            "the message or its order cannot be read; failed_orders has a record of the message"
        );
        self.count_message(MessageMetric::MessagesUnreadable, message_id);
        Ok(Fate::Back)
    }
}
