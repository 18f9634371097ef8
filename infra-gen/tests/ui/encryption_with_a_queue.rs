//! Something encrypted with what is no key.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::{Handle, key::Encryption};

fn wrong(orders: &Handle<Queue<OrderAccepted>>) -> Encryption<'_> {
    Encryption::Customer(orders)
}

fn main() {}
