//! A function that takes the dead letters instead of the messages.

use contracts::{functions::FulfillOrder, order::OrderAccepted};
use function_contract::kind::{DeadLetterQueue, Function};
use infra_core::model::{Handle, Id, Module, trigger::EventSourceSpec};

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    dead: &Handle<DeadLetterQueue<OrderAccepted>>,
    fulfill_order: &Handle<Function<FulfillOrder>>,
    spec: EventSourceSpec,
) {
    module.on_messages(id, dead, fulfill_order, spec);
}

fn main() {}
