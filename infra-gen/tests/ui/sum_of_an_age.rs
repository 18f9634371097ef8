//! The sum of an age.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Handle, metric::QueueMetric, signal::Stat, unit::Count};

fn wrong(orders: &Handle<Queue<OrderAccepted>>) -> Stat<Count> {
    orders.metric(QueueMetric::ApproximateAgeOfOldestMessage).sum()
}

fn main() {}
