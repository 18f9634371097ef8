//! The right to send to a dead-letter queue.

use contracts::order::OrderAccepted;
use function_contract::kind::{DeadLetterQueue, SendMessage};
use infra_core::model::{Grant, Handle};

fn wrong(dead: &Handle<DeadLetterQueue<OrderAccepted>>) -> Grant {
    dead.grant::<SendMessage>()
}

fn main() {}
