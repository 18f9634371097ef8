//! Checks that a peer writes the same number of resources of each type as infra-gen for dev. The figures of a peer that
//! writes less could not be compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use anyhow::{Context as _, bail};
use fs_err as fs;
use serde_json::Value;

use super::{
    files, measure,
    peers::{CDK, CDKTN, Installed},
    setting::Setting,
};

/// The number of resources of each type.
pub(crate) type Counts = BTreeMap<String, usize>;

/// The peers describe the environment `dev`.
const OURS: &str = "generated/dev";

/// The types of CloudFormation for a type of Terraform: none if it is a part of another resource, and
/// two if one of its arguments is a resource there.
const WORDS: [(&str, &[&str]); 32] = [
    ("aws_api_gateway_deployment", &["AWS::ApiGateway::Deployment"]),
    ("aws_api_gateway_gateway_response", &["AWS::ApiGateway::GatewayResponse"]),
    // Part of the method.
    ("aws_api_gateway_integration", &[]),
    ("aws_api_gateway_integration_response", &[]),
    ("aws_api_gateway_method", &["AWS::ApiGateway::Method"]),
    ("aws_api_gateway_method_response", &[]),
    // Part of the stage.
    ("aws_api_gateway_method_settings", &[]),
    ("aws_api_gateway_model", &["AWS::ApiGateway::Model"]),
    ("aws_api_gateway_request_validator", &["AWS::ApiGateway::RequestValidator"]),
    ("aws_api_gateway_resource", &["AWS::ApiGateway::Resource"]),
    ("aws_api_gateway_rest_api", &["AWS::ApiGateway::RestApi"]),
    ("aws_api_gateway_stage", &["AWS::ApiGateway::Stage"]),
    ("aws_cloudwatch_dashboard", &["AWS::CloudWatch::Dashboard"]),
    ("aws_cloudwatch_log_group", &["AWS::Logs::LogGroup"]),
    ("aws_cloudwatch_metric_alarm", &["AWS::CloudWatch::Alarm"]),
    ("aws_dynamodb_table", &["AWS::DynamoDB::Table"]),
    ("aws_iam_role", &["AWS::IAM::Role"]),
    ("aws_iam_role_policy", &["AWS::IAM::Policy"]),
    ("aws_kms_alias", &["AWS::KMS::Alias"]),
    ("aws_kms_key", &["AWS::KMS::Key"]),
    ("aws_lambda_alias", &["AWS::Lambda::Alias"]),
    ("aws_lambda_event_source_mapping", &["AWS::Lambda::EventSourceMapping"]),
    // `publish` makes the version.
    ("aws_lambda_function", &["AWS::Lambda::Function", "AWS::Lambda::Version"]),
    ("aws_lambda_permission", &["AWS::Lambda::Permission"]),
    ("aws_scheduler_schedule", &["AWS::Scheduler::Schedule"]),
    ("aws_sfn_state_machine", &["AWS::StepFunctions::StateMachine"]),
    ("aws_sns_topic", &["AWS::SNS::Topic"]),
    ("aws_sns_topic_policy", &["AWS::SNS::TopicPolicy"]),
    ("aws_sqs_queue", &["AWS::SQS::Queue"]),
    ("aws_sqs_queue_policy", &["AWS::SQS::QueuePolicy"]),
    // Part of the queue.
    ("aws_sqs_queue_redrive_allow_policy", &[]),
    ("aws_sqs_queue_redrive_policy", &[]),
];

/// The number of resources that each tool writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) ours: usize,
    pub(crate) cdk: usize,
}

/// Lets each peer write one copy, and fails if it is not the topology of `generated/dev`.
pub(crate) fn topology(
    setting: &Setting,
    cdktn: &Installed,
    cdk: &Installed,
) -> anyhow::Result<Totals> {
    let ours = by_cdktn(setting, cdktn)?;
    let expected = in_cloudformation(&ours)?;
    let by_cdk = of_cloudformation(&written(setting, cdk, "Dofs0.template.json")?);
    compare(&expected, &by_cdk, CDK.folder)?;
    Ok(Totals { ours: ours.values().sum(), cdk: by_cdk.values().sum() })
}

/// As [`topology`], for cdktn alone. Returns the number of resources of each type.
pub(crate) fn by_cdktn(setting: &Setting, cdktn: &Installed) -> anyhow::Result<Counts> {
    let ours = of_root(&setting.workspace.root.join(OURS))?;
    let by_cdktn = of_terraform(&written(setting, cdktn, "stacks/dofs/cdk.tf.json")?);
    compare(&ours, &by_cdktn, CDKTN.folder)?;
    Ok(ours)
}

/// Returns one of the files that a peer writes for one copy.
fn written(setting: &Setting, peer: &Installed, file: &str) -> anyhow::Result<Value> {
    let name = peer.folder.file_name().unwrap_or_default();
    let out = setting.folder("same").join(name);
    files::empty(&out)?;
    measure::run(peer.synth(1, &out).env("CDK_VALIDATION", "false"))?;
    json(&out.join(file))
}

/// Counts the resources of all modules of a root. Data sources do not count.
fn of_root(root: &Path) -> anyhow::Result<Counts> {
    let mut all = Counts::new();
    for path in files::below(&root.join("modules"))? {
        if path.file_name().is_some_and(|it| it == "main.tf.json") {
            for (kind, count) in of_terraform(&json(&path)?) {
                *all.entry(kind).or_default() += count;
            }
        }
    }
    Ok(all)
}

/// In Terraform's JSON, resources are below their types.
fn of_terraform(file: &Value) -> Counts {
    let types = file["resource"].as_object().into_iter().flatten();
    types.map(|(kind, named)| (kind.clone(), named.as_object().map_or(0, |it| it.len()))).collect()
}

