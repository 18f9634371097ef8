//! A handle that no stack gave out.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::{Address, Handle, queue::QueueFacts};

fn wrong(address: Address, facts: QueueFacts) -> Handle<Queue<OrderAccepted>> {
    Handle { address, facts }
}

fn main() {}
