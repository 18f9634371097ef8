//! Policies for queues, dead-letter queues and topics.

use serde_json::Value;

use super::{Block, Blocks, Broken, Policy, Severity, each, is_set, many};
use crate::model::policy::{Posture, Rule};

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::QueueEncryption,
        severity: Severity::High,
        from: Posture::Development,
        reason: "messages contain data of customers",
        fix: "enable SSE-SQS, or encrypt it with a customer managed key",
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
        also: &["CKV_AWS_27", "SQS2"],
        find: |blocks| {
            each(blocks, "aws_sqs_queue", "it is not encrypted", |it| {
                it.body["sqs_managed_sse_enabled"] == true || is_set(&it.body["kms_master_key_id"])
            })
        },
    },
    Policy {
        rule: Rule::QueueTls,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "whoever is on the way could read along",
        fix: "deny what comes without aws:SecureTransport",
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
        also: &["SQS4"],
        find: |blocks| {
            let policies = blocks.about("aws_sqs_queue_policy", "queue_url");
            each(blocks, "aws_sqs_queue", "it takes calls without TLS", |queue| {
                policies.of(queue).any(|it| refuses_plain(blocks, it))
            })
        },
    },
    Policy {
        rule: Rule::QueueDeadLetters,
        severity: Severity::High,
        from: Posture::Development,
        reason: "a message that always fails would return until SQS deletes it, and its loss would go unnoticed",
        fix: "give it a dead-letter queue",
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        also: &["SQS3", "lambda-eventsourcemapping-failure-destination"],
        find: |blocks| {
            let dead = blocks.about("aws_sqs_queue_redrive_policy", "redrive_policy");
            let redriven = blocks.about("aws_sqs_queue_redrive_policy", "queue_url");
            each(blocks, "aws_sqs_queue", "it has no dead-letter queue", |queue| {
                dead.of(queue).chain(redriven.of(queue)).next().is_some()
            })
        },
    },
    Policy {
        rule: Rule::DeadLetterSource,
        severity: Severity::Low,
        from: Posture::Development,
        reason: "any queue of the account could send its dead letters here",
        fix: "allow only the source queue (redrivePermission byQueue)",
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html",
        also: &[],
        find: dead_letter_source,
    },
    Policy {
        rule: Rule::DeadLetterAlarm,
        severity: Severity::High,
        from: Posture::Development,
        reason: "dead letters would go unnoticed until SQS deletes them",
        fix: "add an alarm on ApproximateNumberOfMessagesVisible with the threshold 0",
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html",
        also: &["sqs-dead-letter-alarm"],
        find: dead_letter_alarm,
    },
    Policy {
        rule: Rule::TopicEncryption,
        severity: Severity::High,
        from: Posture::Development,
        reason: "with the key alias/aws/sns, CloudWatch alarms cannot publish to the topic, and report no error",
        fix: "encrypt it with a customer managed key that CloudWatch may use",
        page: "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
        also: &["CKV_AWS_26", "SNS2"],
        find: |blocks| {
            each(blocks, "aws_sns_topic", "it is not encrypted with a customer managed key", |it| {
                let key = &it.body["kms_master_key_id"];
                is_set(key) && key != "alias/aws/sns"
            })
        },
    },
    Policy {
        rule: Rule::TopicTls,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "whoever is on the way could read along",
        fix: "deny what comes without aws:SecureTransport",
        page: "https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",
        also: &["SNS3"],
        find: |blocks| {
            let policies = blocks.about("aws_sns_topic_policy", "arn");
            each(blocks, "aws_sns_topic", "it takes calls without TLS", |topic| {
                policies.of(topic).any(|it| refuses_plain(blocks, it))
            })
        },
    },
];

/// Whether the document of a policy denies requests without TLS.
fn refuses_plain(blocks: &Blocks, policy: &Block) -> bool {
    let documents = blocks.mentioned(policy, &policy.body["policy"]);
    documents.iter().flat_map(|it| many(&it.body["statement"])).any(|it| {
        let plain =
            |it: &Value| it["variable"] == "aws:SecureTransport" && it["values"][0] == "false";
        it["effect"] == "Deny" && many(&it["condition"]).iter().any(plain)
    })
}

/// Every dead-letter queue.
pub(super) fn dead_letter_queues<'b, 's>(blocks: &'b Blocks<'s>) -> Vec<&'b Block<'s>> {
    let redrives = blocks.each("aws_sqs_queue_redrive_policy");
    redrives.flat_map(|it| blocks.mentioned(it, &it.body["redrive_policy"])).collect()
}

fn dead_letter_source(blocks: &Blocks) -> Vec<Broken> {
    let allows = blocks.about("aws_sqs_queue_redrive_allow_policy", "queue_url");
    let by_queue = |it: &Block| {
        it.body["redrive_allow_policy"].as_str().is_some_and(|it| it.contains(r#""byQueue""#))
    };
    let dead = dead_letter_queues(blocks).into_iter();
    let open = dead.filter(|queue| !allows.of(queue).any(by_queue));
    let problem = "every queue of the account may use it as its dead-letter queue";
    open.map(|it| Broken::of(it, problem)).collect()
}

fn dead_letter_alarm(blocks: &Blocks) -> Vec<Broken> {
    let alarms = blocks.about("aws_cloudwatch_metric_alarm", "dimensions");
    let from_the_first_on = |it: &Block| {
        it.body["metric_name"] == "ApproximateNumberOfMessagesVisible" && it.body["threshold"] == 0
    };
    let dead = dead_letter_queues(blocks).into_iter();
    let silent = dead.filter(|queue| !alarms.of(queue).any(from_the_first_on));
    let problem = "no alarm reports the first dead letter in it";
    silent.map(|it| Broken::of(it, problem)).collect()
}
