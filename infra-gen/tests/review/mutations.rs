//! Every argument that is generated, changed by a machine: the review is never silent about it.
//!
//! Each is removed, turned round, set to zero and set to something else. Whatever becomes of it, something is
//! told at its address, and there is a finding, unless it stands in [`HARMLESS`].

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::review::Review;
use serde_json::{Value, json};

use super::today::{Tree, reviewed};

/// Roots in which every type stands that is generated.
const ROOTS: [&str; 3] = ["prod", "cicd", "bootstrap/dev"];

/// Arguments of which no change is a risk, or none from what they are today: an open route cannot be opened, and a
/// firewall that lets through what no rule names cannot let through more. What Terraform will do is told all the
/// same. Limits that must fit others are judged by `review/limits.rs`, as far as they no longer fit.
const HARMLESS: &[&str] = &[
    "aws_api_gateway_api_key name",
    "aws_api_gateway_deployment triggers.definition",
    "aws_api_gateway_gateway_response response_parameters",
    "aws_api_gateway_gateway_response response_parameters.gatewayresponse.header.Access-Control-Expose-Headers",
    "aws_api_gateway_gateway_response response_parameters.gatewayresponse.header.Retry-After",
    "aws_api_gateway_gateway_response response_parameters.gatewayresponse.header.Vary",
    "aws_api_gateway_gateway_response response_templates",
    "aws_api_gateway_gateway_response response_templates.application/json",
    "aws_api_gateway_integration request_templates",
    "aws_api_gateway_integration request_templates.application/json",
    "aws_api_gateway_integration_response response_parameters",
    "aws_api_gateway_integration_response response_parameters.method.response.header.Access-Control-Allow-Headers",
    "aws_api_gateway_integration_response response_parameters.method.response.header.Access-Control-Allow-Methods",
    "aws_api_gateway_integration_response response_parameters.method.response.header.Access-Control-Max-Age",
    "aws_api_gateway_integration_response response_parameters.method.response.header.Vary",
    "aws_api_gateway_integration_response status_code",
    "aws_api_gateway_method authorization",
    "aws_api_gateway_method_response response_parameters",
    "aws_api_gateway_method_response response_parameters.method.response.header.Access-Control-Allow-Headers",
    "aws_api_gateway_method_response response_parameters.method.response.header.Access-Control-Allow-Methods",
    "aws_api_gateway_method_response response_parameters.method.response.header.Access-Control-Allow-Origin",
    "aws_api_gateway_method_response response_parameters.method.response.header.Access-Control-Max-Age",
    "aws_api_gateway_method_response response_parameters.method.response.header.Vary",
    "aws_api_gateway_method_response status_code",
    "aws_api_gateway_request_validator name",
    "aws_api_gateway_request_validator validate_request_body",
    "aws_api_gateway_rest_api endpoint_configuration.types",
    "aws_api_gateway_rest_api name",
    "aws_api_gateway_usage_plan name",
    "aws_cloudwatch_dashboard dashboard_body",
    "aws_cloudwatch_metric_alarm treat_missing_data",
    "aws_codebuild_project environment.compute_type",
    "aws_codebuild_project queued_timeout",
    "aws_codestarnotifications_notification_rule detail_type",
    "aws_codestarnotifications_notification_rule name",
    "aws_dynamodb_table attribute",
    "aws_dynamodb_table attribute.name",
    "aws_dynamodb_table attribute.type",
    "aws_lambda_event_source_mapping batch_size",
    "aws_lambda_event_source_mapping maximum_batching_window_in_seconds",
    "aws_s3_bucket_lifecycle_configuration rule",
    "aws_s3_bucket_lifecycle_configuration rule.abort_incomplete_multipart_upload",
    "aws_s3_bucket_lifecycle_configuration rule.abort_incomplete_multipart_upload.days_after_initiation",
    "aws_s3_bucket_lifecycle_configuration rule.expiration",
    "aws_s3_bucket_lifecycle_configuration rule.noncurrent_version_expiration",
    "aws_s3_bucket_lifecycle_configuration rule.status",
    "aws_s3_bucket_server_side_encryption_configuration rule.apply_server_side_encryption_by_default",
    "aws_scheduler_schedule flexible_time_window",
    "aws_scheduler_schedule flexible_time_window.mode",
    "aws_sqs_queue receive_wait_time_seconds",
    "aws_sqs_queue visibility_timeout_seconds",
    "aws_wafv2_web_acl default_action",
    "aws_wafv2_web_acl default_action.allow",
    "aws_wafv2_web_acl rule.action.block.custom_response",
    "aws_wafv2_web_acl rule.action.block.custom_response.custom_response_body_key",
    "aws_wafv2_web_acl rule.action.block.custom_response.response_code",
    "aws_wafv2_web_acl rule.action.block.custom_response.response_header",
    "aws_wafv2_web_acl rule.action.block.custom_response.response_header.name",
    "aws_wafv2_web_acl rule.action.block.custom_response.response_header.value",
    "aws_wafv2_web_acl rule.visibility_config.metric_name",
    "aws_wafv2_web_acl visibility_config.metric_name",
    "aws_wafv2_web_acl_logging_configuration logging_filter",
];

