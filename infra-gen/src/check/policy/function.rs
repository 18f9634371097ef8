//! Functions, the machine, and what calls them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Blocks, Broken, Policy, Severity, each, is_set, many};
use crate::model::policy::{Posture, Rule};

const FUNCTION: &str = "aws_lambda_function";
const MACHINE: &str = "aws_sfn_state_machine";

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::FunctionTracing,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "an order could not be followed through it",
        fix: "set its tracing mode to Active",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",
        also: &["CKV_AWS_50", "lambda-tracing"],
        find: |blocks| {
            each(blocks, FUNCTION, "it is not traced", |it| {
                it.body["tracing_config"][0]["mode"] == "Active"
            })
        },
    },
    Policy {
        rule: Rule::FunctionLog,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "Lambda would make a group that is kept for ever, and lines that nothing can search",
        fix: "log as JSON, to a log group of this stack",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html",
        also: &["lambda-log-retention", "lambda-structured-logging"],
        find: |blocks| {
            each(blocks, FUNCTION, "no log group of this stack is its log", |it| {
                let logging = &it.body["logging_config"][0];
                let groups = blocks.mentioned(it, &logging["log_group"]);
                logging["log_format"] == "JSON"
                    && groups.iter().any(|it| it.tf_type == "aws_cloudwatch_log_group")
            })
        },
    },
    Policy {
        rule: Rule::FunctionLimits,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "Lambda's defaults, 3 seconds and 128 MB, fit nothing in particular",
        fix: "say how long it may run, and on how much memory",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        also: &["lambda-default-memory", "lambda-default-timeout"],
        find: |blocks| {
            each(blocks, FUNCTION, "its timeout or memory is Lambda's default", |it| {
                it.body["timeout"].is_number() && it.body["memory_size"].is_number()
            })
        },
    },
    Policy {
        rule: Rule::FunctionRuntime,
        severity: Severity::High,
        from: Posture::Development,
        reason: "AWS mends no faults in a runtime that it has given up",
        fix: "use provided.al2023",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
        also: &["CKV_AWS_363", "L1", "lambda-end-of-life-runtime"],
        find: |blocks| {
            each(blocks, FUNCTION, "its runtime is not a current one", |it| {
                it.body["runtime"] == "provided.al2023"
            })
        },
    },
    Policy {
        rule: Rule::FunctionSecrets,
        severity: Severity::High,
        from: Posture::Development,
        reason: "every principal that may describe the function reads its variables, and they are in this repository",
        fix: "keep secrets in a secret store, and pass the name",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
        also: &["CKV_AWS_45", "CKV_AWS_41", "CKV_AWS_173"],
        find: function_secrets,
    },
    Policy {
        rule: Rule::FunctionPermission,
        severity: Severity::High,
        from: Posture::Development,
        reason: "anybody's resource of that service, or anybody at all, could call it",
        fix: "name the service and the ARN of the one resource that calls",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html",
        also: &["CKV_AWS_301", "CKV_AWS_364"],
        find: |blocks| {
            each(blocks, "aws_lambda_permission", "it does not say for which resource", |it| {
                it.body["principal"] != "*" && is_set(&it.body["source_arn"])
            })
        },
    },
    Policy {
        rule: Rule::FunctionConcurrency,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "a flood outside would take all of the account's share, and everything else stops",
        fix: "reserve concurrency for it",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
        also: &["CKV_AWS_115"],
        find: function_concurrency,
    },
    Policy {
        rule: Rule::FunctionDeadLetters,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "an asynchronous call that fails three times is gone",
        fix: "give it dead letters, or say why nothing is lost",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        also: &["CKV_AWS_116", "lambda-async-failure-destination"],
        find: |blocks| {
            each(blocks, FUNCTION, "it has no dead letters of its own", |it| {
                is_set(&it.body["dead_letter_config"])
            })
        },
    },
    Policy {
        rule: Rule::FunctionInVpc,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "outside of one, no network rule holds what it reaches",
        fix: "put it into a VPC, or say why it needs none",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
        also: &["CKV_AWS_117"],
        find: |blocks| {
            each(blocks, FUNCTION, "it runs in no network of ours", |it| {
                is_set(&it.body["vpc_config"])
            })
        },
    },
    Policy {
        rule: Rule::FunctionCodeSigning,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "Lambda would run whatever zip it is handed",
        fix: "give it a code signing configuration, or say what else vouches for the zip",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html",
        also: &["CKV_AWS_272"],
        find: |blocks| {
            each(blocks, FUNCTION, "nothing signs its code", |it| {
                is_set(&it.body["code_signing_config_arn"])
            })
        },
    },
    Policy {
        rule: Rule::EventSourcePartialBatch,
        severity: Severity::High,
        from: Posture::Development,
        reason: "one bad message takes its neighbours back to the queue",
        fix: "let it report failures of single messages (ReportBatchItemFailures)",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
        also: &[],
        find: |blocks| {
            each(blocks, "aws_lambda_event_source_mapping", "a batch fails as a whole", |it| {
                let types = many(&it.body["function_response_types"]);
                types.iter().any(|it| *it == "ReportBatchItemFailures")
            })
        },
    },
    Policy {
        rule: Rule::ScheduleEncryption,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "with AWS's own key no log shows who reads its log",
        fix: "encrypt it with a customer key (Stack::encrypt_schedules)",
        page: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html",
        also: &["CKV_AWS_297"],
        find: |blocks| {
            each(blocks, "aws_scheduler_schedule", "no key of ours encrypts it", |it| {
                is_set(&it.body["kms_key_arn"])
            })
        },
    },
    Policy {
        rule: Rule::ScheduleRetry,
        severity: Severity::Low,
        from: Posture::Development,
        reason: "by default the scheduler tries for a day, and old ticks pile up on new ones",
        fix: "say how old a tick may be, and how often it is tried",
        page: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html",
        also: &["eventbridge-rule-without-dlq"],
        find: |blocks| {
            each(blocks, "aws_scheduler_schedule", "its retries are the default", |it| {
                let retry = &it.body["target"][0]["retry_policy"][0];
                retry["maximum_event_age_in_seconds"].is_number()
                    && retry["maximum_retry_attempts"].is_number()
            })
        },
    },
    Policy {
        rule: Rule::MachineTracing,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "an order could not be followed through it",
        fix: "enable its tracing_configuration",
        page: "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",
        also: &["CKV_AWS_284", "SF2", "stepfunctions-tracing"],
        find: |blocks| {
            each(blocks, MACHINE, "it is not traced", |it| {
                it.body["tracing_configuration"][0]["enabled"] == true
            })
        },
    },
    Policy {
        rule: Rule::MachineLog,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "the history of an execution ends after 90 days",
        fix: "log every state, at level ALL",
        page: "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
        also: &["CKV_AWS_285", "SF1"],
        find: |blocks| {
            each(blocks, MACHINE, "it does not log every state", |it| {
                it.body["logging_configuration"][0]["level"] == "ALL"
            })
        },
    },
    Policy {
        rule: Rule::MachineExecutionData,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "a fault cannot be understood without the input that it came from",
        fix: "log the data, or say why it stays out",
        page: "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
        also: &["CKV_AWS_285"],
        find: |blocks| {
            each(blocks, MACHINE, "its log has no data", |it| {
                it.body["logging_configuration"][0]["include_execution_data"] == true
            })
        },
    },
];

