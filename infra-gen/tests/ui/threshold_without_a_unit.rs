//! A bare number as a threshold.

use contracts::functions::Validator;
use function_contract::kind::Function;
use infra_core::model::{
    Handle, alarm::AlarmSpec, metric::FunctionMetric, topic::AlarmTopic, unit::Milliseconds,
};

fn wrong<'t>(
    validator: &Handle<Function<Validator>>,
    topic: &'t Handle<AlarmTopic>,
) -> AlarmSpec<'t, Milliseconds> {
    AlarmSpec::lasting(validator.metric(FunctionMetric::Duration).p99(), 8000, topic)
}

fn main() {}
