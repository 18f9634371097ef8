//! Queues, and what listens to them.

use infra_core::{
    model::{
        limits::{MaxReceiveCount, MaximumConcurrency, MessageRetention},
        policy::Posture,
        trigger::EventSourceSpec,
    },
    resource,
};

use super::{check, check_problem};
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

#[test]
fn messages_that_become_dead_letters_too_soon() {
    #[track_caller]
    fn check(posture: Posture, taken: bool, after: u16, expected: Option<&str>) {
        check_problem("limit/receive-count", expected, |stack| {
            stack.set_posture(posture);
            let mut module = stack.module(A);
            let after = MaxReceiveCount::new(after);
            let queue = queue_after(&mut module, after, DAY, TWO_DAYS);
            if taken {
                fulfill_off(&mut module, &queue, SHORT, source());
            }
        });
    }
    check(Posture::Development, true, 1, Some("after 1 receives, and a function takes"));
    check(Posture::Development, true, 2, None);
    check(Posture::Development, false, 1, Some("advises at least 2"));
    check(Posture::Production, false, 2, None);
    check(Posture::Production, true, 4, Some("after 4 receives, and a function takes"));
    check(Posture::Production, true, 5, None);
}

/// Three receives hide a message for 180 seconds each.
#[test]
fn messages_that_are_deleted_before_the_last_receive() {
    #[track_caller]
    fn check(kept: u32, expected: Option<&str>) {
        let kept = MessageRetention::new(kept);
        check_problem("limit/message-retention", expected, |stack| {
            queue(&mut stack.module(A), kept, DAY);
        });
    }
    check(539, Some("keeps messages for 539 s, but 3 receives of 180 s each take 540 s"));
    check(540, None);
}

#[test]
fn queues_that_together_keep_more_busy_than_are_reserved() {
    #[track_caller]
    fn check(first: u16, second: u16, expected: Option<&str>) {
        check_problem("limit/event-source-concurrency", expected, |stack| {
            let most = |most| EventSourceSpec {
                maximum_concurrency: MaximumConcurrency::new(most),
                ..source()
            };
            let function = fulfill_order(&mut stack.module(A), SHORT, most(first));
            let mut module = stack.module(B);
            let other = queue(&mut module, DAY, TWO_DAYS);
            let id = resource!(
                /// Feeds, too.
                "feed_too"
            );
            module.on_messages(id, &other, &function, most(second));
        });
    }
    check(5, 5, None);
    check(
        5,
        6,
        Some("its 2 event sources may invoke module.a.aws_lambda_function.fulfill 11 times"),
    );
}
