//! A state that builds something else than it says.

use contracts::order::{OrderAcceptedAt, OrderStored, OrderSubmitted};
use infra_core::model::flow::{Flow, reshape};

fn wrong(accepted: OrderAcceptedAt<OrderSubmitted>) -> Flow<OrderSubmitted, OrderStored> {
    reshape("Accept", accepted)
}

fn main() {}
