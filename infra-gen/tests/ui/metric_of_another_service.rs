//! A function's metric asked of a queue.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{
    Handle,
    metric::{FaultyCalls, FunctionMetric, Metric},
};

fn wrong(orders: &Handle<Queue<OrderAccepted>>) -> Metric<FaultyCalls> {
    orders.metric(FunctionMetric::Errors)
}

fn main() {}
