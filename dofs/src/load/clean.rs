//! The dead letters of orders that a load has placed, deleted once they are there. Each order that fails
//! by design leaves one; somebody would take those of a trial for customers' orders.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context as _;
use contracts::{domain::OrderId, order::OrderAccepted};
use fulfill_order::delay;
use infra_gen::config::Environment;
use tokio::time::{Instant, sleep};

use crate::{interrupt::Interrupt, system::System};

/// As many as SQS hands over at once.
const AT_ONCE: i32 = 10;
/// For how long a look hides the letters of others, and how long it may take: so it sees each once.
const LOOK: Duration = Duration::from_secs(20);
/// The time between two looks, in which others see all letters.
const PAUSE: Duration = Duration::from_secs(20);
/// What SQS takes to move a message, and a look to find it.
const MARGIN: Duration = Duration::from_secs(120);

/// The longest time from an order's failure until its message is deleted.
pub fn longest(environment: Environment) -> Duration {
    let deliveries = environment.config().max_receive_count.get();
    let hidden: u32 = (1..=u32::from(deliveries)).map(delay::longest).sum();
    Duration::from_secs(hidden.into()) + MARGIN
}

/// Deletes the dead letters of these orders, and of no others. Gives the orders whose letters were not
/// found in time, or until somebody ended it: those stay among the dead letters.
///
/// # Errors
///
/// Where the queue cannot be reached. What was deleted by then is gone.
pub async fn clean_up(
    system: &System,
    orders: BTreeSet<OrderId>,
    interrupt: &Interrupt,
) -> anyhow::Result<BTreeSet<OrderId>> {
    let mut left = orders;
    let until = Instant::now() + longest(system.environment);
    while !left.is_empty() && !interrupt.asked() && Instant::now() < until {
        look(system, &mut left).await?;
        if !left.is_empty() {
            interrupt.unless(sleep(PAUSE)).await;
        }
    }
    Ok(left)
}

/// Goes through the dead letters once.
async fn look(system: &System, left: &mut BTreeSet<OrderId>) -> anyhow::Result<()> {
    let name = &system.names.dead_letters;
    let queue = system.queue_url(name).await?;
    let end = Instant::now() + LOOK;
    while !left.is_empty() && Instant::now() < end {
        let answer = system
            .sqs
            .receive_message()
            .queue_url(&queue)
            .max_number_of_messages(AT_ONCE)
            .visibility_timeout(i32::try_from(LOOK.as_secs()).unwrap_or(i32::MAX))
            // An empty answer is then no accident of one of SQS's servers.
            .wait_time_seconds(1)
            .send()
            .await
            .with_context(|| format!("the dead letters in {name} cannot be received"))?;
        let letters = answer.messages.unwrap_or_default();
        if letters.is_empty() {
            break;
        }
        for letter in letters {
            let body = letter.body.as_deref().unwrap_or_default();
            let Ok(message) = serde_json::from_str::<OrderAccepted>(body) else { continue };
            let (true, Some(receipt)) = (left.contains(&message.order_id), letter.receipt_handle)
            else {
                continue;
            };
            let delete = system.sqs.delete_message().queue_url(&queue).receipt_handle(receipt);
            delete.send().await.with_context(|| {
                format!("the dead letter of {} in {name} cannot be deleted", message.order_id)
            })?;
            left.remove(&message.order_id);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_time_follows_from_the_deliveries() {
        fn check(environment: Environment, seconds: u64) {
            assert_eq!(longest(environment), Duration::from_secs(seconds), "{environment}");
        }
        // Each delay with its whole spread, and the margin.
        check(Environment::Dev, 30 + 60 + 120 + 120);
        check(Environment::Staging, 30 + 60 + 120 + 120);
        check(Environment::Prod, 30 + 60 + 120 + 240 + 480 + 120);
    }
}
