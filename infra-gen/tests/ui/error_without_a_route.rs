//! A task with an error that leads nowhere.

use contracts::{functions::OrderStorageError, order::{OrderStored, OrderValidated}};
use infra_core::model::flow::{Flow, Route, Task};

fn wrong(
    store: Task<OrderValidated, OrderStored, OrderStorageError>,
    otherwise: Route<OrderValidated, OrderStored>,
) -> Flow<OrderValidated, OrderStored> {
    store.catching(|error| match error {}, otherwise)
}

fn main() {}
