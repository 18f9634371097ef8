//! A reference formatted into text.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::Handle;

fn wrong(queue: &Handle<Queue<OrderAccepted>>) -> String {
    format!("{}/*", queue.arn())
}

fn main() {}
