//! The relations between numbers: pairs that AWS couples, so that one may not be changed without a look at the other.
//!
//! [`ALL`] has a row for each relation, and `docs/relations.md` is its table. A rule over the whole stack is a function
//! of a module below this one. A rule that needs only the handles of a call stays at that call, because there the
//! numbers have types; its row names the file.

mod api;
mod functions;
mod queues;

use std::fmt::Write as _;

use super::{Violation, policy::Blocks};
use crate::model::Stack;

/// A relation between numbers.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// The name of the rule.
    pub rule: &'static str,
    /// The comparison that must hold.
    pub holds: &'static str,
    /// The types of the numbers that break it if they are too low.
    pub low: &'static [&'static str],
    /// The types of the numbers that break it if they are too high.
    pub high: &'static [&'static str],
    /// The page of AWS with the reason.
    pub page: &'static str,
    /// The file below `crates/infra-core/src` that has the rule.
    pub file: &'static str,
    /// The function that checks it over a whole stack. `None` if it is checked by the call that adds a resource.
    whole: Option<fn(&Stack, &Blocks<'_>) -> Vec<Violation>>,
}

/// Every violation of a relation that is checked over the whole stack.
pub(super) fn check(stack: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    ALL.iter().filter_map(|it| it.whole).flat_map(|check| check(stack, blocks)).collect()
}

