//! Encryption with a resource that is not a key.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Handle, key::{Encryption, Sqs}};

fn wrong(orders: &Handle<Queue<OrderAccepted>>) -> Encryption<'_, Sqs> {
    Encryption::Customer(orders)
}

fn main() {}
