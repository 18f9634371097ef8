//! The visibility timeout of the order queue, set on its dead-letter queue.

use contracts::order::OrderAccepted;
use function_contract::kind::DeadLetterQueue;
use infra_core::model::{
    Handle, Id, Module,
    key::Encryption,
    limits::{MessageRetention, VisibilityTimeout},
    queue::DeadLetterQueueSpec,
};

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    visibility: VisibilityTimeout,
    retention: MessageRetention,
) -> Handle<DeadLetterQueue<OrderAccepted>> {
    module.dead_letter_queue(
        id,
        DeadLetterQueueSpec { encryption: Encryption::Aws, visibility, retention },
    )
}

fn main() {}
