//! An alarm that notifies a queue.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Handle, alarm::AlarmSpec, unit::Count};

fn wrong<'t>(
    spec: AlarmSpec<'t, Count>,
    orders: &'t Handle<Queue<OrderAccepted>>,
) -> AlarmSpec<'t, Count> {
    AlarmSpec { notify: orders, ..spec }
}

fn main() {}
