//! A variable with the right kind of resource, but with another message in it.

use contracts::{functions::OrderStorageEnv, kind::Queue, order::OrderSubmitted};
use infra_gen::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    submitted: &Handle<Queue<OrderSubmitted>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queue: submitted.access(), ..rest }
}

fn main() {}
