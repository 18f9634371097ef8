//! A task whose errors have no routes, used as if it could not fail.

use contracts::{functions::OrderStorageError, order::{OrderStored, OrderSubmitted, OrderValidated}};
use infra_core::model::flow::{Flow, Task};

fn wrong(
    validate: Flow<OrderSubmitted, OrderValidated>,
    store: Task<OrderValidated, OrderStored, OrderStorageError>,
) -> Flow<OrderSubmitted, OrderStored> {
    validate.then(store)
}

fn main() {}
