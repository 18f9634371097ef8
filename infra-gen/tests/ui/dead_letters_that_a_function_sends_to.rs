//! A function that sends to the dead-letter queue.

use contracts::{functions::OrderStorageEnv, order::OrderAccepted};
use function_contract::kind::DeadLetterQueue;
use infra_core::model::{Handle, Wired};

fn wrong(
    env: OrderStorageEnv<Wired>,
    dead: &Handle<DeadLetterQueue<OrderAccepted>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queue: dead.access(), ..env }
}

fn main() {}
