//! A message sent to a queue that carries others.

use contracts::order::{OrderAccepted, OrderSubmitted};
use function_contract::{error::NoError, kind::Queue};
use infra_core::model::{
    Handle,
    flow::{Task, TaskSpec, send_message},
};

fn wrong(
    accepted: &Handle<Queue<OrderAccepted>>,
    spec: TaskSpec,
) -> Task<OrderSubmitted, OrderSubmitted, NoError> {
    send_message("Announce", accepted, spec)
}

fn main() {}
