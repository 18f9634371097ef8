//! The ARN of a queue where the ARN of a function is due.

use contracts::{
    functions::Validator,
    kind::{Function, Queue},
    order::OrderAccepted,
};
use infra_gen::model::{Arn, Handle, Ref};

fn call(_: Ref<Arn<Function<Validator>>>) {}

fn wrong(queue: &Handle<Queue<OrderAccepted>>) {
    call(queue.arn());
}

fn main() {}
