use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::generate;

#[test]
fn the_vendored_schema_holds_exactly_what_is_used() {
    for text in vendored::TEXTS {
        let schema = vendored::parse(text).unwrap();
        let held: BTreeSet<_> = schema.types().map(|(kind, it)| (kind, it.to_owned())).collect();
        assert_eq!(held, generate::block_types(), "run: cargo run -p infra-gen -- schema");
        // Everything set: the whole of every type is a JSON Schema.
        for (kind, tf_type) in &held {
            let block = schema.block(*kind, tf_type).unwrap();
            convert::validator(block, &everything(block)).unwrap();
        }
    }
}

fn newest() -> &'static ProviderSchema {
    &vendored().last().unwrap().1
}

#[test]
fn each_release_has_its_own_file() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (release, text) in PROVIDER_RELEASES.iter().zip(vendored::TEXTS) {
        let file = std::fs::read_to_string(folder.join(vendored::file(release.version)));
        assert!(file.unwrap() == text, "{}", release.version);
    }
}

#[test]
fn what_one_release_alone_refuses_is_told_with_its_version() {
    // An older provider that did not know `scaling_config` yet.
    let mut older: Value = serde_json::from_str(vendored::TEXTS[0]).unwrap();
    let mapping = &mut older["resource_schemas"]["aws_lambda_event_source_mapping"]["block"];
    mapping["block_types"].as_object_mut().unwrap().remove("scaling_config").unwrap();
    let parse = |text: &str| vendored::parse(text).unwrap();
    let releases = [("5.0.0", parse(&older.to_string())), ("5.100.0", parse(vendored::TEXTS[0]))];
    let told = |body: Value| -> Vec<_> {
        let block = [block_of("aws_lambda_event_source_mapping", body)];
        across(&releases, |it| it.check_blocks(&block)).into_iter().map(|it| it.problem).collect()
    };
    let fine = json!({ "function_name": "f", "batch_size": 1 });
    assert_eq!(told(fine.clone()), [""; 0]);
    let mut newer = fine.clone();
    newer["scaling_config"] = json!([{ "maximum_concurrency": 2 }]);
    assert_eq!(told(newer), ["the provider has no such argument here, in the provider's 5.0.0"]);
    let mut wrong = fine;
    wrong["teapot"] = json!(true);
    assert_eq!(told(wrong), ["the provider has no such argument here"]);
}

fn everything(block: &Block) -> Shape {
    fn body(block: &Block) -> Value {
        let attributes = block.attributes.keys().map(|it| (it.clone(), Value::Null));
        let nested = block.block_types.iter().map(|(name, it)| (name.clone(), body(&it.block)));
        Value::Object(attributes.chain(nested).collect())
    }
    Shape::of(&body(block))
}

#[test]
fn cutting_again_changes_nothing() {
    let provider: Value = serde_json::from_str(vendored::TEXTS[0]).unwrap();
    let full = json!({ "provider_schemas": { "registry.terraform.io/hashicorp/aws": provider } });
    let used = generate::block_types();
    assert_eq!(vendored::cut(&full, &used).unwrap(), vendored::TEXTS[0]);
    let more: BTreeSet<_> =
        used.into_iter().chain([(BlockKind::Resource, "aws_teapot".to_owned())]).collect();
    let err = vendored::cut(&full, &more).unwrap_err().to_string();
    assert_eq!(err, "the provider has no aws_teapot");
}

fn block_of(tf_type: &str, body: Value) -> Checked<'_> {
    Checked { address: "x", kind: BlockKind::Resource, tf_type, body }
}

