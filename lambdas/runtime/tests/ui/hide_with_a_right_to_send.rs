//! Who stores orders may send messages, and hide none.

use contracts::functions::OrderStorageEnv;
use runtime::{port::Sqs, queue::queue};

fn later(aws: &impl Sqs, env: &OrderStorageEnv) {
    let _hidden = queue(aws, &env.queue).hide("handle", 30);
}

fn main() {}
