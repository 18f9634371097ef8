//! The SQS calls that the functions make.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>

use super::Fault;

/// Sends a message to a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMessage {
    /// The queue's URL.
    pub queue: String,
    /// The message body.
    pub body: String,
}

/// Hides a delivered message for a time from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMessageVisibility {
    /// The queue's URL.
    pub queue: String,
    /// The receipt handle of the delivery.
    pub receipt_handle: String,
    /// The time in seconds.
    pub seconds: u32,
}

/// SQS.
pub trait Sqs {
    /// Sends a message to a queue.
    fn send_message(&self, call: SendMessage) -> impl Future<Output = Result<(), Fault>>;

    /// Hides a delivered message.
    fn change_message_visibility(
        &self,
        call: ChangeMessageVisibility,
    ) -> impl Future<Output = Result<(), Fault>>;
}