/// In a template, each resource has its type.
fn of_cloudformation(template: &Value) -> Counts {
    let mut all = Counts::new();
    for resource in template["Resources"].as_object().into_iter().flat_map(|it| it.values()) {
        let kind = resource["Type"].as_str().unwrap_or("no type");
        *all.entry(kind.to_owned()).or_default() += 1;
    }
    all
}

/// Converts Terraform's types to those of CloudFormation.
fn in_cloudformation(ours: &Counts) -> anyhow::Result<Counts> {
    let mut all = Counts::new();
    for (kind, count) in ours {
        let words = WORDS.iter().find(|it| it.0 == kind).with_context(|| {
            format!(
                "the type of {kind} in CloudFormation is not known\n  fix: add a line to WORDS in \
                 xtask/src/bench/same.rs, and the resource to both peers of bench/peers"
            )
        })?;
        for word in words.1 {
            *all.entry((*word).to_owned()).or_default() += count;
        }
    }
    Ok(all)
}

/// Returns an error that names each type with another number of resources.
fn compare(ours: &Counts, theirs: &Counts, peer: &str) -> anyhow::Result<()> {
    let of = |counts: &Counts, kind: &str| counts.get(kind).copied().unwrap_or_default();
    let kinds: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let mut different = String::new();
    for kind in kinds {
        let (ours, theirs) = (of(ours, kind), of(theirs, kind));
        if ours != theirs {
            let _ = writeln!(different, "  {kind}: ours {ours}, theirs {theirs}");
        }
    }
    if !different.is_empty() {
        bail!(
            "bench/peers/{peer} does not write the topology of {OURS}, so nothing is measured\n{different}  \
             fix: make the same resources in bench/peers/{peer}"
        );
    }
    Ok(())
}

fn json(path: &Path) -> anyhow::Result<Value> {
    serde_json::from_slice(&fs::read(path)?)
        .with_context(|| format!("{} is not JSON", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counts(all: &[(&str, usize)]) -> Counts {
        all.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
    }

    #[test]
    fn each_type_must_have_the_same_number() {
        fn check(ours: &[(&str, usize)], theirs: &[(&str, usize)], expected: &[&str]) {
            let told = compare(&counts(ours), &counts(theirs), "it").map_err(|it| it.to_string());
            let Err(told) = told else { return assert!(expected.is_empty(), "{expected:?}") };
            let lines: Vec<&str> = told.lines().collect();
            let [first, different @ .., fix] = &lines[..] else { panic!("{told}") };
            assert!(first.contains("bench/peers/it") && first.contains(OURS), "{told}");
            assert_eq!(*different, expected.iter().map(|it| format!("  {it}")).collect::<Vec<_>>());
            assert!(fix.starts_with("  fix: ") && fix.contains("bench/peers/it"), "{told}");
        }
        check(&[], &[], &[]);
        check(&[("queue", 2), ("table", 1)], &[("table", 1), ("queue", 2)], &[]);
        check(&[("queue", 2)], &[("queue", 1)], &["queue: ours 2, theirs 1"]);
        check(&[("queue", 2)], &[("queue", 3)], &["queue: ours 2, theirs 3"]);
        check(
            &[("queue", 1), ("table", 1)],
            &[("queue", 1), ("topic", 1)],
            &["table: ours 1, theirs 0", "topic: ours 0, theirs 1"],
        );
    }

    #[test]
    fn resources_are_counted_by_type() {
        fn check(counted: &Counts, expected: &[(&str, usize)]) {
            assert_eq!(counted, &counts(expected));
        }
        let file = json!({
            "//": "a remark",
            "data": {"aws_iam_policy_document": {"a": {}}},
            "resource": {"aws_sqs_queue": {"a": {}, "b": {}}, "aws_sns_topic": {"a": {}}},
        });
        check(&of_terraform(&file), &[("aws_sqs_queue", 2), ("aws_sns_topic", 1)]);
        check(&of_terraform(&json!({"output": {}})), &[]);
        let template = json!({"Parameters": {"a": {"Type": "String"}}, "Resources": {
            "a": {"Type": "AWS::SQS::Queue"}, "b": {"Type": "AWS::SQS::Queue"}, "c": {"Type": "AWS::SNS::Topic"},
        }});
        check(&of_cloudformation(&template), &[("AWS::SQS::Queue", 2), ("AWS::SNS::Topic", 1)]);
    }

    #[test]
    fn parts_of_another_resource_do_not_count_in_cloudformation() {
        fn check(ours: &[(&str, usize)], expected: &[(&str, usize)]) {
            assert_eq!(in_cloudformation(&counts(ours)).unwrap(), counts(expected));
        }
        check(
            &[("aws_sqs_queue", 2), ("aws_sqs_queue_redrive_policy", 1)],
            &[("AWS::SQS::Queue", 2)],
        );
        check(
            &[("aws_lambda_function", 5)],
            &[("AWS::Lambda::Function", 5), ("AWS::Lambda::Version", 5)],
        );
        let unknown = in_cloudformation(&counts(&[("aws_new", 1)])).unwrap_err().to_string();
        assert!(unknown.contains("aws_new") && unknown.contains("fix: "), "{unknown}");
    }

    /// Checks without a network that a new type of the topology is listed before the next measurement.
    #[test]
    fn every_type_of_dev_has_its_types_in_cloudformation() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let ours = of_root(&root.join(OURS)).unwrap();
        assert!(ours["aws_lambda_function"] > 1, "{ours:?}");
        in_cloudformation(&ours).unwrap();
        let surplus = WORDS.iter().filter(|it| !ours.contains_key(it.0));
        assert_eq!(surplus.collect::<Vec<_>>(), Vec::<&(&str, &[&str])>::new());
    }
}
