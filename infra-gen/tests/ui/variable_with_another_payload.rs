//! A variable with the right kind of resource, but with another message in it.

use contracts::{functions::OrderStorageEnv, order::OrderSubmitted};
use function_contract::kind::Queue;
use infra_core::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    submitted: &Handle<Queue<OrderSubmitted>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queue: submitted.access(), ..rest }
}

fn main() {}
