//! Functions that take messages from a queue, and handle each message alone.

use std::marker::PhantomData;

use function_contract::{
    Contract,
    error::NoError,
    event::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsRecord},
};
use futures::future::join_all;
use serde::de::DeserializeOwned;

use crate::{
    handler::{Failure, Handler, Invocation},
    port::Fault,
};

/// Returns what makes a handler of an environment `E` and ports `W` that calls `each` with every message of a batch.
///
/// The messages are handled concurrently. One that fails, or that is not an `M`, returns to the queue, and SQS moves it to the
/// dead-letter queue after the last attempt. The others are deleted. SQS may deliver a message twice, so a second call
/// with the same message must do no harm.
pub fn each<E, W, M, F>(each: F) -> impl FnOnce(E, W) -> Messages<E, W, M, F>
where
    F: AsyncFn(&E, &W, M) -> Result<(), Fault>,
{
    |env, world| Messages { env, world, each, message: PhantomData }
}

/// The handler that [`each`] makes.
pub struct Messages<E, W, M, F> {
    env: E,
    world: W,
    each: F,
    message: PhantomData<fn(M)>,
}

impl<C, E, W, M, F> Handler<C> for Messages<E, W, M, F>
where
    C: Contract<Input = SqsEvent<M>, Output = SqsBatchResponse, Error = NoError>,
    M: DeserializeOwned,
    F: AsyncFn(&E, &W, M) -> Result<(), Fault>,
{
    async fn handle(
        &self,
        batch: SqsEvent<M>,
        _: &Invocation,
    ) -> Result<SqsBatchResponse, Failure<NoError>> {
        let failures = join_all(batch.records.iter().map(|it| self.failure(it))).await;
        Ok(SqsBatchResponse { batch_item_failures: failures.into_iter().flatten().collect() })
    }
}

impl<E, W, M, F> Messages<E, W, M, F>
where
    M: DeserializeOwned,
    F: AsyncFn(&E, &W, M) -> Result<(), Fault>,
{
    /// Handles one message, and returns it if it goes back to the queue.
    async fn failure(&self, record: &SqsRecord<M>) -> Option<BatchItemFailure> {
        let done = match serde_json::from_str(&record.body) {
            Ok(message) => {
                (self.each)(&self.env, &self.world, message).await.map_err(|it| it.to_string())
            }
            Err(err) => Err(format!("the message cannot be read: {err}")),
        };
        let error = done.err()?;
        tracing::warn!(message_id = record.message_id, error, "the message returns to the queue");
        Some(BatchItemFailure { item_identifier: record.message_id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use contracts::{functions::FulfillOrder, order::OrderAccepted};
    use futures::FutureExt as _;
    use serde_json::json;

    use super::*;
    use crate::moment::Moment;

    /// Fails with the messages of one order.
    async fn fails(of: &&str, (): &(), message: OrderAccepted) -> Result<(), Fault> {
        match message.order_id.as_str() == *of {
            true => Err(Fault::Throttled { service: "SQS", code: "Throttled".to_owned() }),
            false => Ok(()),
        }
    }

    #[test]
    fn a_message_that_fails_or_cannot_be_read_returns_alone() {
        const GOOD: &str = "0192f0c1-2d3e-7a4b-8c5d-000000000001";
        const BAD: &str = "0192f0c1-2d3e-7a4b-8c5d-000000000002";
        let order = |id: &str| json!({ "orderId": id, "submittedAt": "2023-11-14T22:13:19.000Z" });
        let records = [
            ("good", order(GOOD).to_string()),
            ("throttled", order(BAD).to_string()),
            ("unreadable", "{".to_owned()),
        ];
        let records = records
            .map(|(id, body)| json!({ "messageId": id, "receiptHandle": "r", "body": body }));
        let batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        let invocation =
            Invocation { request_id: "r".to_owned(), deadline: Moment::from_millis(0) };
        let handler = each(fails)(BAD, ());
        let answer = Handler::<FulfillOrder>::handle(&handler, batch, &invocation);
        let answer = answer.now_or_never().expect("nothing waits").unwrap();
        let back = answer.batch_item_failures.into_iter().map(|it| it.item_identifier);
        assert_eq!(back.collect::<Vec<_>>(), ["throttled", "unreadable"]);
    }
}
