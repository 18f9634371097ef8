//! A Terraform expression made from text.

use infra_core::model::expr::{Body, Expression};

fn wrong() -> Body {
    Body::Term(Expression("${aws_sqs_queue.orders.arn}"))
}

fn main() {}
