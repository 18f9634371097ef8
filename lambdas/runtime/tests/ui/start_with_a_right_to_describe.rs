//! The permission to describe executions does not include starting them.

use contracts::order::OrderSubmitted;
use function_contract::{env::Access, kind::{DescribeExecution, StateMachine}};
use runtime::{machine::machine, port::Sfn};

async fn start(
    aws: &impl Sfn,
    orders: &Access<StateMachine<OrderSubmitted>, DescribeExecution>,
    order: &OrderSubmitted,
) {
    let _started = machine(aws, orders).start(order.order_id.as_str(), order).await;
}

fn main() {}
