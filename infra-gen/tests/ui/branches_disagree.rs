//! Two branches of a choice that put out different things.

use contracts::order::{OrderStored, OrderSubmitted, OrderValidated};
use infra_core::model::flow::{Cond, Flow, choice};

fn wrong(
    large: Cond<OrderSubmitted>,
    validate: Flow<OrderSubmitted, OrderValidated>,
    store: Flow<OrderSubmitted, OrderStored>,
) -> Flow<OrderSubmitted, OrderStored> {
    choice("Large?", vec![(large, validate)], store)
}

fn main() {}
