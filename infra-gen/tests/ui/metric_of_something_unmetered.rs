//! A metric of something that the model knows no metrics of.

use infra_core::model::{
    Handle,
    key::{DynamoDb, Key},
    metric::{FaultyCalls, FunctionMetric, Metric},
};

fn wrong(key: &Handle<Key<DynamoDb>>) -> Metric<FaultyCalls> {
    key.metric(FunctionMetric::Errors)
}

fn main() {}
