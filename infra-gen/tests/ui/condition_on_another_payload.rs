//! A choice by a field of something that is not its input.

use contracts::{domain::OrderStatus, order::{OrderStored, OrderSubmitted}};
use infra_core::model::flow::{Flow, Test, choice};

fn wrong(
    store: Flow<OrderSubmitted, OrderStored>,
    validate: Flow<OrderSubmitted, OrderStored>,
) -> Flow<OrderSubmitted, OrderStored> {
    let stored = OrderStored::at().status.is(OrderStatus::Processing);
    choice("Stored?", vec![(stored, store)], validate)
}

fn main() {}
