//! The age alarm on the dead letters.

use contracts::order::OrderAccepted;
use function_contract::kind::DeadLetterQueue;
use infra_core::model::{
    Handle,
    metric::{Metric, QueueMetric},
    unit::Seconds,
};

fn wrong(dead: &Handle<DeadLetterQueue<OrderAccepted>>) -> Metric<Seconds> {
    dead.metric(QueueMetric::ApproximateAgeOfOldestMessage)
}

fn main() {}
