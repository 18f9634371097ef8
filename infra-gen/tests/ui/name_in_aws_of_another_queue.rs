//! The name of the dead-letter queue where that of the queue is due.

use contracts::order::OrderAccepted;
use function_contract::kind::{DeadLetterQueue, Queue};
use infra_core::model::name::NameOf;

fn wrong(dead: NameOf<DeadLetterQueue<OrderAccepted>>) -> NameOf<Queue<OrderAccepted>> {
    dead
}

fn main() {}
