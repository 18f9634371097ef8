//! Every argument that the provider knows and infra-gen does not write, set by a machine: the review is never
//! without a finding about it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    mutations::{ROOTS, of_root},
    today::{Tree, reviewed},
};

const SCHEMA: &str = include_str!("../../../crates/infra-core/schemas/hashicorp-aws-5.100.0.json");

/// Arguments that may be added without a finding, each with the reason.
const HARMLESS: &[(&str, &str)] = &[
    (
        "aws_api_gateway_method authorizer_id",
        "it is used only if `authorization` names it, which is a finding",
    ),
    (
        "aws_cloudwatch_metric_alarm period",
        "the first alarm computes from metrics, and AWS refuses both",
    ),
    (
        "aws_dynamodb_table ttl.attribute_name",
        "nothing expires until `ttl.enabled` is true, and the finding names both",
    ),
    (
        "aws_dynamodb_table ttl.enabled",
        "nothing expires without `ttl.attribute_name`, and the finding names both",
    ),
    (
        "aws_iam_role inline_policy.name",
        "it allows nothing without `inline_policy.policy`, which is a finding",
    ),
    (
        "aws_lambda_function ephemeral_storage.size",
        "without it there are 512 MB, the least that AWS takes",
    ),
    ("aws_lambda_permission statement_id", "a label"),
    (
        "aws_s3_bucket_lifecycle_configuration rule.abort_incomplete_multipart_upload.days_after_initiation",
        "an aborted upload is not an object yet",
    ),
    (
        "aws_s3_bucket_lifecycle_configuration rule.expiration.expired_object_delete_marker",
        "a marker behind which no version is left holds nothing",
    ),
    (
        "aws_s3_bucket_lifecycle_configuration rule.noncurrent_version_expiration.newer_noncurrent_versions",
        "more versions are kept",
    ),
    (
        "aws_s3_bucket_server_side_encryption_configuration rule.bucket_key_enabled",
        "the same key encrypts, with fewer calls of KMS",
    ),
    (
        "aws_scheduler_schedule flexible_time_window.maximum_window_in_minutes",
        "there is no window until `mode` enables it, which is a finding",
    ),
    (
        "aws_sqs_queue sqs_managed_sse_enabled",
        "the first queue has a key of its own, and AWS refuses both",
    ),
    (
        "aws_sqs_queue visibility_timeout_seconds",
        "no function takes from the first queue, that of dead letters: `today/slower.rs` has the other",
    ),
];

/// Of each type: words for people, and labels of bills.
const WORDS: &[&str] = &["description", "tags"];

/// An argument by its path, and what it may be.
type Added = (Vec<String>, Vec<Value>);

/// Deeper than this are only blocks that a rule compares as a whole: rules of a firewall, stages of a pipeline.
const DEEPEST: usize = 3;

/// The arguments below a block that can be set and are not.
fn absent(schema: &Value, body: Option<&Value>, path: &[&str], all: &mut Vec<Added>) {
    let fields = |name: &str| schema[name].as_object().cloned().unwrap_or_default();
    for (name, argument) in fields("attributes") {
        let can_be_set = argument["optional"] == true || argument["required"] == true;
        let is_set = body.is_some_and(|it| !it[&name].is_null());
        if can_be_set && !is_set && !WORDS.contains(&name.as_str()) {
            let values = match &argument["type"] {
                Value::String(it) if it == "bool" => vec![json!(true), json!(false)],
                Value::String(it) if it == "number" => vec![json!(7), json!(0)],
                Value::Array(it) if it[0] == "map" => vec![json!({ "more": "more" })],
                Value::Array(_) => vec![json!(["more"])],
                _ => vec![json!("more"), json!("DISABLED")],
            };
            let path = path.iter().map(|it| (*it).to_owned()).chain([name.clone()]);
            all.push((path.collect(), values));
        }
    }
    for (name, nested) in fields("block_types").iter().filter(|_| path.len() + 1 < DEEPEST) {
        let inner = body.map(|it| &it[name]).map(|it| it.get(0).unwrap_or(it));
        let path: Vec<_> = path.iter().copied().chain([name.as_str()]).collect();
        absent(&nested["block"], inner.filter(|it| it.is_object()), &path, all);
    }
}

fn set(body: &mut Value, path: &[String], value: &Value) {
    let (first, rest) = path.split_first().unwrap();
    if rest.is_empty() {
        body[first] = value.clone();
        return;
    }
    let inner = &mut body[first];
    if inner.is_null() {
        *inner = json!([{}]);
    }
    let inner = if inner.is_array() { &mut inner[0] } else { inner };
    set(inner, rest, value);
}

#[test]
fn no_argument_is_added_without_a_finding() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let (mut seen, mut without) = (BTreeSet::new(), BTreeSet::new());
    for root in ROOTS {
        let base = of_root(&Tree::today(), root);
        let prefix = format!("generated/{root}/modules/");
        for (path, text) in base.0.range(prefix.clone()..) {
            let Some(module) = path[prefix.len()..].strip_suffix("/main.tf.json") else { continue };
            let file: Value = serde_json::from_str(text).unwrap();
            for (tf_type, blocks) in file["resource"].as_object().unwrap_or(&Map::new()) {
                if !seen.insert(tf_type.clone()) {
                    continue;
                }
                let (name, body) = blocks.as_object().unwrap().iter().next().unwrap();
                let mut all = Vec::new();
                absent(&schema["resource_schemas"][tf_type]["block"], Some(body), &[], &mut all);
                let local = format!("{tf_type}.{name}");
                let found = |these: &[(&Vec<String>, &Value)]| -> Vec<String> {
                    let mut head = Tree(base.0.clone());
                    head.block(root, module, &local, |body| {
                        these.iter().for_each(|(path, value)| set(body, path, value));
                    });
                    let review = reviewed(&base, &head);
                    review.findings.into_iter().map(|it| it.problem).collect()
                };
                // All in one review: it lists each argument that has no rule.
                let first: Vec<_> = all.iter().map(|(path, values)| (path, &values[0])).collect();
                let named = found(&first).join("\n");
                for (path, values) in &all {
                    let argument = path.join(".");
                    let is_named = named.contains(&format!("`{argument}`"));
                    if !is_named && values.iter().all(|it| found(&[(path, it)]).is_empty()) {
                        without.insert(format!("{tf_type} {argument}"));
                    }
                }
            }
        }
    }
    let harmless = HARMLESS.iter().map(|it| it.0.to_owned());
    assert_eq!(without, harmless.collect(), "arguments that are added without a finding");
}
