//! A reference made from text.

use contracts::order::OrderAccepted;
use function_contract::kind::Queue;
use infra_core::model::{Arn, Ref};

fn wrong() -> Ref<Arn<Queue<OrderAccepted>>> {
    "arn:aws:sqs:eu-west-1:111111111111:orders".into()
}

fn main() {}
