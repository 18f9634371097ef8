//! Policies for functions, the state machine, event sources and schedules.

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
        reason: "Lambda would create a log group without retention, and plain text cannot be searched by field",
        fix: "log as JSON, to a log group of this stack",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html",
        also: &["lambda-log-retention", "lambda-structured-logging"],
        find: |blocks| {
            each(blocks, FUNCTION, "it does not log as JSON to a log group of this stack", |it| {
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
        reason: "Lambda's defaults, 3 seconds and 128 MB, are not chosen for this function",
        fix: "set its timeout and its memory size",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        also: &["lambda-default-memory", "lambda-default-timeout"],
        find: |blocks| {
            each(blocks, FUNCTION, "it has Lambda's default timeout or memory size", |it| {
                it.body["timeout"].is_number() && it.body["memory_size"].is_number()
            })
        },
    },
    Policy {
        rule: Rule::FunctionRuntime,
        severity: Severity::High,
        from: Posture::Development,
        reason: "AWS does not patch deprecated runtimes",
        fix: "use provided.al2023",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
        also: &["CKV_AWS_363", "L1", "lambda-end-of-life-runtime"],
        find: |blocks| {
            each(blocks, FUNCTION, "its runtime is not provided.al2023", |it| {
                it.body["runtime"] == "provided.al2023"
            })
        },
    },
    Policy {
        rule: Rule::FunctionSecrets,
        severity: Severity::High,
        from: Posture::Development,
        reason: "variables are in this repository, and every principal that may describe the function can read them",
        fix: "store the secret in AWS Secrets Manager or Parameter Store, and pass its name",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
        also: &["CKV_AWS_45", "CKV_AWS_41", "CKV_AWS_173"],
        find: function_secrets,
    },
    Policy {
        rule: Rule::FunctionPermission,
        severity: Severity::High,
        from: Posture::Development,
        reason: "resources of other accounts could invoke the function through that service",
        fix: "name the service as the principal, and the ARN of the calling resource as source_arn",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html",
        also: &["CKV_AWS_301", "CKV_AWS_364"],
        find: |blocks| {
            each(
                blocks,
                "aws_lambda_permission",
                "it has no source_arn, or allows every principal",
                |it| it.body["principal"] != "*" && is_set(&it.body["source_arn"]),
            )
        },
    },
    Policy {
        rule: Rule::FunctionConcurrency,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "a flood of requests or messages could use all concurrency of the account, and throttle every other function",
        fix: "set its reserved concurrency",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
        also: &["CKV_AWS_115"],
        find: function_concurrency,
    },
    Policy {
        rule: Rule::FunctionDeadLetters,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "the event of an asynchronous invocation that fails three times is lost",
        fix: "give it a dead-letter queue, or suppress the policy with the reason why no event is lost",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        also: &["CKV_AWS_116", "lambda-async-failure-destination"],
        find: |blocks| {
            each(blocks, FUNCTION, "it has no dead-letter queue of its own", |it| {
                is_set(&it.body["dead_letter_config"])
            })
        },
    },
    Policy {
        rule: Rule::FunctionInVpc,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "outside of a VPC, no network rule limits what it can reach",
        fix: "put it into a VPC, or suppress the policy with the reason why it needs none",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
        also: &["CKV_AWS_117"],
        find: |blocks| {
            each(blocks, FUNCTION, "it is not in a VPC", |it| is_set(&it.body["vpc_config"]))
        },
    },
    Policy {
        rule: Rule::FunctionCodeSigning,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "Lambda would run any zip that is uploaded",
        fix: "give it a code signing configuration, or suppress the policy with the reason how the zip is verified",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html",
        also: &["CKV_AWS_272"],
        find: |blocks| {
            each(blocks, FUNCTION, "it has no code signing configuration", |it| {
                is_set(&it.body["code_signing_config_arn"])
            })
        },
    },
    Policy {
        rule: Rule::EventSourcePartialBatch,
        severity: Severity::High,
        from: Posture::Development,
        reason: "one failed message would return its whole batch to the queue",
        fix: "set function_response_types to ReportBatchItemFailures",
        page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
        also: &[],
        find: |blocks| {
            each(
                blocks,
                "aws_lambda_event_source_mapping",
                "it does not report failures of single messages",
                |it| {
                    let types = many(&it.body["function_response_types"]);
                    types.iter().any(|it| *it == "ReportBatchItemFailures")
                },
            )
        },
    },
    Policy {
        rule: Rule::ScheduleEncryption,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "with a key of AWS, no log shows who reads the schedule, and access cannot be withdrawn",
        fix: "encrypt it with a customer managed key (Stack::encrypt_schedules)",
        page: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html",
        also: &["CKV_AWS_297"],
        find: |blocks| {
            each(
                blocks,
                "aws_scheduler_schedule",
                "it is not encrypted with a customer managed key",
                |it| is_set(&it.body["kms_key_arn"]),
            )
        },
    },
    Policy {
        rule: Rule::ScheduleRetry,
        severity: Severity::Low,
        from: Posture::Development,
        reason: "by default the scheduler retries a call for a day, so old calls pile up on new ones",
        fix: "set the maximum event age and the maximum number of retries",
        page: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html",
        also: &["eventbridge-rule-without-dlq"],
        find: |blocks| {
            each(blocks, "aws_scheduler_schedule", "it has the default retry policy", |it| {
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
        reason: "without the input, a failure is hard to explain",
        fix: "log the execution data, or suppress the policy with the reason why the data stays out of the log",
        page: "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
        also: &["CKV_AWS_285"],
        find: |blocks| {
            each(blocks, MACHINE, "its log has no execution data", |it| {
                it.body["logging_configuration"][0]["include_execution_data"] == true
            })
        },
    },
];

/// The prefixes of AWS access key ids.
const ACCESS_KEYS: &[&str] = &["AKIA", "ASIA"];
/// Words in the name of a variable that probably has a secret.
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

/// Finds functions behind a route or a queue, whose load comes from outside, without reserved concurrency.
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
    each(blocks, FUNCTION, "it has no reserved concurrency", |it| {
        !outside.contains(it.address) || it.body["reserved_concurrent_executions"].is_number()
    })
}
