//! SQS through the AWS SDK.

use aws_sdk_sqs::Client;
use futures::FutureExt as _;

use super::{
    Live, Settings, config,
    connect::{ask, patiently},
    due,
    fault::fault,
};
use crate::port::{ChangeMessageVisibility, Fault, SendMessage, Sqs};

const SQS: &str = "SQS";

/// A client with an open connection.
pub(super) async fn connect(settings: &Settings) -> Client {
    let client = Client::from_conf(config!(aws_sdk_sqs, settings));
    patiently(SQS, ask!(aws_sdk_sqs, client, list_queues)).await;
    client
}

impl Sqs for Live {
    async fn send_message(&self, call: SendMessage) -> Result<(), Fault> {
        let request = due(&self.sqs, SQS)?.send_message();
        let sent = request.queue_url(call.queue).message_body(call.body).send().boxed_local().await;
        sent.map(drop).map_err(|err| fault(SQS, &err))
    }

    async fn change_message_visibility(&self, call: ChangeMessageVisibility) -> Result<(), Fault> {
        // The bound is twelve hours; we stay far below.
        let seconds = i32::try_from(call.seconds).unwrap_or(43_200);
        due(&self.sqs, SQS)?
            .change_message_visibility()
            .queue_url(call.queue)
            .receipt_handle(call.receipt_handle)
            .visibility_timeout(seconds)
            .send()
            .boxed_local()
            .await
            .map(drop)
            .map_err(|err| fault(SQS, &err))
    }
}
