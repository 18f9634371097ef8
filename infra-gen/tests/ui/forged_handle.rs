//! A handle that no stack gave out.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Address, Handle, queue::QueueFacts};

fn wrong(address: Address, facts: QueueFacts) -> Handle<Queue<OrderAccepted>> {
    Handle { address, facts }
}

fn main() {}
