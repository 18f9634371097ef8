//! An alarm at the first execution that succeeds.

use contracts::order::OrderSubmitted;
use function_contract::kind::StateMachine;
use infra_core::model::{
    Handle, alarm::AlarmSpec, metric::MachineMetric, topic::AlarmTopic, unit::Count,
};

fn wrong<'t>(
    machine: &Handle<StateMachine<OrderSubmitted>>,
    topic: &'t Handle<AlarmTopic>,
) -> AlarmSpec<'t, Count> {
    AlarmSpec::first(machine.metric(MachineMetric::ExecutionsSucceeded), topic)
}

fn main() {}
