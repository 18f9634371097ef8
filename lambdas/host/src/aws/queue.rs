//! The order queue, and the event that Lambda creates from its messages.

use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName};
use serde_json::{Map, Value, json};

use super::Aws;

/// A delivered message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The message's id.
    pub id: String,
    /// The message's body.
    pub body: String,
    receipt_handle: String,
    attributes: Map<String, Value>,
    message_attributes: Map<String, Value>,
}

impl Message {
    /// Returns a system attribute, such as `SentTimestamp`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }
}

/// The visibility timeout in seconds, as in the committed files for dev.
const HIDDEN: &str = "180";

/// Creates the queue, and returns its URL.
pub(super) fn create(aws: &Aws) -> String {
    let call = aws.sqs.create_queue().queue_name("dofs-dev-order-queue");
    let call = call.attributes(QueueAttributeName::VisibilityTimeout, HIDDEN);
    let url = aws.run(call.send()).queue_url;
    url.unwrap_or_else(|| panic!("SQS returned no URL for the new queue"))
}

impl Aws {
    /// Sends a message to the order queue.
    #[track_caller]
    pub fn send(&self, body: &str) {
        self.run(self.sqs.send_message().queue_url(&self.queue).message_body(body).send());
    }

    /// Sends a message with a number as a message attribute to the order queue.
    #[track_caller]
    pub fn send_with(&self, body: &str, name: &str, number: u32) {
        let value = MessageAttributeValue::builder().data_type("Number");
        let value = value.string_value(number.to_string()).build();
        let value = value
            .unwrap_or_else(|err| panic!("the message attribute {name} cannot be built: {err}"));
        let call = self.sqs.send_message().queue_url(&self.queue).message_body(body);
        self.run(call.message_attributes(name, value).send());
    }

    /// Receives every message of the order queue that is not hidden.
    #[track_caller]
    pub fn messages(&self) -> Vec<Message> {
        let mut messages = Vec::new();
        loop {
            let call = self
                .sqs
                .receive_message()
                .queue_url(&self.queue)
                .max_number_of_messages(10)
                .wait_time_seconds(0)
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .message_attribute_names("All");
            let page = self.run(call.send()).messages.unwrap_or_default();
            if page.is_empty() {
                return messages;
            }
            messages.extend(page.into_iter().map(read));
        }
    }

    /// Returns the number of messages that were delivered and are still hidden.
    #[track_caller]
    pub fn hidden(&self) -> u32 {
        let name = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        let call = self.sqs.get_queue_attributes().queue_url(&self.queue);
        let found = self.run(call.attribute_names(name.clone()).send());
        let number = found.attributes().and_then(|it| it.get(&name)?.parse().ok());
        number.unwrap_or_else(|| panic!("SQS returned no number of hidden messages"))
    }
}

fn read(message: aws_sdk_sqs::types::Message) -> Message {
    let attributes = message.attributes.unwrap_or_default().into_iter();
    let of_the_sender = message.message_attributes.unwrap_or_default().into_iter();
    let value = |it: MessageAttributeValue| {
        let (kind, text) = (it.data_type(), it.string_value());
        json!({
            "stringValue": text, "stringListValues": [], "binaryListValues": [], "dataType": kind,
        })
    };
    Message {
        id: message.message_id.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        receipt_handle: message.receipt_handle.unwrap_or_default(),
        attributes: attributes.map(|(name, it)| (name.as_str().to_owned(), it.into())).collect(),
        message_attributes: of_the_sender.map(|(name, it)| (name, value(it))).collect(),
    }
}

/// Returns the event that Lambda passes to a function for these messages.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event>
pub fn event(messages: &[Message]) -> Value {
    let records = messages.iter().map(|message| {
        json!({
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": message.attributes,
            "messageAttributes": message.message_attributes,
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-south-1:111111111111:dofs-dev-order-queue",
            "awsRegion": "ap-south-1",
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}
