//! A function's metric asked of a queue.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::{
    Handle,
    metric::{FunctionMetric, Metric},
};

fn wrong(orders: &Handle<Queue<OrderAccepted>>) -> Metric {
    orders.metric(FunctionMetric::Errors)
}

fn main() {}