/// A change of one argument of one block.
#[derive(Debug)]
struct Mutation {
    module: String,
    tf_type: String,
    name: String,
    /// Where it stands in the block: names, and places in lists.
    pointer: String,
    /// The same without places.
    argument: String,
    /// What stands there then. Nothing where it is removed.
    value: Option<Value>,
}

impl Mutation {
    fn address(&self) -> String {
        format!("module.{}.{}.{}", self.module, self.tf_type, self.name)
    }

    /// Where findings about it stand: what a policy says is told of what it belongs to.
    fn told_at(&self, tree: &Tree, root: &str) -> String {
        let belongs = match self.tf_type.as_str() {
            "aws_iam_role_policy" => "role",
            "aws_s3_bucket_policy" => "bucket",
            "aws_sns_topic_policy" => "arn",
            "aws_sqs_queue_policy" => "queue_url",
            _ => return self.address(),
        };
        let path = format!("generated/{root}/modules/{}/main.tf.json", self.module);
        let file: Value = serde_json::from_str(&tree.0[&path]).unwrap();
        let reference = &file["resource"][&self.tf_type][&self.name][belongs];
        let inner = reference.as_str().unwrap().trim_start_matches("${").trim_end_matches('}');
        let (local, _) = inner.rsplit_once('.').unwrap();
        format!("module.{}.{local}", self.module)
    }

    fn apply(&self, tree: &mut Tree, root: &str) {
        let local = format!("{}.{}", self.tf_type, self.name);
        tree.block(root, &self.module, &local, |block| {
            if let Some(value) = &self.value {
                *block.pointer_mut(&self.pointer).unwrap() = value.clone();
                return;
            }
            let (outer, last) = self.pointer.rsplit_once('/').unwrap();
            match block.pointer_mut(outer).unwrap() {
                Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                Value::Object(fields) => {
                    let name = last.replace("~1", "/").replace("~0", "~");
                    assert!(fields.remove(&name).is_some());
                }
                _ => unreachable!(),
            }
        });
    }
}

/// What else may stand where this stands.
fn others(value: &Value) -> Vec<Option<Value>> {
    let mut others = vec![None];
    match value {
        Value::Bool(it) => others.push(Some(json!(!it))),
        Value::Number(it) => {
            let number = it.as_f64().unwrap();
            if number != 0.0 {
                others.push(Some(json!(0)));
                others.push(Some(json!(number / 2.0)));
            }
            others.push(Some(json!(number * 2.0 + 1.0)));
        }
        Value::String(it) if it.starts_with('{') && it != "{}" => others.push(Some(json!("{}"))),
        Value::String(_) => others.push(Some(json!("another"))),
        _ => (),
    }
    others
}

/// Every value in a block, by its pointer and by its argument. What is for people is left out.
fn values<'v>(value: &'v Value, at: (String, String), all: &mut Vec<(String, String, &'v Value)>) {
    let (pointer, argument) = at;
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                if matches!(
                    name.as_str(),
                    "//" | "description" | "alarm_description" | "depends_on"
                ) {
                    continue;
                }
                let escaped = name.replace('~', "~0").replace('/', "~1");
                let dot = if argument.is_empty() { "" } else { "." };
                let at = (format!("{pointer}/{escaped}"), format!("{argument}{dot}{name}"));
                all.push((at.0.clone(), at.1.clone(), inner));
                values(inner, at, all);
            }
        }
        Value::Array(items) => {
            for (place, inner) in items.iter().enumerate() {
                let at = (format!("{pointer}/{place}"), argument.clone());
                if !inner.is_object() {
                    all.push((at.0.clone(), at.1.clone(), inner));
                }
                values(inner, at, all);
            }
        }
        _ => (),
    }
}

