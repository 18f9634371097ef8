//! The event source mapping between the order queue and fulfill_order.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use contracts::{domain::OrderStatus, metric::MessageMetric};
use runtime::item::{Attribute, attribute};
use serde_json::Value;

use super::World;
use crate::{
    branch::{Branch, Handled, Stands},
    clause::Violation,
    facts::Facts,
    fault::Kind,
    plan::Safeguard,
    services::sqs::Delivered,
    watch::order_of,
};

impl World {
    /// Receives some of the visible messages, in any order.
    pub(crate) fn receive(&mut self, facts: &Facts) -> Result<Vec<Delivered>, Violation> {
        let now = self.now;
        let mut visible: Vec<String> = self
            .queue
            .messages
            .iter()
            .filter(|it| it.visible_at <= now)
            .map(|it| it.id.clone())
            .collect();
        self.chance.shuffle(&mut visible);
        if visible.len() > 1 {
            let most = visible.len().min(facts.batch_size);
            let some = self.chance.usize(1..=most);
            if visible.len() > some {
                self.poll_soon(0);
            }
            visible.truncate(some);
        }
        let mut batch = Vec::new();
        for id in visible {
            self.watch.delivered(&id)?;
            let at = self.queue.messages.iter().position(|it| it.id == id);
            let Some(at) = at else { continue };
            let delivered = self.queue.receive(at, now, facts.visibility, facts.max_receive_count);
            match delivered {
                Some(_) if self.faults.strikes(Kind::Burned, now) => {
                    self.say(|| format!("{id} is taken, and not handed over"));
                    if let Some(message) = self.queue.messages.get_mut(at) {
                        message.unanswered += 1;
                    }
                    self.poll_soon(facts.visibility);
                }
                Some(delivered) => {
                    let order = order_of(&self.queue.messages[at].body);
                    let stands = order.and_then(|it| self.stands(&it));
                    self.watch.delivered.insert(delivered.receipt.clone(), stands);
                    if let Some((status, _)) = stands {
                        let is_redriven = delivered.round.is_some();
                        self.watch.reached.delivered(status, delivered.receive_count, is_redriven);
                    }
                    if self.doubles(&id) {
                        // Another server of the queue has a copy, and does not know of the deletion.
                        self.queue.messages[at].visible_at = now;
                        self.poll_soon(0);
                    } else {
                        self.poll_soon(facts.visibility);
                    }
                    batch.push(delivered);
                }
                None => self.say(|| format!("{id} is a dead letter")),
            }
        }
        Ok(batch)
    }

    /// Handles the result of a batch.
    pub(crate) fn batch_ended(
        &mut self,
        batch: &[Delivered],
        answer: Option<&Value>,
        troubled: bool,
    ) {
        if troubled {
            for message in &mut self.queue.messages {
                if batch.iter().any(|it| it.id == message.id) {
                    message.unanswered += 1;
                }
            }
        }
        let Some(failures) = answer.and_then(come_back) else { return };
        let whole = self.plan.without == Some(Safeguard::PartialResponses) && !failures.is_empty();
        for message in batch {
            let failed =
                failures.contains(&message.id.as_str()) || failures.contains(&&*message.receipt);
            self.handled(message, failed);
            if failed {
                continue;
            }
            self.watch.done(&message.id);
            if whole || self.plan.mistake.keeps_messages {
                continue;
            }
            if self.doubles(&message.id) || self.faults.strikes(Kind::Expired, self.now) {
                // A copy of it remains.
                self.watch.ghosts.insert(message.id.clone());
                self.poll_soon(5_000);
            } else {
                self.queue.delete(&message.id);
            }
        }
    }

    /// Notes the branch of the handler that a message reached.
    fn handled(&mut self, message: &Delivered, is_back: bool) {
        let faulted = (MessageMetric::DeliveriesFaulted, message.id.clone());
        let faulted = self.messages.get(&faulted).copied().unwrap_or_default();
        let before = self.watch.faulted.insert(message.id.clone(), faulted);
        let record = format!("message-{}", message.id);
        let branch = Branch::of_message(&Handled {
            before: self.watch.delivered.remove(&message.receipt).flatten(),
            after: order_of(&message.body).and_then(|it| self.stands(&it)),
            is_back,
            is_recorded: self.dynamodb.get("failed_orders", &record).is_some(),
            is_faulted: faulted > before.unwrap_or_default(),
        });
        self.watch.reached.came_to(Some(branch));
    }

    /// Returns the status and the round in an order's record.
    fn stands(&self, order: &str) -> Stands {
        let item = self.dynamodb.get("orders", order)?;
        let number = |it: &Attribute| match it {
            Attribute::Number(it) => it.parse().ok(),
            _ => None,
        };
        let statuses = [OrderStatus::Processing, OrderStatus::Fulfilled, OrderStatus::Failed];
        let status = statuses.into_iter().find(|it| item.get("status") == Some(&attribute(it)))?;
        Some((status, item.get("round").and_then(number).unwrap_or_default()))
    }

    /// Whether the queue delivers a message once more than it should. Each delivery is counted, so this ends.
    fn doubles(&mut self, message: &str) -> bool {
        let doubles = self.faults.strikes(Kind::Doubled, self.now);
        if doubles {
            self.watch.ghosts.insert(message.to_owned());
        }
        doubles
    }
}

/// Returns the messages that return to the queue, by their ids in a function's answer. `None` if all of them return.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>
fn come_back(answer: &Value) -> Option<Vec<&str>> {
    let failures = match &answer["batchItemFailures"] {
        Value::Null => return Some(Vec::new()),
        failures => failures.as_array()?,
    };
    let names = failures.iter().map(|it| it["itemIdentifier"].as_str());
    names.map(|it| it.filter(|it| !it.is_empty())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_without_ids_returns_all_messages() {
        fn check(answer: Value, expected: Option<&[&str]>) {
            assert_eq!(come_back(&answer).as_deref(), expected, "{answer}");
        }
        check(json!({ "batchItemFailures": [{ "itemIdentifier": "m" }] }), Some(&["m"]));
        for all_is_well in [json!({ "batchItemFailures": [] }), json!({}), Value::Null] {
            check(all_is_well, Some(&[]));
        }
        check(json!({ "batchItemFailures": null }), Some(&[]));
        for nameless in [json!({}), json!({ "itemIdentifier": "" }), json!({ "itemIdentifier": 7 })]
        {
            check(json!({ "batchItemFailures": [{ "itemIdentifier": "m" }, nameless] }), None);
        }
        check(json!({ "batchItemFailures": "m" }), None);
    }
}
