//! A state that builds a payload without one of its fields.

use contracts::order::{OrderAccepted, OrderAcceptedAt, OrderSubmitted};
use infra_core::model::flow::{Flow, reshape};

fn wrong() -> Flow<OrderSubmitted, OrderAccepted> {
    reshape("Accept", OrderAcceptedAt { order_id: OrderSubmitted::at().order_id })
}

fn main() {}
