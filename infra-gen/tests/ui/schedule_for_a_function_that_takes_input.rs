//! The clock calls a function that waits for an order.

use contracts::functions::Validator;
use function_contract::kind::Function;
use infra_core::model::{Handle, Id, Module, limits::Schedule};

fn wrong(module: &mut Module<'_>, id: Id, when: Schedule, validator: &Handle<Function<Validator>>) {
    module.on_schedule(id, when, validator);
}

fn main() {}
