//! A route for an error that the task does not raise.

use contracts::{
    functions::ValidatorError,
    order::{OrderSubmitted, OrderValidated},
};
use infra_gen::model::flow::{Flow, Route, Task};

fn wrong(
    validate: Task<OrderSubmitted, OrderValidated, ValidatorError>,
    route: fn() -> Route<OrderSubmitted, OrderValidated>,
) -> Flow<OrderSubmitted, OrderValidated> {
    validate.catching(
        |error| match error {
            ValidatorError::OrderInvalid => route(),
            ValidatorError::OrderConflict => route(),
        },
        route(),
    )
}

fn main() {}
