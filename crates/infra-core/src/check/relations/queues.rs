//! Relations of queues: how often a message is received, and for how long it is kept.

use serde_json::Value;

use crate::{
    check::{
        Violation,
        policy::{Block, Blocks},
    },
    model::{Stack, policy::Posture},
};

/// A queue with a dead-letter queue, and the receives after which SQS moves a message there.
struct Redriven<'b> {
    queue: &'b Block<'b>,
    redrive: &'b Block<'b>,
    receives: u64,
}

fn redriven<'b>(blocks: &'b Blocks<'b>) -> Vec<Redriven<'b>> {
    let mut found = Vec::new();
    for redrive in blocks.each("aws_sqs_queue_redrive_policy") {
        let policy = redrive.body["redrive_policy"].as_str().unwrap_or_default();
        let policy: Value = serde_json::from_str(policy).unwrap_or_default();
        let Some(receives) = policy["maxReceiveCount"].as_u64() else { continue };
        for queue in blocks.mentioned(redrive, &redrive.body["queue_url"]) {
            found.push(Redriven { queue, redrive, receives });
        }
    }
    found
}

/// Finds queues whose messages are received too few times before they become dead letters. A receive counts although no
/// function saw the message: when Lambda is throttled, and when SQS loses the answer to a receive.
///
/// AWS advises against a count of one, and for Lambda to at least five. Environments for developers may have fewer
/// than five, because there dead letters cost nothing but patience.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
pub(super) fn receive_count(stack: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let sources = blocks.about("aws_lambda_event_source_mapping", "event_source_arn");
    let mut found = Vec::new();
    for it in redriven(blocks) {
        let by_function = sources.of(it.queue).next().is_some();
        let least = match stack.posture() {
            Posture::Production if by_function => 5,
            Posture::Production | Posture::Development => 2,
        };
        if it.receives < least {
            let taker = if by_function { ", and a function takes its messages" } else { "" };
            found.push(Violation::new(
                "limit/receive-count",
                it.redrive.address,
                format!(
                    "messages of {} become dead letters after {} receives{taker}: AWS advises at least {least} \
                     here, because a receive counts even if Lambda was throttled or SQS lost its answer",
                    it.queue.address, it.receives
                ),
                format!("raise the maximum receive count to {least} or more"),
            ));
        }
    }
    found
}

/// Finds queues that delete a message before it was received often enough to become a dead letter. Each receive hides
/// the message for the visibility timeout.
pub(super) fn message_retention(_: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    for it in redriven(blocks) {
        let seconds = |name: &str| it.queue.body[name].as_u64();
        let kept = seconds("message_retention_seconds");
        let hidden = seconds("visibility_timeout_seconds");
        let (Some(kept), Some(hidden)) = (kept, hidden) else { continue };
        let attempts = hidden.saturating_mul(it.receives);
        if kept < attempts {
            found.push(Violation::new(
                "limit/message-retention",
                it.queue.address,
                format!(
                    "it keeps messages for {kept} s, but {} receives of {hidden} s each take {attempts} s: SQS would \
                     delete a message that fails each time, instead of moving it to the dead-letter queue",
                    it.receives
                ),
                format!("keep messages for {attempts} s or longer, or lower the maximum receive count"),
            ));
        }
    }
    found
}
