//! A queue called as if it were a function.

use contracts::{
    error::NoError,
    kind::Queue,
    order::{OrderJudged, OrderSubmitted},
};
use infra_gen::model::{
    Handle,
    flow::{Task, TaskSpec, invoke},
};

fn wrong(
    queue: &Handle<Queue<OrderSubmitted>>,
    spec: TaskSpec,
) -> Task<OrderSubmitted, OrderJudged, NoError> {
    invoke("Validate", queue, spec)
}

fn main() {}
