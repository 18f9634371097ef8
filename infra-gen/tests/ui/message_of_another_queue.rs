//! A message sent to a queue that carries others.

use contracts::{
    error::NoError,
    kind::Queue,
    order::{OrderAccepted, OrderSubmitted},
};
use infra_gen::model::{
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
