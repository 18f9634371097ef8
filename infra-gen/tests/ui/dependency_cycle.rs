//! A function that starts the machine which calls it.

use contracts::{functions::{ApiHandler, ApiHandlerEnv}, order::OrderSubmitted};
use infra_core::model::{
    Id, Module, Wired,
    flow::{Ended, Flow},
    function::FunctionSpec,
    machine::MachineSpec,
};

fn wrong(
    module: &mut Module<'_>,
    (function, machine): (Id, Id),
    (spec, rest): (FunctionSpec<ApiHandler>, ApiHandlerEnv<Wired>),
    (machine_spec, flow): (MachineSpec, Flow<OrderSubmitted, Ended>),
) {
    let env = ApiHandlerEnv { order_machine: order_machine.access(), ..rest };
    module.function(function, FunctionSpec { env, ..spec });
    let order_machine = module.state_machine(machine, machine_spec, flow);
}

fn main() {}
