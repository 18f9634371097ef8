//! IAM: every policy document, by parliament and by policy-sentry.
//!
//! If they differ from AWS, the Service Authorization Reference decides, and `accepted.json` has the
//! difference with the reason and the page.

use std::io::{self, Write as _};
use std::path::Path;

use local_aws::Tools;
use serde::Deserialize;

use crate::{
    findings::{Finding, accepted, differences},
    generated,
};

/// The names of the judges in findings.
pub(crate) const JUDGES: &[&str] = &["parliament", "policy-sentry"];

/// The findings of the judges about a folder of roots.
#[derive(Debug, Deserialize)]
pub(crate) struct Said {
    documents: usize,
    pub(crate) statements: usize,
    pub(crate) findings: Vec<Finding>,
}

pub(crate) fn ask(folder: &Path) -> Result<Said, String> {
    let tools = Tools::iam(&generated::tools_folder()).unwrap_or_else(|err| panic!("{err}"));
    generated::ask(&tools, "iam.py", folder)
}

#[test]
fn every_action_resource_and_condition_is_known() {
    let said = ask(&generated::committed()).unwrap_or_else(|err| panic!("{err}"));
    let accepted = accepted(JUDGES);
    let (open, idle) = differences(&said.findings, &accepted);
    let _ = writeln!(
        io::stdout(),
        "measured: policy documents by parliament and policy-sentry: {} documents, {} statements, \
         {} differences outside the {} that are accepted",
        said.documents,
        said.statements,
        open.len(),
        accepted.len(),
    );
    assert!(open.is_empty(), "not accepted: {open:#?}");
    assert!(idle.is_empty(), "accepted, and no judge says it: {idle:#?}");
    assert!(said.documents > 100 && said.statements > 400, "{said:?}");
}

#[test]
fn a_fault_in_a_policy_is_found() {
    const KEYS: &str = "prod/modules/dynamodb/main.tf.json";
    let faults = [
        // An action that does not exist: of an identity, of a function's policy, of a key's.
        ("dev/modules/lambdas/main.tf.json", "states:StartExecution", "states:BeginExecution"),
        (
            "staging/modules/api_gateway/main.tf.json",
            "Lets POST /order of this stage call the function, and nothing else.\",\n        \
             \"action\": \"lambda:InvokeFunction\"",
            "\",\n        \"action\": \"lambda:Invoke\"",
        ),
        (KEYS, "kms:RotateKeyOnDemand", "kms:RotateKeyNow"),
        // An action that has no key as its resource, and one that has no queue.
        (KEYS, "kms:ListKeyRotations", "kms:ListAliases"),
        (
            "dev/modules/sqs/main.tf.json",
            "\"${aws_sqs_queue.order_dlq.arn}\"",
            "\"arn:aws:sns:ap-south-1:111111111111:dofs-dev-order-dlq\"",
        ),
        // A resource of another type: a queue instead of a table, and an object in the permission that lists a bucket.
        (
            "staging/modules/lambdas/main.tf.json",
            "\"dynamodb:GetItem\"\n            ],\n            \"effect\": \"Allow\",\n            \
             \"resources\": [\n              \"${var.orders_table_arn}\"\n            ]\n          },\n          {\n            \
             \"actions\": [\n              \"states:StartExecution\"",
            "\"dynamodb:GetItem\"],\"effect\":\"Allow\",\"resources\":[\"${var.order_queue_arn}\"]},{\"actions\":[\
             \"states:StartExecution\"",
        ),
        ("bootstrap/dev/modules/account/main.tf.json", "s3:*", "s3:ListBucket"),
        // Condition keys that do not exist, of a service and of AWS as a whole.
        (
            "bootstrap/dev/modules/delivery/main.tf.json",
            "\"iam:PassedToService\"",
            "\"iam:PassedToServices\"",
        ),
        ("dev/modules/lambdas/main.tf.json", "aws:SourceAccount", "aws:SourceAcount"),
    ];
    let said = ask(&generated::with("judges-iam", faults)).unwrap_or_else(|err| panic!("{err}"));
    for (judge, issue, what, address) in [
        ("parliament", "UNKNOWN_ACTION", "states:BeginExecution", "dev: module.lambdas."),
        ("policy-sentry", "unknown action", "states:BeginExecution", "dev: module.lambdas."),
        ("parliament", "UNKNOWN_ACTION", "lambda:Invoke", "staging: module.api_gateway."),
        ("policy-sentry", "unknown action", "lambda:Invoke", "staging: module.api_gateway."),
        ("parliament", "UNKNOWN_ACTION", "kms:RotateKeyNow", "prod: module.dynamodb."),
        ("policy-sentry", "unknown action", "kms:RotateKeyNow", "prod: module.dynamodb."),
        ("policy-sentry", NO_RESOURCE, "kms:ListAliases on arn:aws:kms", "prod: module.dynamodb."),
        ("policy-sentry", NO_RESOURCE, "sqs:* on arn:aws:sns", "dev: module.sqs."),
        ("parliament", "RESOURCE_MISMATCH", "dynamodb:GetItem", "staging: module.lambdas."),
        (
            "policy-sentry",
            NO_RESOURCE,
            "dynamodb:GetItem on arn:aws:sqs",
            "staging: module.lambdas.",
        ),
        ("policy-sentry", NO_ACTION, "ap-south-1/*", "bootstrap/dev: module.account."),
        (
            "parliament",
            UNKNOWN_CONDITION,
            "iam:PassedToServices",
            "bootstrap/dev: module.delivery.",
        ),
        ("policy-sentry", "unknown condition key", "iam:PassedToServices", "bootstrap/dev: "),
        ("parliament", UNKNOWN_CONDITION, "aws:SourceAcount", "dev: module.lambdas."),
    ] {
        let found = said.findings.iter().any(|it| it.is(judge, issue, what, address));
        assert!(found, "{judge}: {issue}: {what}: {address}\n{:#?}", said.findings);
    }
}