/// A queue's body with something changed breaks exactly these rules, there.
#[track_caller]
fn check(tf_type: &str, body: Value, expected: &[(&str, &str)]) {
    let schema = newest();
    let found = schema.check_blocks(&[block_of(tf_type, body)]);
    let found: Vec<_> = found.iter().map(|it| (it.rule, it.address.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn blocks_that_the_provider_takes() {
    check("aws_sqs_queue", json!({}), &[]);
    check("aws_sqs_queue", json!({ "name": "a", "//": "why", "depends_on": ["b.c"] }), &[]);
    check("aws_sqs_queue", json!({ "visibility_timeout_seconds": "${var.a}" }), &[]);
    check("aws_sqs_queue", json!({ "fifo_queue": "${var.a}", "tags": "${var.b}" }), &[]);
    check("aws_sqs_queue", json!({ "name": null }), &[]);
    let role = json!({
        "function_name": "a", "role": "b",
        "environment": { "//": "one block needs no list", "variables": { "A": "b" } },
    });
    check("aws_lambda_function", role, &[]);
}

#[test]
fn blocks_that_the_provider_refuses() {
    let unknown = "provider/unknown-argument";
    let missing = "provider/missing-argument";
    let wrong = "provider/wrong-type";
    let count = "provider/block-count";
    check(
        "aws_sqs_queue",
        json!({ "visibility_timeout": 3 }),
        &[(unknown, "x.visibility_timeout")],
    );
    check("aws_sqs_queue", json!({ "name": 3 }), &[(wrong, "x.name")]);
    check("aws_sqs_queue", json!({ "delay_seconds": "3" }), &[(wrong, "x.delay_seconds")]);
    check("aws_sqs_queue", json!({ "fifo_queue": "true" }), &[(wrong, "x.fifo_queue")]);
    check("aws_sqs_queue", json!({ "tags": ["a"] }), &[(wrong, "x.tags")]);
    check("aws_sqs_queue", json!({ "tags": { "a": 1 } }), &[(wrong, "x.tags.a")]);
    check("aws_sqs_queue", json!({ "url": "a" }), &[("provider/computed-only", "x.url")]);
    check("aws_sqs_queue", json!({ "lifecycles": {} }), &[(unknown, "x.lifecycles")]);
    check("aws_sns_topic_policy", json!({ "arn": "a" }), &[(missing, "x")]);
    check("aws_lambda_function", json!({ "role": "a" }), &[(missing, "x")]);
    check(
        "aws_lambda_function",
        json!({ "function_name": "a", "role": "b", "environment": [{ "variable": {} }] }),
        &[(unknown, "x.environment[0].variable")],
    );
    check(
        "aws_lambda_function",
        json!({ "function_name": "a", "role": "b", "environment": [{}, {}] }),
        &[(count, "x.environment")],
    );
    check(
        "aws_lambda_function",
        json!({ "function_name": "a", "role": "b", "architectures": "arm64" }),
        &[(wrong, "x.architectures")],
    );
    check(
        "aws_lambda_function",
        json!({ "function_name": "a", "role": "b", "tracing_config": [{ "mode": ["Active"] }] }),
        &[(wrong, "x.tracing_config[0].mode")],
    );
    check(
        "aws_api_gateway_stage",
        json!({ "rest_api_id": "a", "deployment_id": "b", "stage_name": "c", "tag": {} }),
        &[(unknown, "x.tag")],
    );
    check("aws_teapot", json!({}), &[("provider/unknown-type", "x")]);
    check(
        "aws_sqs_queue",
        json!({ "nam": "a", "delay_seconds": "3" }),
        &[(wrong, "x.delay_seconds"), (unknown, "x.nam")],
    );
}

#[test]
fn what_terraform_would_warn_of_or_refuse() {
    let role = |more: (&str, Value)| {
        let mut role = json!({ "assume_role_policy": "a" });
        role[more.0] = more.1;
        role
    };
    let deprecated = "provider/deprecated";
    check(
        "aws_iam_role",
        role(("inline_policy", json!([{ "name": "a", "policy": "b" }]))),
        &[(deprecated, "x.inline_policy")],
    );
    check(
        "aws_iam_role",
        role(("bogus", Value::Null)),
        &[("provider/unknown-argument", "x.bogus")],
    );
    check(
        "aws_lambda_function",
        json!({ "function_name": "a", "role": "b", "timeouts": [{}, {}] }),
        &[("provider/block-count", "x.timeouts")],
    );
    check(
        "aws_sqs_queue",
        json!({ "delay_seconds": "$${a}" }),
        &[("provider/wrong-type", "x.delay_seconds")],
    );
    check("aws_sqs_queue", json!({ "delay_seconds": "a${b}" }), &[]);
    check(
        "aws_iam_role",
        role(("depend_on", json!([]))),
        &[("provider/unknown-argument", "x.depend_on")],
    );
}

#[test]
fn deprecated_arguments_are_refused() {
    let schema = newest();
    let deprecated = schema.resource_schemas.iter().find_map(|(tf_type, it)| {
        let name = it.block().attributes.iter().find(|(_, it)| it.deprecated && it.optional)?.0;
        Some((tf_type.clone(), name.clone()))
    });
    let (tf_type, name) = deprecated.expect("the provider deprecates something that we carry");
    let found = schema.check_blocks(&[block_of(&tf_type, json!({ &name: "a" }))]);
    assert!(found.iter().any(|it| it.rule == "provider/deprecated"), "{tf_type}.{name}");
}

#[test]
fn references_lead_to_attributes_that_exist() {
    fn check(tf_type: &str, attribute: &str, fix: Option<&str>) {
        let of = (BlockKind::Resource, tf_type);
        let found = newest().check_reference("x", of, attribute);
        assert!(
            found
                .iter()
                .all(|it| ["provider/unknown-attribute", "provider/deprecated"].contains(&it.rule))
        );
        assert_eq!(found.map(|it| it.fix).as_deref(), fix, "{attribute}");
    }
    check("aws_sqs_queue", "arn", None);
    check("aws_sqs_queue", "id", None);
    check("aws_sqs_queue", "arm", Some("did you mean `arn`?"));
    let instead = "refer to what its documentation names instead";
    check("aws_api_gateway_deployment", "invoke_url", Some(instead));
    check("aws_sqs_queue", "teapot", Some("refer to an attribute that it has"));
}

#[test]
fn suggestions_are_close() {
    fn check(name: &str, expected: Option<&str>) {
        let known = ["visibility_timeout_seconds", "name", "delay_seconds"];
        let found = block::suggestion(name, known.into_iter());
        assert_eq!(found.as_deref(), expected);
    }
    check("visibility_timeout", Some("did you mean `visibility_timeout_seconds`?"));
    check("nam", Some("did you mean `name`?"));
    check("teapot", None);
}
