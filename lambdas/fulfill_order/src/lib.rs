//! Takes orders from the queue and fulfils them, or fails them with a record of the reason.
//!
//! The messages of a batch are handled concurrently and independently. A failed message returns to the queue and stays
//! hidden for a growing time, until SQS moves it to the dead-letter queue.
//!
//! - [`round`]: decides what to do with a delivery.
//! - [`chance`]: decides whether a round fulfils the order, and with which details.
//! - [`delay`]: the time that a returned message stays hidden.
//! - [`decide`]: the writes that decide an order.

pub mod chance;
pub mod decide;
pub mod delay;
pub mod round;
mod unreadable;

use contracts::{
    domain::OrderId,
    functions::{self, FulfillOrderEnv},
    metric::MessageMetric,
    order::{OrderAccepted, OrderRecord, ROUND},
};
use function_contract::{
    env::Live,
    error::NoError,
    event::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsRecord},
};
use futures::future::join_all;
use runtime::{
    handler::{Failure, Handler, Invocation},
    moment::Moment,
    port::{Clock, DynamoDb, Fault, Meter, Sqs},
    queue::queue,
    table::table,
};

use crate::{
    decide::Decision,
    round::{Delivery, Meaning, meaning},
};

/// The handler.
pub struct FulfillOrder<W> {
    env: FulfillOrderEnv<Live>,
    world: W,
}

impl<W: DynamoDb + Sqs + Clock + Meter> FulfillOrder<W> {
    /// Creates the handler with its environment and its ports.
    pub fn new(env: FulfillOrderEnv<Live>, world: W) -> Self {
        FulfillOrder { env, world }
    }
}

impl<W: DynamoDb + Sqs + Clock + Meter> Handler<functions::FulfillOrder> for FulfillOrder<W> {
    async fn handle(
        &self,
        batch: SqsEvent<OrderAccepted>,
        _: &Invocation,
    ) -> Result<SqsBatchResponse, Failure<NoError>> {
        let messages = batch.records.iter().map(|record| self.message(record));
        let back = join_all(messages).await.into_iter().zip(&batch.records);
        let back = back.filter(|(fate, _)| *fate == Fate::Back);
        let batch_item_failures =
            back.map(|(_, it)| BatchItemFailure { item_identifier: it.message_id.clone() });
        Ok(SqsBatchResponse { batch_item_failures: batch_item_failures.collect() })
    }
}

/// The result for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Lambda deletes the message.
    Done,
    /// The message returns to the queue.
    Back,
}

/// The number of attempts to decide an order if another call changes its record at the same time. A decision is final
/// or ends a round, so a second attempt is nearly always enough.
const LOOKS: usize = 3;

impl<W: DynamoDb + Sqs + Clock + Meter> FulfillOrder<W> {
    async fn message(&self, record: &SqsRecord<OrderAccepted>) -> Fate {
        let delivery = delivery(record);
        let fate = match serde_json::from_str::<OrderAccepted>(&record.body) {
            Ok(message) => self.order(&message.order_id, record, &delivery).await,
            Err(err) => {
                let problem = format!("the message cannot be read: {err}");
                self.unreadable("UnreadableMessage", problem, record, &delivery).await
            }
        };
        let fate = fate.unwrap_or_else(|fault| {
            tracing::warn!(message_id = record.message_id, error = %fault, "the message returns to the queue");
            self.count_message(MessageMetric::DeliveriesFaulted, &record.message_id);
            Fate::Back
        });
        if fate == Fate::Back {
            self.hide(record, &delivery).await;
        }
        fate
    }

    fn count_message(&self, metric: MessageMetric, message_id: &str) {
        self.world.count_message(&self.env.metrics_namespace, metric, message_id);
    }

    async fn order(
        &self,
        order_id: &OrderId,
        record: &SqsRecord<OrderAccepted>,
        delivery: &Delivery,
    ) -> Result<Fate, Fault> {
        for _ in 0..LOOKS {
            let order: OrderRecord = match table(&self.world, &self.env.orders).get(order_id).await
            {
                Ok(Some(order)) => order,
                Ok(None) => {
                    let problem = "there is no order with the id in the message".to_owned();
                    return self.unreadable("UnknownOrder", problem, record, delivery).await;
                }
                Err(fault @ Fault::Unreadable { .. }) => {
                    return self
                        .unreadable("UnreadableOrder", fault.to_string(), record, delivery)
                        .await;
                }
                Err(fault) => return Err(fault),
            };
            let decision = match meaning(&order, delivery) {
                Meaning::Done => {
                    tracing::info!(%order_id, status = ?order.status, "the order is already decided; the message is deleted");
                    return Ok(Fate::Done);
                }
                Meaning::Back => {
                    tracing::info!(%order_id, "the order has failed; its message returns to the queue until it is a dead letter");
                    return Ok(Fate::Back);
                }
                Meaning::First => self.first(&order, delivery).await?,
                Meaning::Again { round } => self.again(&order, round, delivery).await?,
            };
            match decision {
                Decision::Fulfilled => return Ok(Fate::Done),
                Decision::Failed => return Ok(Fate::Back),
                // Another call decided the order in the meantime: read the record again.
                Decision::TooLate => {}
            }
        }
        Err(Fault::Throttled {
            service: "DynamoDB",
            code: "another call changed the order at every attempt".to_owned(),
        })
    }

    /// Hides the message for its delay. If the call fails, the visibility timeout of the queue applies, which is longer
    /// than the shortest delay.
    async fn hide(&self, record: &SqsRecord<OrderAccepted>, delivery: &Delivery) {
        let seconds = delay::seconds(&record.message_id, delivery.receive_count);
        let orders = queue(&self.world, &self.env.queue);
        if let Err(fault) = orders.hide(&record.receipt_handle, seconds).await {
            tracing::warn!(message_id = record.message_id, error = %fault, "the message cannot be hidden");
        }
    }
}

/// Reads the attributes of a delivery. Missing attributes get the values of the first delivery of a message that was
/// never redriven.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event>
fn delivery(record: &SqsRecord<OrderAccepted>) -> Delivery {
    let number = |name: &str| record.attributes.get(name).and_then(|it| it.parse::<u64>().ok());
    Delivery {
        message_id: record.message_id.clone(),
        sent: number("SentTimestamp").map(Moment::from_millis),
        round: record
            .message_attributes
            .get(ROUND)
            .and_then(|it| it.string_value.as_ref()?.parse().ok()),
        receive_count: number("ApproximateReceiveCount")
            .and_then(|it| u32::try_from(it).ok())
            .unwrap_or(1),
    }
}
