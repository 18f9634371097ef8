//! A dead-letter queue for other messages than its source carries.

use contracts::{
    kind::Queue,
    order::{OrderAccepted, OrderSubmitted},
};
use infra_gen::model::{
    Handle, Id, Module,
    limits::MaxReceiveCount,
    queue::{DeadLetters, QueueSpec},
};

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    spec: QueueSpec<'_>,
    dead: &Handle<Queue<OrderSubmitted>>,
    after: MaxReceiveCount,
) -> Handle<Queue<OrderAccepted>> {
    module.queue(id, spec, DeadLetters { to: dead, after })
}

fn main() {}
