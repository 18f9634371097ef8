//! A state machine whose last state leads nowhere.

use contracts::order::{OrderStored, OrderSubmitted};
use infra_core::model::{Id, Module, flow::Flow, machine::MachineSpec};

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    spec: MachineSpec,
    store: Flow<OrderSubmitted, OrderStored>,
) {
    module.state_machine(id, spec, store);
}

fn main() {}
