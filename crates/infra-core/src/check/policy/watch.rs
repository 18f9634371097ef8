//! Policies for logs and alarms.

use std::collections::BTreeSet;

use super::{
    Block, Blocks, Broken, Policy, Severity, each, is_set, many, queue::dead_letter_queues,
};
use crate::model::policy::{Posture, Rule};

const GROUP: &str = "aws_cloudwatch_log_group";

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::LogRetention,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "CloudWatch would keep the log, and charge for it, for ever",
        fix: "set retention_in_days",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        also: &["CKV_AWS_66", "cloudwatch-log-group-retention"],
        find: |blocks| {
            each(blocks, GROUP, "it has no retention", |it| {
                it.body["retention_in_days"].as_u64().is_some_and(|it| it > 0)
            })
        },
    },
    Policy {
        rule: Rule::LogKeptAYear,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "the investigation of an incident needs logs of the months before",
        fix: "set retention_in_days to 365 or more",
        page: "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html",
        also: &["CKV_AWS_338"],
        find: |blocks| {
            each(blocks, GROUP, "its retention is shorter than a year", |it| {
                it.body["retention_in_days"].as_u64().is_some_and(|it| it >= 365)
            })
        },
    },
    Policy {
        rule: Rule::LogEncryption,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "with a key of AWS, no log shows who reads the data, and access cannot be withdrawn",
        fix: "encrypt it with a customer managed key (Stack::encrypt_logs)",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        also: &["CKV_AWS_158"],
        find: |blocks| {
            each(blocks, GROUP, "it is not encrypted with a customer managed key", |it| {
                is_set(&it.body["kms_key_id"])
            })
        },
    },
    Policy {
        rule: Rule::AlarmAction,
        severity: Severity::High,
        from: Posture::Development,
        reason: "it would notify no operator when it fires",
        fix: "set its alarm_actions to the topic for alarms",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
        also: &["CKV_AWS_319"],
        find: |blocks| {
            each(blocks, "aws_cloudwatch_metric_alarm", "it notifies no topic", |it| {
                it.body["actions_enabled"] != false && is_set(&it.body["alarm_actions"])
            })
        },
    },
    Policy {
        rule: Rule::AlarmMissing,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "its failure would be noticed by customers first",
        fix: "add the alarms of its kind (Module::watch)",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
        also: &[],
        find: alarm_missing,
    },
    Policy {
        rule: Rule::ScheduleHeartbeat,
        severity: Severity::High,
        from: Posture::Development,
        reason: "a schedule that stops causes no error, so the missing work would go unnoticed",
        fix: "use a rate expression, and add an alarm that fires if the function is not invoked (Module::heartbeat)",
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
        also: &[],
        find: schedule_heartbeat,
    },
];

/// The metrics of each type of resource that an alarm must watch.
const WATCHED: &[(&str, &[&str])] = &[
    ("aws_api_gateway_rest_api", &["4XXError", "5XXError", "Latency"]),
    ("aws_dynamodb_table", &["ReadThrottleEvents", "WriteThrottleEvents"]),
    ("aws_lambda_function", &["Duration", "Errors", "Throttles"]),
    ("aws_sfn_state_machine", &["ExecutionThrottled", "ExecutionsFailed", "ExecutionsTimedOut"]),
    ("aws_sqs_queue", &["ApproximateAgeOfOldestMessage"]),
];

fn alarm_missing(blocks: &Blocks) -> Vec<Broken> {
    let single = blocks.about("aws_cloudwatch_metric_alarm", "dimensions");
    let several = blocks.about("aws_cloudwatch_metric_alarm", "metric_query");
    // Another policy asks for the alarm of dead letters.
    let dead: BTreeSet<_> = dead_letter_queues(blocks).into_iter().map(|it| it.address).collect();
    let mut found = Vec::new();
    for (tf_type, metrics) in WATCHED {
        for it in blocks.each(tf_type).filter(|it| !dead.contains(it.address)) {
            let watched = |metric: &str| {
                let query = |it: &Block| {
                    many(&it.body["metric_query"])
                        .iter()
                        .any(|it| it["metric"][0]["metric_name"] == metric)
                };
                single.of(it).any(|it| it.body["metric_name"] == metric)
                    || several.of(it).any(query)
            };
            let missing: Vec<_> = metrics.iter().copied().filter(|it| !watched(it)).collect();
            if !missing.is_empty() {
                let problem = format!("no alarm watches its {}", missing.join(", "));
                found.push(Broken::of(it, &problem));
            }
        }
    }
    found
}

/// Finds schedules without an alarm for missing invocations of their function.
fn schedule_heartbeat(blocks: &Blocks) -> Vec<Broken> {
    let alarms = blocks.about("aws_cloudwatch_metric_alarm", "metric_query");
    let misses = |function: &Block| {
        alarms.of(function).any(|it| {
            let queries = many(&it.body["metric_query"]);
            it.body["treat_missing_data"] == "breaching"
                && queries.iter().any(|it| it["metric"][0]["metric_name"] == "Invocations")
        })
    };
    each(blocks, "aws_scheduler_schedule", "no alarm fires if it stops", |schedule| {
        // The target is an alias, and the alias names the function.
        let targets = blocks.mentioned(schedule, &schedule.body["target"]);
        targets
            .into_iter()
            .flat_map(|it| blocks.mentioned(it, &it.body["function_name"]))
            .any(misses)
    })
}
