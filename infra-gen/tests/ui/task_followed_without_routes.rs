//! A task with a state behind it before its errors have routes.

use contracts::{
    functions::ValidatorError,
    order::{OrderStored, OrderSubmitted, OrderValidated},
};
use infra_gen::model::flow::{Flow, Task};

fn wrong(
    validate: Task<OrderSubmitted, OrderValidated, ValidatorError>,
    store: Flow<OrderValidated, OrderStored>,
) -> Flow<OrderSubmitted, OrderStored> {
    validate.then(store)
}

fn main() {}
