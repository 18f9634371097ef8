//! SQS through the AWS SDK.

use std::collections::HashMap;

use aws_sdk_sqs::{
    Client,
    types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue},
};
use futures::FutureExt as _;

use super::{
    Live, Settings, config,
    connect::{ask, patiently},
    due,
    fault::fault,
};
use crate::{
    port::{ChangeMessageVisibility, Fault, SendMessage, Sqs},
    trace,
};

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
        let request = request.queue_url(call.queue).message_body(call.body);
        let request = request.set_message_system_attributes(trace_attribute());
        let sent = request.send().boxed_local().await;
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

/// The current trace, by which Lambda links the trace of whoever takes the message to it.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html>
fn trace_attribute()
-> Option<HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>> {
    let value = MessageSystemAttributeValue::builder().data_type("String");
    // Whatever has a type can be built.
    let value = value.string_value(trace::header()?).build().ok()?;
    Some(HashMap::from([(MessageSystemAttributeNameForSends::AwsTraceHeader, value)]))
}
