//! A threshold in seconds for a duration that CloudWatch has in milliseconds.

use contracts::functions::Validator;
use function_contract::kind::Function;
use infra_core::model::{
    Handle,
    alarm::AlarmSpec,
    metric::FunctionMetric,
    topic::AlarmTopic,
    unit::{Milliseconds, Seconds},
};

fn wrong<'t>(
    validator: &Handle<Function<Validator>>,
    topic: &'t Handle<AlarmTopic>,
) -> AlarmSpec<'t, Milliseconds> {
    AlarmSpec::lasting(validator.metric(FunctionMetric::Duration).p99(), Seconds(8), topic)
}

fn main() {}
