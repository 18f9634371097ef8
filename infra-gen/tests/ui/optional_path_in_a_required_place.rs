//! A field that may be absent where one is due that is always there.

use contracts::order::{OrderAccepted, OrderAcceptedAt, OrderRecord};
use infra_core::model::flow::{Flow, reshape};

fn wrong() -> Flow<OrderRecord, OrderAccepted> {
    let order = OrderRecord::at();
    let accepted =
        OrderAcceptedAt { order_id: order.order_id, submitted_at: order.failure_timestamp };
    reshape("Accept", accepted)
}

fn main() {}
