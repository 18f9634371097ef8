//! A state that calls a function which takes something else than the state does.

use contracts::{
    error::NoError,
    functions::OrderStorage,
    kind::Function,
    order::{OrderJudged, OrderSubmitted},
};
use infra_gen::model::{
    Handle,
    flow::{Task, TaskSpec, invoke},
};

fn wrong(
    storage: &Handle<Function<OrderStorage>>,
    spec: TaskSpec,
) -> Task<OrderSubmitted, OrderJudged, NoError> {
    invoke("Validate", storage, spec)
}

fn main() {}
