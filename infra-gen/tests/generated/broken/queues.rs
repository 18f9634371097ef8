//! Queues, and what listens to them.

use infra_core::model::trigger::EventSourceSpec;

use super::check;
use crate::kit::*;

#[test]
fn a_message_that_comes_back_too_soon() {
    check("limit/visibility", "module.a.aws_sqs_queue.alive", |stack| {
        fulfill_order(&mut stack.module(A), LONG, source());
    });
}

#[test]
fn a_queue_that_keeps_more_busy_than_are_reserved() {
    check(
        "limit/event-source-concurrency",
        "module.a.aws_lambda_event_source_mapping.feed",
        |stack| {
            let spec = EventSourceSpec { maximum_concurrency: TOO_BUSY, ..source() };
            fulfill_order(&mut stack.module(A), SHORT, spec);
        },
    );
}

#[test]
fn a_big_batch_without_a_window() {
    check("limit/batch-window", "module.a.aws_lambda_event_source_mapping.feed", |stack| {
        let spec = EventSourceSpec { batch_size: BIG_BATCH, ..source() };
        fulfill_order(&mut stack.module(A), SHORT, spec);
    });
}

#[test]
fn dead_letters_that_do_not_outlive_the_queue() {
    check("limit/dlq-retention", "module.a.aws_sqs_queue.dead", |stack| {
        queue(&mut stack.module(A), TWO_DAYS, TWO_DAYS);
    });
}
