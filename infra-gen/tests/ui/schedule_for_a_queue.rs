//! The clock calls a queue.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Handle, Id, Module, limits::Schedule};

fn wrong(module: &mut Module<'_>, id: Id, when: Schedule, orders: &Handle<Queue<OrderAccepted>>) {
    module.on_schedule(id, when, orders);
}

fn main() {}