/// Every relation between numbers that AWS couples. Those of DOFS alone are in `infra-gen/src/config/relations.rs`.
pub const ALL: &[Relation] = &[
    // Time.
    Relation {
        rule: "limit/visibility",
        holds: "visibility timeout of a queue >= 6 x timeout of the function that takes its messages + batch window",
        low: &["VisibilityTimeout"],
        high: &["FunctionTimeout", "BatchWindow"],
        page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
        file: "model/trigger.rs",
        whole: None,
    },
    Relation {
        rule: "limit/message-retention",
        holds: "retention of a queue >= visibility timeout x maximum receive count",
        low: &["MessageRetention"],
        high: &["VisibilityTimeout", "MaxReceiveCount"],
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        file: "check/relations/queues.rs",
        whole: Some(queues::message_retention),
    },
    Relation {
        rule: "limit/dlq-retention",
        holds: "retention of a dead-letter queue > retention of its source",
        low: &["MessageRetention"],
        high: &["MessageRetention"],
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        file: "model/queue.rs",
        whole: None,
    },
    Relation {
        rule: "limit/integration-timeout",
        holds: "timeout of a function behind a route < 29 s, the timeout of API Gateway",
        low: &[],
        high: &["FunctionTimeout"],
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
        file: "model/rest_api/route.rs",
        whole: None,
    },
    Relation {
        rule: "limit/route-wait",
        holds: "time that a route waits by design < timeout of its function",
        low: &["FunctionTimeout"],
        high: &[],
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
        file: "model/rest_api/concurrency.rs",
        whole: None,
    },
    Relation {
        rule: "limit/state-timeout",
        holds: "timeout of a Task state > timeout of the function that it calls",
        low: &["StateTimeout"],
        high: &["FunctionTimeout"],
        page: "https://docs.aws.amazon.com/step-functions/latest/dg/sfn-stuck-execution.html",
        file: "model/flow/task.rs",
        whole: None,
    },
    Relation {
        rule: "asl/timeout-chain",
        holds: "timeout of a state machine >= all timeouts, retries and waits on its longest path",
        low: &["StateTimeout"],
        high: &["StateTimeout", "WaitSeconds", "MaxAttempts", "RetryInterval", "MaxDelay"],
        page: "https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html",
        file: "check/asl/time.rs",
        whole: None,
    },
    Relation {
        rule: "asl/token-window",
        holds: "wait before a transaction is repeated with its token < 10 minutes, for which DynamoDB knows the token",
        low: &[],
        high: &["WaitSeconds"],
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html",
        file: "check/asl/token.rs",
        whole: None,
    },
    Relation {
        rule: "limit/schedule-interval",
        holds: "timeout of a scheduled function <= interval of its schedule",
        low: &["Schedule"],
        high: &["FunctionTimeout"],
        page: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
        file: "check/relations/functions.rs",
        whole: Some(functions::schedule_interval),
    },
    Relation {
        rule: "limit/alarm-window",
        holds: "period x number of periods of an alarm <= 1 day, or 7 days from periods of 1 hour on",
        low: &[],
        high: &["Period", "EvaluationPeriods"],
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        file: "model/alarm.rs",
        whole: None,
    },
    Relation {
        rule: "limit/alarm-datapoints",
        holds: "breaching periods of an alarm <= evaluated periods",
        low: &[],
        high: &[],
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        file: "model/alarm.rs",
        whole: None,
    },
    Relation {
        rule: "limit/alarm-never",
        holds: "threshold of an alarm < the largest value of its metric, such as the timeout of a function for its duration",
        low: &[],
        high: &["Count", "Seconds", "Milliseconds", "Share"],
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        file: "model/alarm.rs",
        whole: None,
    },
    Relation {
        rule: "limit/alarm-always",
        holds: "threshold of an alarm >= the values of regular work, such as the time that a route waits for a latency",
        low: &["Count", "Seconds", "Milliseconds", "Share"],
        high: &[],
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        file: "model/alarm.rs",
        whole: None,
    },
    Relation {
        rule: "limit/alarm-share",
        holds: "metric of the part of a share != metric of the whole",
        low: &[],
        high: &[],
        page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html",
        file: "model/alarm.rs",
        whole: None,
    },
    // Counts and rates.
    Relation {
        rule: "limit/receive-count",
        holds: "maximum receive count of a queue >= 2, and >= 5 in production if a function takes its messages",
        low: &["MaxReceiveCount"],
        high: &[],
        page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/avoiding-inconsistent-message-processing.html",
        file: "check/relations/queues.rs",
        whole: Some(queues::receive_count),
    },
    Relation {
        rule: "limit/batch-window",
        holds: "batch window >= 1 s if a batch may have more than 10 messages",
        low: &["BatchWindow"],
        high: &["BatchSize"],
        page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html",
        file: "model/trigger.rs",
        whole: None,
    },
    Relation {
        rule: "limit/event-source-concurrency",
        holds: "maximum concurrency of all event sources of a function together <= its reserved concurrency",
        low: &["ReservedConcurrency"],
        high: &["MaximumConcurrency"],
        page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
        file: "check/relations/functions.rs",
        whole: Some(functions::event_sources),
    },
    Relation {
        rule: "limit/route-concurrency",
        holds: "burst + rate x time that a route waits, of all routes to a function together <= its reserved concurrency",
        low: &["ReservedConcurrency"],
        high: &["BurstLimit", "RateLimit"],
        page: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",
        file: "model/rest_api/concurrency.rs",
        whole: None,
    },
    Relation {
        rule: "limit/reserved-concurrency",
        holds: "reserved concurrency of all functions of an account together <= its quota - 100",
        low: &[],
        high: &["ReservedConcurrency"],
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
        file: "check/quotas.rs",
        whole: None,
    },
    Relation {
        rule: "limit/burst",
        holds: "burst of an API >= its rate",
        low: &["BurstLimit"],
        high: &["RateLimit"],
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
        file: "check/relations/api.rs",
        whole: Some(api::burst),
    },
    Relation {
        rule: "limit/daily-quota",
        holds: "daily quota of a key <= rate x 86400 s + burst",
        low: &["RateLimit", "BurstLimit"],
        high: &["DailyQuota"],
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html",
        file: "check/relations/api.rs",
        whole: Some(api::daily_quota),
    },
    Relation {
        rule: "limit/api-rate",
        holds: "rate and burst of all APIs of an account <= the quotas of API Gateway, StartExecution and state transitions",
        low: &[],
        high: &["RateLimit", "BurstLimit"],
        page: "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html",
        file: "check/quotas.rs",
        whole: None,
    },
    Relation {
        rule: "limit/firewall-rate",
        holds: "requests of one key that a firewall lets through >= rate x 300 s + burst",
        low: &["CallerRate"],
        high: &["RateLimit", "BurstLimit"],
        page: "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html",
        file: "model/firewall.rs",
        whole: None,
    },
    Relation {
        rule: "limit/index-rate",
        holds: "rate of the APIs x writes of an item under one key of an index <= 1000 a second, the limit of a partition",
        low: &[],
        high: &["RateLimit"],
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html",
        file: "check/index.rs",
        whole: None,
    },
    // Sizes. Those of payloads are compared at compile time: see `function_contract::size`.
    Relation {
        rule: "limit/firewall-body",
        holds: "longest body of a route <= 64 KB, which a firewall can inspect; the firewall's own limit is that body's",
        low: &[],
        high: &[],
        page: "https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html",
        file: "model/firewall.rs",
        whole: None,
    },
    Relation {
        rule: "limit/environment-size",
        holds: "all environment variables of a function together <= 4 KB",
        low: &[],
        high: &[],
        page: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
        file: "check/rules.rs",
        whole: None,
    },
    Relation {
        rule: "limit/policy-size",
        holds: "all permissions of a role together <= 10240 characters",
        low: &[],
        high: &[],
        page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
        file: "check/rules.rs",
        whole: None,
    },
    Relation {
        rule: "limit/name-length",
        holds: "prefix + name of a resource <= the longest name of its type",
        low: &[],
        high: &[],
        page: "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
        file: "check/rules.rs",
        whole: None,
    },
];

