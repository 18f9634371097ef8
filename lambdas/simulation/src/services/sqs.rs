//! A standard queue and its dead letters: at-least-once delivery, in any order.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html>

use runtime::port::Fault;

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The id. A redrive from the dead-letter queue gives the message another one.
    pub id: String,
    /// The text.
    pub body: String,
    /// The round that the redrive requested: an attribute of the message.
    pub round: Option<u32>,
    /// The time when it was sent. It does not change when SQS moves the message to the dead letters.
    pub sent: u64,
    /// The receive count.
    pub receive_count: u32,
    /// The time until which it is hidden.
    pub visible_at: u64,
    /// The receipt of the last delivery.
    receipt: String,
    /// How many deliveries had no answer.
    pub unanswered: u32,
}

/// A message that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Its id.
    pub id: String,
    /// The handle of this delivery.
    pub receipt: String,
    /// The text.
    pub body: String,
    /// The round that it requests.
    pub round: Option<u32>,
    /// The time when it was sent.
    pub sent: u64,
    /// The receive count, including this delivery.
    pub receive_count: u32,
}

/// A queue with its dead letters.
#[derive(Debug, Default)]
pub struct Queue {
    /// Messages that wait or are being handled.
    pub messages: Vec<Message>,
    /// Messages that were delivered too often.
    pub dead: Vec<Message>,
    count: u64,
}

impl Queue {
    /// Adds a message.
    pub(crate) fn send(&mut self, body: String, round: Option<u32>, now: u64) -> String {
        let id = self.fresh("message");
        self.messages.push(Message {
            id: id.clone(),
            body,
            round,
            sent: now,
            receive_count: 0,
            visible_at: now,
            receipt: String::new(),
            unanswered: 0,
        });
        id
    }

    /// Delivers the message at `at`, or moves it to the dead letters if the maximum receive count is
    /// reached.
    pub(crate) fn receive(
        &mut self,
        at: usize,
        now: u64,
        hidden_for: u64,
        max_receive_count: u32,
    ) -> Option<Delivered> {
        if self.messages[at].receive_count >= max_receive_count {
            let message = self.messages.remove(at);
            self.dead.push(message);
            return None;
        }
        let receipt = self.fresh("receipt");
        let message = &mut self.messages[at];
        message.receive_count += 1;
        message.visible_at = now + hidden_for;
        message.receipt = receipt.clone();
        Some(Delivered {
            id: message.id.clone(),
            receipt,
            body: message.body.clone(),
            round: message.round,
            sent: message.sent,
            receive_count: message.receive_count,
        })
    }

    /// Hides a delivered message for this time from now on.
    ///
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html>
    pub(crate) fn hide(&mut self, receipt: &str, now: u64, span: u64) -> Result<u64, Fault> {
        let refused = |code: &str, message: &str| Fault::Refused {
            service: "SQS",
            code: code.to_owned(),
            message: message.to_owned(),
        };
        let message = self.messages.iter_mut().find(|it| it.receipt == receipt);
        let Some(message) = message else {
            let gone = "the message is gone, or was delivered again";
            return Err(refused("ReceiptHandleIsInvalid", gone));
        };
        if message.visible_at <= now {
            return Err(refused("MessageNotInflight", "the message is visible again"));
        }
        message.visible_at = now + span;
        Ok(message.visible_at)
    }

    /// Deletes a message.
    pub(crate) fn delete(&mut self, id: &str) -> Option<Message> {
        let at = self.messages.iter().position(|it| it.id == id)?;
        Some(self.messages.remove(at))
    }

    /// Redrives a dead letter, which gets a new id, a new time and a new count. It keeps its attributes, unless a round
    /// is requested.
    ///
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>
    pub(crate) fn redrive(&mut self, at: usize, round: Option<u32>, now: u64) {
        let letter = self.dead.remove(at);
        self.send(letter.body, round.or(letter.round), now);
    }

    fn fresh(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{what}-{}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_hidden_by_its_last_delivery_and_while_it_is_hidden() {
        #[track_caller]
        fn check(queue: &mut Queue, receipt: &str, now: u64, expected: &str) {
            let said = match queue.hide(receipt, now, 500) {
                Ok(until) => until.to_string(),
                Err(Fault::Refused { code, .. }) => code,
                Err(other) => panic!("{other}"),
            };
            assert_eq!(said, expected);
        }
        let mut queue = Queue::default();
        queue.send("body".to_owned(), None, 0);
        let first = queue.receive(0, 0, 100, 3).unwrap().receipt;
        check(&mut queue, &first, 99, "599");
        check(&mut queue, &first, 599, "MessageNotInflight");
        let second = queue.receive(0, 600, 100, 3).unwrap().receipt;
        check(&mut queue, &first, 600, "ReceiptHandleIsInvalid");
        check(&mut queue, &second, 600, "1100");
    }
}
