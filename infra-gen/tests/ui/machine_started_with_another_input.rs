//! A function that starts a machine with something else than the machine takes.

use contracts::{functions::ApiHandlerEnv, kind::StateMachine, order::OrderValidated};
use infra_gen::model::{Handle, Wired};

fn wrong(
    rest: ApiHandlerEnv<Wired>,
    machine: &Handle<StateMachine<OrderValidated>>,
) -> ApiHandlerEnv<Wired> {
    ApiHandlerEnv { order_machine: machine.access(), ..rest }
}

fn main() {}
