//! A queue called as if it were a function.

use contracts::order::{OrderJudged, OrderSubmitted};
use function_contract::{error::NoError, kind::Queue};
use infra_core::model::{
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
