//! A right on an ARN in text.

use function_contract::kind::SendMessage;
use infra_core::model::Grant;

fn wrong() -> Grant {
    "arn:aws:sqs:eu-west-1:111111111111:orders".grant::<SendMessage>()
}

fn main() {}
