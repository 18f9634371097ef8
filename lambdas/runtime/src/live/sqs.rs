//! Calls SQS with the AWS SDK.

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

/// Creates a client with an open connection.
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
        // The maximum of SQS is twelve hours, far more than any of our delays.
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

/// The system attribute with the current trace. Lambda links the trace of the receiving function to it.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html>
fn trace_attribute()
-> Option<HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>> {
    let value = MessageSystemAttributeValue::builder().data_type("String");
    // `build` fails only if the type is missing.
    let value = value.string_value(trace::header()?).build().ok()?;
    Some(HashMap::from([(MessageSystemAttributeNameForSends::AwsTraceHeader, value)]))
}
