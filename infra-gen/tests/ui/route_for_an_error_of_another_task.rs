//! The errors of one task routed at another.

use contracts::{functions::OrderStorageError, order::{OrderStored, OrderValidated}};
use infra_core::model::flow::{Flow, PutItemError, Route, Task};

fn wrong(
    store: Task<OrderValidated, OrderStored, OrderStorageError>,
    route: fn() -> Route<OrderValidated, OrderStored>,
) -> Flow<OrderValidated, OrderStored> {
    store.catching(
        |error| match error {
            PutItemError::ConditionalCheckFailed => route(),
        },
        route(),
    )
}

fn main() {}
