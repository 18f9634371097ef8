//! A route for an error that the task does not raise.

use contracts::{functions::OrderStorageError, order::{OrderStored, OrderValidated}};
use infra_core::model::flow::{Flow, Route, Task};

fn wrong(
    store: Task<OrderValidated, OrderStored, OrderStorageError>,
    route: fn() -> Route<OrderValidated, OrderStored>,
) -> Flow<OrderValidated, OrderStored> {
    store.catching(
        |error| match error {
            OrderStorageError::OrderConflict => route(),
            OrderStorageError::OrderInvalid => route(),
        },
        route(),
    )
}

fn main() {}
