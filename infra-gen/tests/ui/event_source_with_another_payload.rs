//! A queue that feeds a function which takes other messages.

use contracts::{functions::FulfillOrder, order::OrderSubmitted};
use function_contract::kind::{Function, Queue};
use infra_core::model::{Handle, Id, Module, trigger::EventSourceSpec};

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    submitted: &Handle<Queue<OrderSubmitted>>,
    fulfill: &Handle<Function<FulfillOrder>>,
    spec: EventSourceSpec,
) {
    module.on_messages(id, submitted, fulfill, spec);
}

fn main() {}
