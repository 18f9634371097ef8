//! The queues other than `order_queue`. The function that listens to such a queue gets each message in a batch of one,
//! and SQS delivers it again while the function fails, up to the maximum receive count. Messages are neither duplicated
//! nor reordered here: the simulation does that with `order_queue`.

use serde_json::{Value, json};

use crate::{
    clause::{Clause, Violation},
    run::{Caller, Run},
    world::Event,
};

/// A message that is delivered to a function.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) queue: String,
    pub(crate) body: String,
    /// How often it was delivered before.
    pub(crate) received: u32,
}

impl Message {
    pub(crate) fn new(queue: &str, body: String) -> Self {
        Message { queue: queue.to_owned(), body, received: 0 }
    }
}

impl Run<'_> {
    /// Delivers a message to the function that listens to its queue.
    pub(crate) fn listen(&mut self, mut message: Message) -> Result<(), Violation> {
        let Some(function) = self.facts.listeners.get(&message.queue) else {
            let what = format!("no function listens to {}", message.queue);
            return Err(Violation::new(Clause::ListenerIsThere, what));
        };
        message.received += 1;
        let record = {
            let mut world = self.world.borrow_mut();
            let id = format!("message-beside-{}", world.fresh());
            world.say(|| format!("{} brings {id} to {function}", message.queue));
            json!({
                "messageId": id,
                "receiptHandle": id,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.received.to_string(),
                    "SentTimestamp": world.now.to_string(),
                },
            })
        };
        self.start(function, json!({ "Records": [record] }), Caller::Listener(message))
    }

    /// Handles the answer of the function, or its absence.
    pub(crate) fn listened(&mut self, message: Message, answer: Option<&Value>) {
        if !taken(answer) && message.received < self.facts.max_receive_count {
            self.world.borrow_mut().at(self.facts.visibility, Event::Message(message));
        }
    }
}

/// Whether the only message of a batch was handled.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
fn taken(answer: Option<&Value>) -> bool {
    let failures = answer.map(|it| it["batchItemFailures"].as_array().map_or(0, Vec::len));
    failures == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{facts::Facts, fault::FaultPlan, plan::Plan, world::World};

    /// Returns the story of a message on `queue`, line by line.
    fn story(queue: &str, listener: &str, body: &str) -> (Result<(), Violation>, String) {
        let mut facts = Facts::of_dev().unwrap();
        facts.listeners.insert("listened_to".to_owned(), listener.to_owned());
        let plan = Plan::calm(0, FaultPlan::none());
        let mut world = World::new(&facts, &plan, 1, true);
        world.at(0, Event::Message(Message::new(queue, body.to_owned())));
        let mut run = Run::new(&facts, world);
        let result = run.every_event();
        let story = run.world.borrow().story.to_string();
        (result, story)
    }

    #[test]
    fn a_message_is_deleted_if_the_answer_names_no_failure() {
        fn check(answer: Option<Value>, expected: bool) {
            assert_eq!(taken(answer.as_ref()), expected, "{answer:?}");
        }
        check(Some(json!({ "batchItemFailures": [] })), true);
        check(Some(json!({ "batchItemFailures": [{ "itemIdentifier": "a" }] })), false);
        // For AWS, an answer without the list is a success, and a missing answer is a failure.
        check(Some(json!({})), true);
        check(None, false);
    }

    #[test]
    fn a_failing_message_is_delivered_again_until_it_is_a_dead_letter() {
        // validator cannot handle a batch.
        let (result, story) = story("listened_to", "validator", "{}");
        let most = Facts::of_dev().unwrap().max_receive_count as usize;
        assert!(result.is_ok());
        assert_eq!(story.matches("listened_to brings").count(), most, "{story}");
    }

    #[test]
    fn a_queue_without_a_listener_breaks_the_run() {
        let (result, _) = story("nobodys", "validator", "{}");
        assert!(format!("{:?}", result.unwrap_err()).contains("no function listens to nobodys"));
    }
}