/// The table of `docs/relations.md`.
pub fn table() -> String {
    let mut table = "| rule | what must hold | checked in | page |\n|---|---|---|---|\n".to_owned();
    for it in ALL {
        let service = it.page.split('/').nth(3).unwrap_or_default();
        let Relation { rule, holds, file, page, .. } = it;
        let _ = writeln!(table, "| `{rule}` | {holds} | `{file}` | [{service}]({page}) |");
    }
    table
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    /// The rules on numbers of a state machine. The other `asl/` rules are on its form.
    const ASL: [&str; 2] = ["asl/timeout-chain", "asl/token-window"];

    fn src() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
    }

    /// Every name of a rule on numbers in a folder, with the files that have it.
    fn named(folder: &Path, found: &mut BTreeMap<String, BTreeSet<String>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                named(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let file = path.strip_prefix(src()).unwrap().display().to_string();
            // Tests come last in a file.
            let code = text.split("#[cfg(test)]").next().unwrap();
            for rule in code.split('"').filter(|it| it.starts_with("limit/") || ASL.contains(it)) {
                found.entry(rule.to_owned()).or_default().insert(file.clone());
            }
        }
    }

    /// A new rule on a limit does not pass without a row, and a row does not outlive its rule.
    #[test]
    fn each_rule_on_a_limit_has_one_row_that_names_its_file() {
        let mut found = BTreeMap::new();
        named(&src(), &mut found);
        let rules: Vec<_> = ALL.iter().map(|it| it.rule).collect();
        for (rule, files) in &found {
            assert_eq!(rules.iter().filter(|it| *it == rule).count(), 1, "{rule} in {files:?}");
        }
        for it in ALL {
            assert!(it.page.starts_with("https://docs.aws.amazon.com/"), "{}", it.rule);
            let files = found.get(it.rule);
            assert!(
                files.is_some_and(|it_is| it_is.contains(it.file)),
                "{} is in {files:?}, not in {}",
                it.rule,
                it.file
            );
        }
    }

    #[test]
    fn the_documentation_has_the_table() {
        let document = include_str!("../../../../docs/relations.md");
        assert!(document.contains(&table()), "docs/relations.md needs this table:\n\n{}", table());
    }
}
