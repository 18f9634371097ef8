//! The calls of SQS that functions make.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>

use super::Fault;

/// Puts a message on a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMessage {
    /// The queue's URL.
    pub queue: String,
    /// The text.
    pub body: String,
}

/// Hides a delivered message for so long from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMessageVisibility {
    /// The queue's URL.
    pub queue: String,
    /// Which delivery.
    pub receipt_handle: String,
    /// How long.
    pub seconds: u32,
}

/// SQS.
pub trait Sqs {
    /// Puts a message on a queue.
    fn send_message(&self, call: SendMessage) -> impl Future<Output = Result<(), Fault>>;

    /// Hides a delivered message.
    fn change_message_visibility(
        &self,
        call: ChangeMessageVisibility,
    ) -> impl Future<Output = Result<(), Fault>>;
}
