//! Text as a customer wrote it where an order's id is due.

use contracts::order::{OrderAccepted, OrderAcceptedAt, OrderSubmitted};
use infra_core::model::flow::{Flow, reshape};

fn wrong() -> Flow<OrderSubmitted, OrderAccepted> {
    let order = OrderSubmitted::at();
    let accepted =
        OrderAcceptedAt { order_id: order.customer_id, submitted_at: order.submitted_at };
    reshape("Accept", accepted)
}

fn main() {}
