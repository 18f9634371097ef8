//! A reference formatted into text.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::Handle;

fn wrong(queue: &Handle<Queue<OrderAccepted>>) -> String {
    format!("{}/*", queue.arn())
}

fn main() {}
