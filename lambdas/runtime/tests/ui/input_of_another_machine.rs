//! The input of the order machine is an order that is not validated yet.

use contracts::{functions::ApiHandlerEnv, order::OrderValidated};
use runtime::{
    machine::machine,
    port::{Sfn, StartError},
};

async fn start(
    aws: &impl Sfn,
    env: &ApiHandlerEnv,
    order: &OrderValidated,
) -> Result<(), StartError> {
    machine(aws, &env.order_machine).start(order.order_id.as_str(), order).await
}

fn main() {}
