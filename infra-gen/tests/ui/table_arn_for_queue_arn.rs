//! The ARN of a table where the ARN of a queue is due.

use contracts::{
    kind::{Queue, Table},
    order::{OrderAccepted, OrderRecord},
};
use infra_gen::model::{Arn, Handle, Ref};

fn send_to(_: Ref<Arn<Queue<OrderAccepted>>>) {}

fn wrong(orders: &Handle<Table<OrderRecord>>) {
    send_to(orders.arn());
}

fn main() {}
