//! Plain text in the variable of a resource: an address without the right to use it.

use contracts::functions::OrderStorageEnv;
use infra_core::model::{Wire, Wired};

fn wrong(rest: OrderStorageEnv<Wired>) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queue: Wire::setting("https://sqs.example/orders"), ..rest }
}

fn main() {}
