//! A queue of work that takes the dead letters of another one.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Handle, limits::MaxReceiveCount, queue::DeadLetters};

fn wrong(
    orders: &Handle<Queue<OrderAccepted>>,
    after: MaxReceiveCount,
) -> DeadLetters<'_, OrderAccepted> {
    DeadLetters { to: orders, after }
}

fn main() {}
