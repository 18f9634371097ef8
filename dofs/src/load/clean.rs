//! Deletes the dead letters of the orders that a load test has placed. Each order that fails by design leaves a dead letter,
//! which an operator could take for a customer's order.

use std::{collections::BTreeSet, time::Duration};

use contracts::{domain::OrderId, order::OrderAccepted};
use fulfill_order::delay;
use infra_gen::config::Environment;
use tokio::time::{Instant, sleep};

use crate::{aws::AwsContext as _, interrupt::Interrupt, system::Services};

/// The largest number of messages in one `ReceiveMessage`.
const AT_ONCE: i32 = 10;
/// The duration of one pass through the queue, and the visibility timeout during it: so a pass sees each message once.
const LOOK: Duration = Duration::from_secs(20);
/// The time between two passes, in which other receivers see all messages.
const PAUSE: Duration = Duration::from_secs(20);
/// The time that SQS takes to move a message, and a pass takes to find it.
const MARGIN: Duration = Duration::from_secs(120);

/// Returns the longest time from an order's failure until its message can be deleted.
pub fn longest(environment: Environment) -> Duration {
    let deliveries = environment.config().max_receive_count.get();
    let hidden: u32 = (1..=u32::from(deliveries)).map(delay::longest).sum();
    Duration::from_secs(hidden.into()) + MARGIN
}

/// The rest after a clean-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The orders whose dead letters were not found.
    pub orders: BTreeSet<OrderId>,
    /// The error of the last pass.
    pub problem: Option<String>,
}

impl Left {
    /// Returns a warning that lists the remaining dead letters, with what to do about them.
    pub(super) fn text(&self, queue: &str, options: &str) -> String {
        let orders: String = self.orders.iter().map(|it| format!("\n  {it}")).collect();
        let problem = self
            .problem
            .as_ref()
            .map(|it| format!("\nthe last attempt to read the queue failed: {it}"));
        format!(
            "warning: the dead letters of these orders were not found in {queue}:{orders}{}\n  \
             fix: put one back on the order queue with `dofs redrive{options} --order ORDER_ID`, or delete it in \
             the SQS console (Send and receive messages, Poll for messages, Delete); SQS deletes it 14 days \
             after it was sent",
            problem.unwrap_or_default()
        )
    }
}

/// Deletes the dead letters of these orders, and no others. An order may have several. It receives messages until it has found
/// a dead letter of each order, its time is over, or Ctrl-C. It repeats failed calls of SQS.
pub async fn clean_up(
    system: &Services,
    orders: BTreeSet<OrderId>,
    within: Duration,
    interrupt: &Interrupt,
) -> Left {
    let mut left = Left { orders: orders.clone(), problem: None };
    let until = Instant::now() + within;
    while !left.orders.is_empty() && !interrupt.asked() {
        // A message that was deleted before an error is removed from `orders`, too.
        let looked = look(system, &orders, &mut left.orders).await;
        left.problem = looked.err().map(|err| format!("{err:#}"));
        let pause = PAUSE.min(until.saturating_duration_since(Instant::now()));
        if pause.is_zero() {
            break;
        }
        if !left.orders.is_empty() {
            interrupt.unless(sleep(pause)).await;
        }
    }
    left
}

