//! A queue called as if it were a function.

use contracts::{
    functions::ValidatorError,
    kind::Queue,
    order::{OrderSubmitted, OrderValidated},
};
use infra_gen::model::{
    Handle,
    flow::{Task, TaskSpec, invoke},
};

fn wrong(
    queue: &Handle<Queue<OrderSubmitted>>,
    spec: TaskSpec,
) -> Task<OrderSubmitted, OrderValidated, ValidatorError> {
    invoke("Validate", queue, spec)
}

fn main() {}
