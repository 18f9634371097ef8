//! An alarm that notifies a queue.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Handle, alarm::AlarmSpec};

fn wrong<'t>(spec: AlarmSpec<'t>, orders: &'t Handle<Queue<OrderAccepted>>) -> AlarmSpec<'t> {
    AlarmSpec { notify: orders, ..spec }
}

fn main() {}
