//! A task with an error that leads nowhere.

use contracts::{
    functions::ValidatorError,
    order::{OrderSubmitted, OrderValidated},
};
use infra_gen::model::flow::{Flow, Route, Task};

fn wrong(
    validate: Task<OrderSubmitted, OrderValidated, ValidatorError>,
    otherwise: Route<OrderSubmitted, OrderValidated>,
) -> Flow<OrderSubmitted, OrderValidated> {
    validate.catching(|error| match error {}, otherwise)
}

fn main() {}
