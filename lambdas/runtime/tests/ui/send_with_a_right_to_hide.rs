//! `fulfill_order` may hide messages, but not send them.

use contracts::{functions::FulfillOrderEnv, order::OrderAccepted};
use runtime::{port::Sqs, queue::queue};

async fn again(aws: &impl Sqs, env: &FulfillOrderEnv, message: &OrderAccepted) {
    let _sent = queue(aws, &env.queue).send(message).await;
}

fn main() {}
