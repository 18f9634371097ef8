//! A state that puts out something else than the next one takes.

use contracts::order::{OrderStored, OrderSubmitted, OrderValidated};
use infra_core::model::flow::Flow;

fn wrong(
    validate: Flow<OrderSubmitted, OrderValidated>,
    announce: Flow<OrderStored, OrderStored>,
) -> Flow<OrderSubmitted, OrderStored> {
    validate.then(announce)
}

fn main() {}
