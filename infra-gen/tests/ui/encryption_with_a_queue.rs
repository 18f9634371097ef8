//! Encryption with a resource that is not a key.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::{Handle, key::{Encryption, Sqs}};

fn wrong(orders: &Handle<Queue<OrderAccepted>>) -> Encryption<'_, Sqs> {
    Encryption::Customer(orders)
}

fn main() {}
