//! A reference made from text.

use contracts::{kind::Queue, order::OrderAccepted};
use infra_gen::model::{Arn, Ref};

fn wrong() -> Ref<Arn<Queue<OrderAccepted>>> {
    "arn:aws:sqs:eu-west-1:111111111111:orders".into()
}

fn main() {}
