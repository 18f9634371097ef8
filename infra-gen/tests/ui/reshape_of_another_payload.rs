//! A state that reads a field of something that is not its input.

use contracts::order::{OrderAccepted, OrderAcceptedAt, OrderStored, OrderSubmitted};
use infra_core::model::flow::{Flow, reshape};

fn wrong() -> Flow<OrderStored, OrderAccepted> {
    let accepted = OrderAcceptedAt {
        order_id: OrderStored::at().order_id,
        submitted_at: OrderSubmitted::at().submitted_at,
    };
    reshape("Accept", accepted)
}

fn main() {}
