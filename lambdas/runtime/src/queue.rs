//! A typed client for a queue. It has only the calls that the permission includes, and sends the queue's message type.

use function_contract::{
    env::Access,
    kind::{self, Includes, Queue},
    path::Payload,
};

use crate::port::{Call, ChangeMessageVisibility, Fault, SendMessage, Sqs};

/// A client for a queue with messages of the type `M`. It has the calls that `A` includes.
#[derive(Debug)]
pub struct QueueClient<'a, S, M, A> {
    aws: &'a S,
    access: &'a Access<Queue<M>, A>,
}

/// Returns a client for the queue behind `access`.
pub fn queue<'a, S: Sqs, M: Payload, A>(
    aws: &'a S,
    access: &'a Access<Queue<M>, A>,
) -> QueueClient<'a, S, M, A> {
    QueueClient { aws, access }
}

impl<'a, S: Sqs, M: Payload, A> QueueClient<'a, S, M, A> {
    /// Sends a message to the queue.
    ///
    /// # Errors
    ///
    /// If the call fails. The message may be in the queue all the same.
    ///
    /// # Panics
    ///
    /// Never: payloads have a JSON form.
    pub fn send<At>(&self, message: &M) -> Call<'a, Result<(), Fault>>
    where
        A: Includes<kind::SendMessage, At>,
    {
        let body = serde_json::to_string(message).expect("payloads have a JSON form");
        Box::pin(self.aws.send_message(SendMessage { queue: self.url(), body }))
    }

    /// Hides a delivered message for `seconds` from now on.
    ///
    /// # Errors
    ///
    /// If the call fails. The message then returns when its current visibility timeout ends.
    pub fn hide<At>(&self, receipt_handle: &str, seconds: u32) -> Call<'a, Result<(), Fault>>
    where
        A: Includes<kind::ChangeMessageVisibility, At>,
    {
        let receipt_handle = receipt_handle.to_owned();
        let call = ChangeMessageVisibility { queue: self.url(), receipt_handle, seconds };
        Box::pin(self.aws.change_message_visibility(call))
    }

    fn url(&self) -> String {
        self.access.address().to_owned()
    }
}
