//! A percentile of a count, which has one value for each call.

use contracts::functions::Validator;
use function_contract::kind::Function;
use infra_core::model::{Handle, metric::FunctionMetric, signal::Stat, unit::Milliseconds};

fn wrong(validator: &Handle<Function<Validator>>) -> Stat<Milliseconds> {
    validator.metric(FunctionMetric::Invocations).p99()
}

fn main() {}
