//! A function that starts a machine with something else than the machine takes.

use contracts::{functions::ApiHandlerEnv, order::OrderValidated};
use function_contract::kind::StateMachine;
use infra_core::model::{Handle, Wired};

fn wrong(
    rest: ApiHandlerEnv<Wired>,
    machine: &Handle<StateMachine<OrderValidated>>,
) -> ApiHandlerEnv<Wired> {
    ApiHandlerEnv { order_machine: machine.access(), ..rest }
}

fn main() {}
