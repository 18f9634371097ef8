//! An alarm that notifies a queue.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::{Handle, alarm::AlarmSpec};

fn wrong<'t>(spec: AlarmSpec<'t>, orders: &'t Handle<Queue<OrderAccepted>>) -> AlarmSpec<'t> {
    AlarmSpec { notify: orders, ..spec }
}

fn main() {}
