//! An AWS metric looked for among our own.

use contracts::metric::OrderMetric;
use infra_core::model::{
    metric::{FunctionMetric, Metric, Namespace},
    unit::Count,
};

fn wrong(ours: &Namespace<OrderMetric>) -> Metric<Count> {
    ours.metric(FunctionMetric::Errors)
}

fn main() {}