const NO_RESOURCE: &str = "no resource of the action's types";
const NO_ACTION: &str = "no action takes the resource";
const UNKNOWN_CONDITION: &str = "UNKNOWN_CONDITION_FOR_ACTION";

/// A document that a judge cannot read is not skipped.
#[test]
fn an_unreadable_document_is_an_error() {
    const ARN: &str = "\"${aws_sqs_queue.order_dlq.arn}\"";
    const COMMENT: &str = "\"//\": \"Refuses calls of aws_sqs_queue.order_dlq without TLS.\",";
    const NAME: &str = "\"name\": \"dofs-dev-order-dlq\",";
    for (from, to, words) in [
        (
            ARN,
            "\"${aws_sqs_queue.order_dlq.colour}\"",
            "`colour` of dev: module.sqs.aws_sqs_queue.order_dlq is",
        ),
        (ARN, "\"${aws_sqs_queue.order.arn}\"", "aws_sqs_queue.order is not in dev, module sqs"),
        (ARN, "\"${upper(\\\"arn\\\")}\"", "the function upper in dev is not understood"),
        (ARN, "\"${1 + 2}\"", "is not understood"),
        (COMMENT, "\"source_policy_documents\": [],", "source_policy_documents is not understood"),
        (
            "${data.aws_iam_policy_document.order_dlq.json}",
            "{\\\"Statement\\\":[]}",
            "nothing reads dev: ",
        ),
        (
            NAME,
            "\"name\": \"dofs-dev-order-dlq\", \"policy\": \"{\\\"Statement\\\":[]}\",",
            "`policy` holds a policy document",
        ),
    ] {
        let fault = ("dev/modules/sqs/main.tf.json", from, to);
        let said = ask(&generated::with("judges-iam-unread", [fault])).map(|it| it.findings);
        let text = said.expect_err(to);
        assert!(text.contains(words), "{words}: {text}");
    }
}
