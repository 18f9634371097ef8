//! A state that calls a function which takes something else than the state does.

use contracts::{functions::OrderStorage, order::{OrderJudged, OrderSubmitted}};
use function_contract::{error::NoError, kind::Function};
use infra_core::model::{
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
