//! A state that calls a function which takes something else than the state does.

use contracts::{
    functions::{OrderStorage, ValidatorError},
    kind::Function,
    order::{OrderSubmitted, OrderValidated},
};
use infra_gen::model::{
    Handle,
    flow::{Task, TaskSpec, invoke},
};

fn wrong(
    storage: &Handle<Function<OrderStorage>>,
    spec: TaskSpec,
) -> Task<OrderSubmitted, OrderValidated, ValidatorError> {
    invoke("Validate", storage, spec)
}

fn main() {}
