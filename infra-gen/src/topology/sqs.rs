//! The order queue and its dead letters.

use contracts::order::OrderAccepted;
use function_contract::kind::{DeadLetterQueue, Queue};

use super::{SQS, dynamodb::KEY_DELETION_WINDOW};
use infra_core::model::{
    Handle, Stack,
    key::Encryption,
    limits::{MessageRetention, VisibilityTimeout},
    queue::QueueWithDeadLettersSpec,
};

use crate::{
    config::{Config, Keys},
    resource,
};

/// Six times the timeout of the function that takes the messages, and the batch window: AWS's
/// advice, which the generator checks.
pub(crate) const VISIBILITY: VisibilityTimeout = VisibilityTimeout::new(180);

/// Four days, and then ten more among the dead letters: a message keeps its first enqueue time
/// when it moves.
const RETENTION: MessageRetention = MessageRetention::new(4 * 86_400);
const DEAD_LETTER_RETENTION: MessageRetention = MessageRetention::new(14 * 86_400);

pub(super) struct Queues {
    pub(super) orders: Handle<Queue<OrderAccepted>>,
    pub(super) dead_letters: Handle<DeadLetterQueue<OrderAccepted>>,
}

pub(super) fn queues(stack: &mut Stack, config: &Config) -> Queues {
    let mut module = stack.module(SQS);

    let key = match config.keys {
        Keys::Aws => None,
        Keys::Customer => Some(module.key(
            resource!(
                /// Encrypts the queues.
                "queues"
            ),
            KEY_DELETION_WINDOW,
        )),
    };
    let spec = QueueWithDeadLettersSpec {
        encryption: key.as_ref().map_or(Encryption::Aws, Encryption::Customer),
        visibility: VISIBILITY,
        retention: RETENTION,
        dead_letter_retention: DEAD_LETTER_RETENTION,
        max_receive_count: config.max_receive_count,
    };

    let (orders, dead_letters) = module.queue_with_dead_letters(
        resource!(
            /// Orders that are stored and wait to be fulfilled.
            "order_queue"
        ),
        resource!(
            /// Messages that order_queue delivered as often as it may. The order of a message is FAILED, with a record
            /// in failed_orders. If deliveries failed, the order can still be PROCESSING: reconcile_orders
            /// closes it after its deadline. `dofs redrive` puts messages back, each for a new round; a redrive in
            /// the console begins none.
            "order_dlq"
        ),
        spec,
    );
    Queues { orders, dead_letters }
}
