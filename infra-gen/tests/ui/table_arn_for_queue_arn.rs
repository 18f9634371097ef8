//! The ARN of a table where the ARN of a queue is due.

use contracts::order::{OrderAccepted, OrderRecord};
use function_contract::kind::{Queue, Table};
use infra_core::model::{Arn, Handle, Ref};

fn send_to(_: Ref<Arn<Queue<OrderAccepted>>>) {}

fn wrong(orders: &Handle<Table<OrderRecord>>) {
    send_to(orders.arn());
}

fn main() {}
