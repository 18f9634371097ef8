//! Logs and alarms.

use super::{Block, Blocks, Broken, Policy, Severity, each, is_set, many};
use crate::model::policy::{Posture, Rule};

const GROUP: &str = "aws_cloudwatch_log_group";

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::LogRetention,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "it would be kept, and paid for, for ever",
        fix: "say how long it is kept",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        also: &["CKV_AWS_66", "cloudwatch-log-group-retention"],
        find: |blocks| {
            each(blocks, GROUP, "it has no end", |it| {
                it.body["retention_in_days"].as_u64().is_some_and(|it| it > 0)
            })
        },
    },
    Policy {
        rule: Rule::LogKeptAYear,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "who looks into an incident looks back for months",
        fix: "keep it for 365 days or longer",
        page: "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html",
        also: &["CKV_AWS_338"],
        find: |blocks| {
            each(blocks, GROUP, "it ends before a year is over", |it| {
                it.body["retention_in_days"].as_u64().is_some_and(|it| it >= 365)
            })
        },
    },
    Policy {
        rule: Rule::LogEncryption,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "with AWS's own key no log shows who reads, and access cannot be withdrawn",
        fix: "encrypt it with a customer key (Stack::encrypt_logs)",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        also: &["CKV_AWS_158"],
        find: |blocks| {
            each(blocks, GROUP, "no key of ours encrypts it", |it| is_set(&it.body["kms_key_id"]))
        },
    },
    Policy {
        rule: Rule::AlarmAction,
        severity: Severity::High,
        from: Posture::Development,
        reason: "no notification would be sent",
        fix: "let it tell the topic of the alarms",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
        also: &["CKV_AWS_319"],
        find: |blocks| {
            each(blocks, "aws_cloudwatch_metric_alarm", "it notifies no topic", |it| {
                it.body["actions_enabled"] != false && is_set(&it.body["alarm_actions"])
            })
        },
    },
    Policy {
        rule: Rule::ScheduleHeartbeat,
        severity: Severity::High,
        from: Posture::Development,
        reason: "a schedule that stops causes no error, and its work stays undone unseen",
        fix: "call it at a rate, and alarm where its function is not called (Module::heartbeat)",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
        also: &[],
        find: schedule_heartbeat,
    },
];

/// Schedules whose function no alarm misses.
fn schedule_heartbeat(blocks: &Blocks) -> Vec<Broken> {
    let alarms = blocks.about("aws_cloudwatch_metric_alarm", "metric_query");
    let misses = |function: &Block| {
        alarms.of(function).any(|it| {
            let queries = many(&it.body["metric_query"]);
            it.body["treat_missing_data"] == "breaching"
                && queries.iter().any(|it| it["metric"][0]["metric_name"] == "Invocations")
        })
    };
    each(blocks, "aws_scheduler_schedule", "no alarm fires when it stops", |schedule| {
        // The target is an alias, and the alias names the function.
        let targets = blocks.mentioned(schedule, &schedule.body["target"]);
        targets
            .into_iter()
            .flat_map(|it| blocks.mentioned(it, &it.body["function_name"]))
            .any(misses)
    })
}