/// Passes through all dead letters once, and deletes those of the orders.
async fn look(
    system: &Services,
    orders: &BTreeSet<OrderId>,
    left: &mut BTreeSet<OrderId>,
) -> anyhow::Result<()> {
    let name = &system.names.dead_letters;
    let queue = system.queue_url(name).await?;
    let end = Instant::now() + LOOK;
    while Instant::now() < end {
        let answer = system
            .sqs
            .receive_message()
            .queue_url(&queue)
            .max_number_of_messages(AT_ONCE)
            .visibility_timeout(i32::try_from(LOOK.as_secs()).unwrap_or(i32::MAX))
            // With long polling, SQS asks all of its servers, so an empty answer means that the queue is empty.
            .wait_time_seconds(1)
            .send()
            .await
            .aws_context(|| format!("the dead letters in {name} cannot be received"))?;
        let letters = answer.messages.unwrap_or_default();
        if letters.is_empty() {
            break;
        }
        for letter in letters {
            let body = letter.body.as_deref().unwrap_or_default();
            let Ok(message) = serde_json::from_str::<OrderAccepted>(body) else { continue };
            let (true, Some(receipt)) = (orders.contains(&message.order_id), letter.receipt_handle)
            else {
                continue;
            };
            let delete = system.sqs.delete_message().queue_url(&queue).receipt_handle(receipt);
            delete.send().await.aws_context(|| {
                format!("the dead letter of {} in {name} cannot be deleted", message.order_id)
            })?;
            left.remove(&message.order_id);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, thread};

    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
    use serde_json::{Value, json};
    use tiny_http::{Response, Server};

    use super::*;
    use crate::http::direct_client;

    const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";

    /// Cleans up one order's dead letter within a second. A fake SQS gives these answers to `ReceiveMessage` in turn, and then
    /// repeats the last one. Returns what remains, and the receipts of the deleted messages.
    async fn cleaned(answers: &[(u16, Value)]) -> (Left, Vec<String>) {
        let server = Server::http("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.server_addr());
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(&url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(direct_client())
            .build();
        let mut answers: VecDeque<_> = answers.iter().cloned().collect();
        let queue = json!({ "QueueUrl": format!("{url}/1/letters") });
        let (deleted, receipts) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for mut request in server.incoming_requests() {
                let target = request.headers().iter().find(|it| it.field.equiv("X-Amz-Target"));
                let target = target.unwrap().value.as_str().to_owned();
                let body: Value = serde_json::from_reader(request.as_reader()).unwrap();
                let (status, answer) = match target.as_str() {
                    "AmazonSQS.GetQueueUrl" => (200, queue.clone()),
                    "AmazonSQS.DeleteMessage" => {
                        deleted.send(body["ReceiptHandle"].as_str().unwrap().to_owned()).unwrap();
                        (200, json!({}))
                    }
                    _ if answers.len() > 1 => answers.pop_front().unwrap(),
                    _ => answers[0].clone(),
                };
                let answer = Response::from_string(answer.to_string()).with_status_code(status);
                request.respond(answer).unwrap();
            }
        });
        let system = Services::new(Environment::Dev, &config, None);
        let orders = BTreeSet::from([ORDER.to_owned().try_into().unwrap()]);
        let within = Duration::from_secs(1);
        let left = clean_up(&system, orders, within, &Interrupt::never()).await;
        (left, receipts.try_iter().collect())
    }

    fn letter(order: &str) -> (u16, Value) {
        let body = json!({ "orderId": order, "submittedAt": "2025-07-20T13:06:28.324Z" });
        let message =
            json!({ "MessageId": order, "ReceiptHandle": order, "Body": body.to_string() });
        (200, json!({ "Messages": [message] }))
    }

    #[tokio::test]
    async fn a_look_that_fails_does_not_end_it() {
        let refused =
            (400, json!({ "__type": "com.amazonaws.sqs#AccessDeniedException", "message": "no" }));
        let (left, deleted) = cleaned(&[refused.clone(), letter(ORDER), (200, json!({}))]).await;
        assert_eq!((left.orders.len(), left.problem), (0, None));
        assert_eq!(deleted, [ORDER]);
        let (left, deleted) = cleaned(&[refused]).await;
        assert_eq!((left.orders.len(), deleted.len()), (1, 0));
        let problem = left.problem.unwrap();
        let said =
            "cannot be received: AccessDeniedException: no\n  fix: use a role with permission";
        assert!(problem.contains(said), "{problem}");
    }

    #[tokio::test]
    async fn every_letter_of_an_order_is_deleted() {
        let (left, deleted) = cleaned(&[letter(ORDER), letter(ORDER), (200, json!({}))]).await;
        assert_eq!((left.orders.len(), left.problem), (0, None));
        assert_eq!(deleted, [ORDER, ORDER]);
    }

    #[tokio::test]
    async fn what_is_not_found_is_named_with_what_to_do() {
        let other = letter("0192f0c1-2d3e-7a4b-8c5d-000000000000");
        let (left, deleted) = cleaned(&[other, (200, json!({}))]).await;
        assert_eq!((left.problem.as_ref(), deleted.len()), (None, 0));
        let text = left.text("letters", " --env prod --aws");
        for part in [
            "of these orders were not found in letters:\n  0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3\n  fix: ",
            "`dofs redrive --env prod --aws --order ORDER_ID`, or delete it",
        ] {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }

    #[test]
    fn the_longest_time_follows_from_the_deliveries() {
        fn check(environment: Environment, seconds: u64) {
            assert_eq!(longest(environment), Duration::from_secs(seconds), "{environment}");
        }
        // Each delay with its largest jitter, and the margin.
        check(Environment::Dev, 30 + 60 + 120 + 120);
        check(Environment::Staging, 30 + 60 + 120 + 120);
        check(Environment::Prod, 30 + 60 + 120 + 240 + 480 + 120);
    }
}
