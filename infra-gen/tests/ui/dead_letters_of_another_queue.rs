//! A dead-letter queue for other messages than its source carries.

use contracts::order::{OrderAccepted, OrderSubmitted};
use function_contract::kind::{DeadLetterQueue, Queue};
use infra_core::model::{
    Handle, Id, Module,
    limits::MaxReceiveCount,
    queue::{DeadLetters, QueueSpec},
};

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    spec: QueueSpec<'_>,
    dead: &Handle<DeadLetterQueue<OrderSubmitted>>,
    after: MaxReceiveCount,
) -> Handle<Queue<OrderAccepted>> {
    module.queue(id, spec, DeadLetters { to: dead, after })
}

fn main() {}
