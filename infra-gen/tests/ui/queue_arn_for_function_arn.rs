//! The ARN of a queue where the ARN of a function is due.

use contracts::{functions::Validator, order::OrderAccepted};
use function_contract::kind::{Function, Queue};
use infra_core::model::{Arn, Handle, Ref};

fn call(_: Ref<Arn<Function<Validator>>>) {}

fn wrong(queue: &Handle<Queue<OrderAccepted>>) {
    call(queue.arn());
}

fn main() {}
