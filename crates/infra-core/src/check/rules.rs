//! Rules that no type can express: sizes, lengths of names, and wildcards in policies.

use std::fmt::{self, Write as _};

use serde_json::Value;

use super::{
    Violation,
    policy::{Block, Blocks, Clash},
};
use crate::{model::stack::Node, parallel};

/// Every violation of these rules.
pub(super) fn check(blocks: &[(&Node, &Block<'_>)]) -> Vec<Violation> {
    let of_blocks = parallel::map(blocks, |(node, block)| match block.tf_type {
        "aws_iam_policy_document" => {
            let statements = &block.body["statement"];
            let mut found = wildcards(node, statements);
            found.extend(policy_size(node, statements));
            found
        }
        _ => {
            let mut found = name_length(node, block);
            found.extend(environment_size(node, block));
            found
        }
    });
    of_blocks.into_iter().flatten().collect()
}

/// The longest names that AWS accepts: type, argument, characters. The comments are the sources.
const NAMES: &[(&str, &str, usize)] = &[
    // https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    ("aws_lambda_function", "function_name", 64),
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    ("aws_iam_role", "name", 64),
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
    ("aws_sfn_state_machine", "name", 80),
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    ("aws_sqs_queue", "name", 80),
    // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
    ("aws_scheduler_schedule", "name", 64),
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    ("aws_cloudwatch_metric_alarm", "alarm_name", 255),
    ("aws_cloudwatch_metric_alarm", "alarm_description", 1024),
    // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    ("aws_dynamodb_table", "name", 255),
    // https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    ("aws_sns_topic", "name", 256),
    // https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    ("aws_lambda_function", "description", 256),
    // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
    ("aws_scheduler_schedule", "description", 512),
    // https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html
    ("aws_api_gateway_rest_api", "description", 1024),
];

fn name_length(node: &Node, block: &Block<'_>) -> Vec<Violation> {
    let rules = NAMES.iter().filter(|(tf_type, ..)| *tf_type == node.address.tf_type());
    rules
        .filter_map(|(_, argument, most)| {
            let length = block.body[*argument].as_str()?.chars().count();
            (length > *most).then(|| {
                Violation::new(
                    "limit/name-length",
                    format!("{}.{argument}", node.address),
                    format!("it has {length} characters; AWS accepts at most {most}"),
                    "shorten it, or shorten its prefix",
                )
            })
        })
        .collect()
}

/// The largest size of all variables of a function together, names included.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const ENVIRONMENT_BYTES: usize = 4096;
/// The assumed size of a reference: the longest values are ARNs.
const REFERENCE_BYTES: usize = 200;

fn environment_size(node: &Node, block: &Block<'_>) -> Option<Violation> {
    if block.tf_type != "aws_lambda_function" {
        return None;
    }
    let variables = block.body["environment"][0]["variables"].as_object()?;
    let size = |value: &Value| match value.as_str() {
        Some(text) if text.contains("${") => REFERENCE_BYTES,
        Some(text) => text.len(),
        None => 0,
    };
    let bytes: usize = variables.iter().map(|(name, value)| name.len() + size(value)).sum();
    (bytes > ENVIRONMENT_BYTES).then(|| {
        Violation::new(
            "limit/environment-size",
            format!("{}.environment", node.address),
            format!(
                "its variables take up to {bytes} bytes (a reference counts as {REFERENCE_BYTES}); \
                 Lambda accepts {ENVIRONMENT_BYTES} in total"
            ),
            "move large values into the function's package or into Parameter Store",
        )
    })
}

/// Finds `*` in the actions and resources of statements that allow. A `*` resource needs a reason ([`Unscoped`]).
///
/// [`Unscoped`]: crate::model::iam::Unscoped
fn wildcards(node: &Node, statements: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    for (at, statement) in statements.as_array().into_iter().flatten().enumerate() {
        if statement["effect"] != "Allow" {
            continue;
        }
        let place = || format!("{}.statement[{at}]", node.address);
        let texts = |field: &str| {
            statement[field].as_array().into_iter().flatten().filter_map(Value::as_str)
        };
        if let Some(action) = texts("actions").find(|it| it.contains('*')) {
            found.push(Violation::new(
                "iam/wildcard-action",
                place(),
                format!("it allows {action}, and so every action that AWS adds later"),
                "name the actions in use",
            ));
        }
        let reason = statement["sid"].as_str().is_some_and(|it| it.ends_with("HasNoResources"));
        if texts("resources").any(|it| it == "*") && !reason {
            found.push(Violation::new(
                "iam/wildcard-resource",
                place(),
                "it allows its actions on every resource",
                "name the resource, or use iam::Unscoped if the action supports no resources",
            ));
        }
    }
    found
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const ROLE_POLICY_CHARACTERS: usize = 10_240;

/// The length of a value as JSON. The text itself is not built.
fn length(value: &Value) -> usize {
    struct Count(usize);

    impl fmt::Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }

    let mut count = Count(0);
    write!(count, "{value}").expect("counting never fails");
    count.0
}

fn policy_size(node: &Node, statements: &Value) -> Option<Violation> {
    let size = length(statements);
    (size > ROLE_POLICY_CHARACTERS).then(|| {
        Violation::new(
            "limit/policy-size",
            node.address.to_string(),
            format!(
                "it has about {size} characters; IAM accepts {ROLE_POLICY_CHARACTERS} for a role"
            ),
            "split the permissions among several roles",
        )
    })
}

/// Finds two attributes that would become the same variable of a module.
pub(super) fn label_clashes(blocks: &Blocks<'_>) -> Vec<Violation> {
    let mut found: Vec<_> = blocks.clashes().iter().map(clash).collect();
    found.sort();
    found.dedup();
    found
}

fn clash(Clash { at, first, second }: &Clash<'_>) -> Violation {
    Violation::new(
        "stack/label-clash",
        at.to_string(),
        format!(
            "`{}` of {} and `{}` of {} would become the same variable, {}",
            first.name(),
            first.of(),
            second.name(),
            second.of(),
            second.label()
        ),
        "give one of the two resources another name",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::model::{
        ModuleName, Scope, Stack,
        place::{AccountId, Region},
    };

    /// A policy's address, and a body that the model would not make.
    #[track_caller]
    fn check(statement: Value, rules: &[&str]) {
        const ACCOUNT: AccountId = AccountId::new("111122223333");
        let mut stack = Stack::new(Scope {
            accounts: vec![ACCOUNT],
            region: Region::EuWest1,
            prefix: "test".to_owned(),
            tags: BTreeMap::new(),
        });
        stack.module(ModuleName::new("m")).policy_for_tests("p");
        let node = stack.nodes().next().unwrap();
        let statements = json!([statement]);
        let found = wildcards(node, &statements).into_iter();
        let found = found.chain(policy_size(node, &statements));
        let found: Vec<_> = found.map(|it| (it.rule, it.address)).collect();
        let place = "module.m.data.aws_iam_policy_document.p";
        assert!(found.iter().all(|(_, address)| address.starts_with(place)), "{found:?}");
        assert_eq!(found.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), rules);
    }

    #[test]
    fn policies_that_allow_too_much() {
        let allow = |actions: &[&str], resources: &[&str]| json!({ "effect": "Allow", "actions": actions, "resources": resources });
        check(allow(&["sqs:SendMessage"], &["${var.a}"]), &[]);
        check(allow(&["sqs:*"], &["${var.a}"]), &["iam/wildcard-action"]);
        check(allow(&["sqs:SendMessage"], &["*"]), &["iam/wildcard-resource"]);
        check(allow(&["*"], &["*"]), &["iam/wildcard-action", "iam/wildcard-resource"]);
        let mut reasoned = allow(&["xray:PutTraceSegments"], &["*"]);
        reasoned["sid"] = json!("XRayHasNoResources");
        check(reasoned, &[]);
        let mut denied = allow(&["sqs:*"], &["*"]);
        denied["effect"] = json!("Deny");
        check(denied, &[]);
        let long = "a".repeat(ROLE_POLICY_CHARACTERS);
        check(allow(&["sqs:SendMessage"], &[&long]), &["limit/policy-size"]);
    }
}
