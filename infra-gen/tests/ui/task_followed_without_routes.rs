//! A task with a state behind it before its errors have routes.

use contracts::{functions::OrderStorageError, order::{OrderStored, OrderValidated}};
use infra_core::model::flow::{Ended, Flow, Task};

fn wrong(
    store: Task<OrderValidated, OrderStored, OrderStorageError>,
    end: Flow<OrderStored, Ended>,
) -> Flow<OrderValidated, Ended> {
    store.then(end)
}

fn main() {}
