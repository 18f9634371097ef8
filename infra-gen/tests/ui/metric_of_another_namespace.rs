//! An AWS metric looked for among our own.

use contracts::metric::OrderMetric;
use infra_core::model::metric::{FunctionMetric, Metric, Namespace};

fn wrong(ours: &Namespace<OrderMetric>) -> Metric {
    ours.metric(FunctionMetric::Errors)
}

fn main() {}
