//! A state that sends to the dead-letter queue.

use contracts::order::OrderAccepted;
use function_contract::{error::NoError, kind::DeadLetterQueue};
use infra_core::model::{
    Handle,
    flow::{Task, TaskSpec, send_message},
};

fn wrong(
    dead: &Handle<DeadLetterQueue<OrderAccepted>>,
    spec: TaskSpec,
) -> Task<OrderAccepted, OrderAccepted, NoError> {
    send_message("Announce", dead, spec)
}

fn main() {}
