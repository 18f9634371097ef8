//! A metric of something that the model knows no metrics of.

use infra_core::model::{
    Handle,
    key::Key,
    metric::{FunctionMetric, Metric},
};

fn wrong(key: &Handle<Key<infra_core::model::key::DynamoDb>>) -> Metric {
    key.metric(FunctionMetric::Errors)
}

fn main() {}