/// How AWS's own access keys begin.
const ACCESS_KEYS: &[&str] = &["AKIA", "ASIA"];
/// Words in the name of what should not be there.
const SECRET_WORDS: &[&str] =
    &["SECRET", "PASSWORD", "TOKEN", "CREDENTIAL", "PRIVATE_KEY", "API_KEY"];

fn function_secrets(blocks: &Blocks) -> Vec<Broken> {
    let mut found = Vec::new();
    for block in blocks.each(FUNCTION) {
        let variables = block.body["environment"][0]["variables"].as_object();
        for (name, value) in variables.into_iter().flatten() {
            let literal = value.as_str().filter(|it| !it.contains("${"));
            let key =
                |it: &str| it.len() == 20 && ACCESS_KEYS.iter().any(|key| it.starts_with(key));
            let named = SECRET_WORDS.iter().any(|it| name.contains(it));
            if literal.is_some_and(|it| named || key(it)) {
                found.push(Broken {
                    address: format!("{}.environment", block.address),
                    problem: format!("the variable {name} looks like a secret"),
                });
            }
        }
    }
    found
}

/// What the outside sets in motion: behind a route, or behind a queue.
fn function_concurrency(blocks: &Blocks) -> Vec<Broken> {
    let called = |value: &Value, at| {
        let aliases = blocks.mentioned(at, value);
        let functions = aliases
            .into_iter()
            .flat_map(|alias| blocks.mentioned(alias, &alias.body["function_name"]));
        functions.map(|it| it.address).collect::<Vec<_>>()
    };
    let mut outside: BTreeSet<&str> = BTreeSet::new();
    for it in blocks.each("aws_api_gateway_integration") {
        outside.extend(called(&it.body["uri"], it));
    }
    for it in blocks.each("aws_lambda_event_source_mapping") {
        outside.extend(called(&it.body["function_name"], it));
    }
    each(blocks, FUNCTION, "nothing holds how many of it run", |it| {
        !outside.contains(it.address) || it.body["reserved_concurrent_executions"].is_number()
    })
}