/// One mutation of each kind for each argument of each type, spread over the blocks of the type.
fn mutations(tree: &Tree, root: &str) -> Vec<Vec<Mutation>> {
    let prefix = format!("generated/{root}/modules/");
    let mut seen = BTreeSet::new();
    let mut rounds: Vec<(BTreeSet<String>, Vec<Mutation>)> = Vec::new();
    for (path, text) in tree.0.range(prefix.clone()..).take_while(|it| it.0.starts_with(&prefix)) {
        let Some(module) = path[prefix.len()..].strip_suffix("/main.tf.json") else { continue };
        let file: Value = serde_json::from_str(text).unwrap();
        for (section, mark) in [("resource", ""), ("data", "data.")] {
            for (tf_type, blocks) in file[section].as_object().into_iter().flatten() {
                for (name, block) in blocks.as_object().unwrap() {
                    let mut all = Vec::new();
                    values(block, (String::new(), String::new()), &mut all);
                    for (pointer, argument, value) in all {
                        for (kind, value) in others(value).into_iter().enumerate() {
                            if !seen.insert((tf_type.clone(), argument.clone(), kind)) {
                                continue;
                            }
                            let mutation = Mutation {
                                module: module.to_owned(),
                                tf_type: format!("{mark}{tf_type}"),
                                name: name.clone(),
                                pointer: pointer.clone(),
                                argument: argument.clone(),
                                value,
                            };
                            let address = mutation.address();
                            match rounds.iter_mut().find(|it| !it.0.contains(&address)) {
                                Some(round) => {
                                    round.0.insert(address);
                                    round.1.push(mutation);
                                }
                                None => rounds.push(([address].into(), vec![mutation])),
                            }
                        }
                    }
                }
            }
        }
    }
    rounds.into_iter().map(|it| it.1).collect()
}

fn is_at(address: &str, told: &str) -> bool {
    told == address || told.starts_with(&format!("{address}/"))
}

fn is_told(review: &Review, address: &str) -> bool {
    let changes = review.changes.iter().flat_map(|it| &it.addresses);
    let found = review.findings.iter().flat_map(|it| &it.addresses);
    changes.chain(found).any(|it| is_at(address, it))
}

#[test]
fn no_argument_changes_in_silence() {
    let base = Tree::today();
    let mut silent = BTreeSet::new();
    // For each argument, whether any change of it was a finding.
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for root in ROOTS {
        for round in mutations(&base, root) {
            let mut head = Tree(base.0.clone());
            round.iter().for_each(|it| it.apply(&mut head, root));
            let review = reviewed(&base, &head);
            for it in &round {
                let address = it.address();
                let argument = format!("{} {}", it.tf_type, it.argument);
                // A label of a statement, and an effect that is `Allow` by itself, say nothing.
                let is_nothing = it.tf_type == "data.aws_iam_policy_document"
                    && (it.argument == "statement.sid"
                        || it.argument == "statement.effect" && it.value.is_none());
                if !is_nothing && !is_told(&review, &address) {
                    silent.insert(format!("{argument} → {:?}", it.value));
                }
                // What a policy says is found where it is used.
                if !it.tf_type.starts_with("data.") {
                    let at =
                        if it.argument == "policy" { it.told_at(&base, root) } else { address };
                    let mut all = review.findings.iter().flat_map(|it| &it.addresses);
                    *found.entry(argument).or_default() |= all.any(|it| is_at(&at, it));
                }
            }
        }
    }
    assert_eq!(silent, BTreeSet::new(), "nothing is told");
    let without = found.iter().filter(|(_, found)| !**found).map(|(argument, _)| argument.as_str());
    let harmless: BTreeSet<&str> = HARMLESS.iter().copied().collect();
    assert_eq!(without.collect::<BTreeSet<_>>(), harmless, "arguments without a finding");
}

#[test]
fn every_type_is_in_one_of_the_roots() {
    let types = |of: &dyn Fn(&str) -> bool| {
        let mut types = BTreeSet::new();
        for (_, text) in
            Tree::today().0.iter().filter(|it| it.0.ends_with("/main.tf.json") && of(it.0))
        {
            let file: Value = serde_json::from_str(text).unwrap();
            types.extend(file["resource"].as_object().into_iter().flatten().map(|it| it.0.clone()));
        }
        types
    };
    let is_in = |path: &str| ROOTS.iter().any(|it| path.starts_with(&format!("generated/{it}/")));
    assert_eq!(types(&is_in), types(&|_| true));
}

/// A block that goes is told, whatever it is.
#[test]
fn no_block_goes_in_silence() {
    let base = Tree::today();
    for root in ROOTS {
        let prefix = format!("generated/{root}/modules/");
        let mut seen = BTreeSet::new();
        let mut head = Tree(base.0.clone());
        let mut gone = Vec::new();
        for path in
            base.0.keys().filter(|it| it.starts_with(&prefix) && it.ends_with("/main.tf.json"))
        {
            let module = path[prefix.len()..].strip_suffix("/main.tf.json").unwrap();
            head.file(path.strip_prefix("generated/").unwrap(), |file| {
                for (tf_type, blocks) in file["resource"].as_object_mut().into_iter().flatten() {
                    let blocks = blocks.as_object_mut().unwrap();
                    let name = blocks.keys().next().unwrap().clone();
                    if seen.insert(tf_type.clone()) {
                        blocks.remove(&name);
                        gone.push(format!("module.{module}.{tf_type}.{name}"));
                    }
                }
            });
        }
        let review = reviewed(&base, &head);
        for address in gone {
            assert!(is_told(&review, &address), "{address}");
        }
    }
}
