//! A queue that feeds a function which cannot say which messages failed.

use contracts::{functions::ValidatorEnv, order::OrderAccepted};
use function_contract::{Contract, error::NoError, event::SqsEvent, kind::{Function, Queue}};
use infra_core::model::{Handle, Id, Module, trigger::EventSourceSpec};

enum AllOrNothing {}

impl Contract for AllOrNothing {
    const BIN: &'static str = "all_or_nothing";
    const DOC: &'static str = "Takes a batch, and answers nothing.";
    type Input = SqsEvent<OrderAccepted>;
    type Output = ();
    type Error = NoError;
    type Env = ValidatorEnv;
}

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    orders: &Handle<Queue<OrderAccepted>>,
    function: &Handle<Function<AllOrNothing>>,
    spec: EventSourceSpec,
) {
    module.on_messages(id, orders, function, spec);
}

fn main() {}
