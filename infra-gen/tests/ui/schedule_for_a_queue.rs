//! The clock calls a queue.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::{Handle, Id, Module, limits::Schedule};

fn wrong(module: &mut Module<'_>, id: Id, when: Schedule, orders: &Handle<Queue<OrderAccepted>>) {
    module.on_schedule(id, when, orders);
}

fn main() {}
