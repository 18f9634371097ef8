//! The errors of one task routed at another.

use contracts::{
    functions::{OrderStorageError, ValidatorError},
    order::{OrderSubmitted, OrderValidated},
};
use infra_gen::model::flow::{Flow, Route, Task};

fn wrong(
    validate: Task<OrderSubmitted, OrderValidated, ValidatorError>,
    route: fn() -> Route<OrderSubmitted, OrderValidated>,
) -> Flow<OrderSubmitted, OrderValidated> {
    validate.catching(
        |error| match error {
            OrderStorageError::OrderConflict => route(),
        },
        route(),
    )
}

fn main() {}
