//! `order_storage` may send messages, but not hide them.

use contracts::functions::OrderStorageEnv;
use runtime::{port::Sqs, queue::queue};

async fn later(aws: &impl Sqs, env: &OrderStorageEnv) {
    let _hidden = queue(aws, &env.queue).hide("handle", 30).await;
}

fn main() {}
