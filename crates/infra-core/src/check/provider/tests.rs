use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{convert::Shape, *};
use crate::{
    model::expr::{Body, RootVariable, Term},
    render,
    thumbnails::thumbnails,
};

#[test]
fn every_vendored_type_becomes_a_json_schema() {
    for text in vendored::TEXTS.into_iter().chain([vendored::EVERY_RELEASE]) {
        let schema = vendored::parse(text).unwrap();
        // Everything set: the whole of every type is a JSON Schema.
        for (kind, tf_type) in schema.types() {
            let block = schema.block(kind, tf_type).unwrap();
            convert::validator(block, &everything(block)).unwrap();
            assert!(no_name_is_both(block), "{tf_type}: `fits` takes it for an attribute");
        }
    }
}

fn no_name_is_both(block: &Block<'_>) -> bool {
    let here = block.block_types.keys().all(|it| !block.attributes.contains_key(it));
    here && block.block_types.values().all(|it| no_name_is_both(&it.block))
}

#[test]
fn types_are_found_as_they_are_parsed() {
    for text in vendored::TEXTS.into_iter().chain([vendored::EVERY_RELEASE]) {
        let texts = |it: &ProviderSchema<'_>| {
            let texts =
                |(name, it): (&&str, &BlockSchema<'_>)| (name.to_string(), it.text.to_owned());
            let sections = [&it.resource_schemas, &it.data_source_schemas];
            sections.map(|it| it.iter().map(texts).collect::<BTreeMap<_, _>>())
        };
        let found = vendored::found(text).expect("`infra-gen schema` writes it in this way");
        assert_eq!(texts(&found), texts(&vendored::parse(text).unwrap()));
        // Written in another way, it is parsed.
        let other: Value = serde_json::from_str(text).unwrap();
        assert!(vendored::found(&other.to_string()).is_none());
    }
}

/// Every generated block passes the JSON Schema of every release itself, not only the walk that saves its compiling.
#[test]
fn the_json_schema_of_every_release_takes_every_generated_block() {
    for node in thumbnails().nodes() {
        let (kind, tf_type) = (node.address.kind(), node.address.tf_type());
        let (address, body) = (node.address.to_string(), render::block(node));
        let block = Checked { address: &address, kind, tf_type, body: &body };
        for (version, schema) in vendored() {
            let schema = schema.block(kind, tf_type).unwrap();
            assert_eq!(block::judge(schema, tf_type, &[&block]), [], "{address} in {version}");
        }
        let fine = every_release().fits(node) && every_release().refers_well(node);
        assert!(fine, "{address} compiles a schema");
    }
}

/// A text that Terraform evaluates.
fn expression() -> Body {
    Term::Variable(Box::new(RootVariable::new("a", "a.", "a"))).into()
}

/// A body for a block: what the schema asks, and now and then something that it does not take.
fn bodies(block: &Block<'_>, depth: u32) -> BoxedStrategy<Body> {
    let scalar = prop_oneof![
        2 => Just("a".into()),
        1 => Just("${a}".into()),
        2 => Just(expression()),
        2 => Just(3_u32.into()),
        2 => Just(true.into()),
        1 => Just(Body::Json(Box::new(Body::map([("a", expression())])))),
    ];
    let any = prop_oneof![
        8 => scalar.clone(),
        2 => prop::collection::vec(scalar.clone(), 0..3).prop_map(Body::List),
        2 => prop::collection::btree_map("[ab]", scalar, 0..3).prop_map(Body::map),
    ];
    let mut fields: Vec<BoxedStrategy<Option<(String, Body)>>> = Vec::new();
    // Sorted, so that a seed is the same body again.
    let attributes: BTreeMap<_, _> = block.attributes.iter().collect();
    for (name, attribute) in attributes {
        let (name, of_type) = ((*name).to_owned(), values(&attribute.is, &any));
        let value = prop_oneof![6 => of_type, 1 => any.clone()];
        let often = if attribute.required { 0.95 } else { 0.1 };
        let field = value.prop_map(move |it| (name.clone(), it));
        fields.push(prop::option::weighted(often, field).boxed());
    }
    for (name, nested) in block.block_types.iter().filter(|_| depth > 0) {
        let name = (*name).to_owned();
        let item = bodies(&nested.block, depth - 1);
        let value = prop_oneof![
            4 => prop::collection::vec(item.clone(), 0..3).prop_map(Body::List),
            2 => item,
            1 => any.clone(),
        ];
        let often = if nested.min_items > 0 { 0.95 } else { 0.1 };
        let field = value.prop_map(move |it| (name.clone(), it));
        fields.push(prop::option::weighted(often, field).boxed());
    }
    let strange = Just("teapot".to_owned());
    fields.push(prop::option::weighted(0.1, (strange, any)).boxed());
    fields.prop_map(|it| Body::map(it.into_iter().flatten())).boxed()
}

fn values(
    is: &Type<'_>,
    any: &(impl Strategy<Value = Body> + Clone + 'static),
) -> BoxedStrategy<Body> {
    let of_type = match is {
        Type::String => Just("a".into()).boxed(),
        Type::Number => Just(3_u32.into()).boxed(),
        Type::Bool => Just(true.into()).boxed(),
        Type::List(of) | Type::Set(of) => {
            prop::collection::vec(values(of, any), 0..3).prop_map(Body::List).boxed()
        }
        Type::Map(of) => {
            prop::collection::btree_map("[ab]", values(of, any), 0..3).prop_map(Body::map).boxed()
        }
        Type::Object(known) => {
            let fields: Vec<_> = known
                .iter()
                .map(|(name, of)| {
                    let name = (*name).to_owned();
                    prop::option::of(values(of, any).prop_map(move |it| (name.clone(), it)))
                })
                .collect();
            fields.prop_map(|it| Body::map(it.into_iter().flatten())).boxed()
        }
        Type::Any => any.clone().boxed(),
    };
    prop_oneof![4 => of_type, 1 => Just(expression())].boxed()
}

/// Some with required blocks, with counts, with maps, with deprecated and with deep parts.
const TYPES: &[&str] = &[
    "aws_sqs_queue",
    "aws_lambda_function",
    "aws_dynamodb_table",
    "aws_iam_role",
    "aws_cloudwatch_metric_alarm",
    "aws_scheduler_schedule",
    "aws_api_gateway_stage",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The walk and the JSON Schema accept the same bodies. The exception is a JSON document in an argument that takes
    /// no text: the walk leaves it to the JSON Schema, which refuses it.
    #[test]
    fn the_walk_and_the_json_schema_agree(
        bodies in TYPES
            .iter()
            .map(|it| bodies(run().block(BlockKind::Resource, it).unwrap(), 2))
            .collect::<Vec<_>>()
    ) {
        for (tf_type, body) in TYPES.iter().zip(&bodies) {
            let schema = run().block(BlockKind::Resource, tf_type).unwrap();
            let value = render::value(body);
            let block = block_of(tf_type, &value);
            let judged = block::judge(schema, tf_type, &[&block]);
            let fits = fits::fits(body, schema);
            prop_assert!(!fits || judged.is_empty(), "{}\n{:#}\n{:#?}", tf_type, value, judged);
            let document = value.to_string().contains(r#""{\"a\":"#);
            prop_assert!(fits || document || !judged.is_empty(), "{}\n{:#}", tf_type, value);
        }
    }
}

#[test]
fn each_release_has_its_own_file() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (release, text) in PROVIDER_RELEASES.iter().zip(vendored::TEXTS) {
        let file = std::fs::read_to_string(folder.join(vendored::file(release.version)));
        assert!(file.unwrap() == text, "{}", release.version);
        // The file names its release, and the program that made it.
        let made: Value = serde_json::from_str(text).unwrap();
        let made = made["made"].as_str().unwrap();
        assert!(made.contains(&format!("hashicorp/aws {}", release.version)), "{made}");
        assert!(made.contains("infra-gen schema") || made.contains("schemas/bindings.py"));
    }
}

#[test]
fn the_common_schema_follows_from_those_of_all_releases() {
    let every = vendored::every_release(vendored::TEXTS).unwrap();
    assert!(every == vendored::EVERY_RELEASE, "run: cargo run -p infra-gen -- schema");
}

/// A line that no release needs any more is out of date.
#[test]
fn every_accepted_deprecation_is_needed() {
    for (tf_type, path, reason) in deprecated::ACCEPTED {
        let (name, within) = path.split_last().unwrap();
        let deprecates = |schema: &ProviderSchema<'_>| {
            let block = schema.block(BlockKind::Resource, tf_type).unwrap();
            let block =
                within.iter().try_fold(block, |it, name| Some(&it.block_types.get(name)?.block));
            block.and_then(|it| it.attributes.get(name)).is_some_and(|it| it.deprecated)
        };
        assert!(vendored().iter().any(|(_, it)| deprecates(it)), "{tf_type} {path:?}: {reason}");
    }
}

/// Changes that future releases may make: each breaks the generated files in one way, and the check finds it.
#[test]
fn a_release_that_breaks_what_is_generated_is_found() {
    /// The violations of the example with a changed schema of the newest release.
    fn found(change: impl Fn(&mut Value)) -> Vec<(&'static str, String, String)> {
        let mut text: Value =
            serde_json::from_str(vendored::TEXTS[vendored::TEXTS.len() - 1]).unwrap();
        change(&mut text["resource_schemas"]);
        let text = text.to_string();
        let releases = [
            ("5.100.0", vendored::parse(vendored::TEXTS[0]).unwrap()),
            ("6.99.0", vendored::parse(&text).unwrap()),
        ];
        let stack = thumbnails();
        let blocks = policy::Blocks::of(&stack);
        let all: Vec<_> = stack.nodes().zip(blocks.all()).collect();
        let found = against(&releases, &all).into_iter();
        found.map(|it| (it.rule, it.address, it.problem)).collect()
    }
    #[track_caller]
    fn check(rule: &str, at: &str, change: impl Fn(&mut Value)) {
        let found = found(change);
        let said = found.iter().find(|it| it.0 == rule && it.1.contains(at));
        let said = said.unwrap_or_else(|| panic!("{rule} at {at} is not in {found:#?}"));
        assert!(said.2.ends_with(", in the provider's release 6.99.0"), "{said:?}");
    }
    fn remove(from: &mut Value, name: &str) -> Value {
        from.as_object_mut().unwrap().remove(name).unwrap()
    }
    assert_eq!(found(|_| ()), []);
    // An argument is gone.
    check("provider/unknown-argument", "aws_sqs_queue.uploads.visibility_timeout_seconds", |it| {
        remove(&mut it["aws_sqs_queue"]["block"]["attributes"], "visibility_timeout_seconds");
    });
    // An attribute has another name: every reference to it is found.
    check("provider/unknown-attribute", "module.work.aws_lambda_event_source_mapping", |it| {
        let attributes = &mut it["aws_sqs_queue"]["block"]["attributes"];
        let arn = remove(attributes, "arn");
        attributes["queue_arn"] = arn;
    });
    // A block becomes a map.
    check("provider/wrong-type", "aws_lambda_function.resize.tracing_config", |it| {
        let block = &mut it["aws_lambda_function"]["block"];
        remove(&mut block["block_types"], "tracing_config");
        block["attributes"]["tracing_config"] =
            json!({ "optional": true, "type": ["map", "string"] });
    });
    // An argument becomes a block: a text is where a block is expected.
    check("provider/wrong-type", "aws_sns_topic.alarms.kms_master_key_id", |it| {
        let block = &mut it["aws_sns_topic"]["block"];
        remove(&mut block["attributes"], "kms_master_key_id");
        let nested = json!({ "block": {}, "nesting_mode": "list" });
        block["block_types"] = json!({ "kms_master_key_id": nested });
    });
    // A type is another one.
    check("provider/wrong-type", "aws_sqs_queue.uploads.visibility_timeout_seconds", |it| {
        let attributes = &mut it["aws_sqs_queue"]["block"]["attributes"];
        attributes["visibility_timeout_seconds"]["type"] = json!(["list", "number"]);
    });
    // An attribute that is referred to becomes a list.
    check("provider/wrong-type", "module.work.aws_lambda_event_source_mapping", |it| {
        it["aws_sqs_queue"]["block"]["attributes"]["arn"]["type"] = json!(["list", "string"]);
    });
    // An argument must be set.
    check("provider/missing-argument", "aws_sns_topic.alarms", |it| {
        let attributes = &mut it["aws_sns_topic"]["block"]["attributes"];
        attributes["owner"] = json!({ "required": true, "type": "string" });
    });
    // It can no longer be set.
    check("provider/computed-only", "aws_sqs_queue.uploads.visibility_timeout_seconds", |it| {
        let attributes = &mut it["aws_sqs_queue"]["block"]["attributes"];
        attributes["visibility_timeout_seconds"] = json!({ "computed": true, "type": "number" });
    });
    // It is deprecated, and not in the list of accepted deprecations.
    check("provider/deprecated", "aws_sqs_queue.uploads.visibility_timeout_seconds", |it| {
        let attributes = &mut it["aws_sqs_queue"]["block"]["attributes"];
        attributes["visibility_timeout_seconds"]["deprecated"] = json!(true);
    });
    // The whole type is deprecated.
    check("provider/deprecated", "aws_sqs_queue.uploads", |it| {
        it["aws_sqs_queue"]["block"]["deprecated"] = json!(true);
    });
    // A type is gone.
    check("provider/unknown-type", "aws_sqs_queue.uploads", |it| {
        remove(it, "aws_sqs_queue");
    });
}

/// The changes that the upgrade guide to 6.0.0 names for the types in use.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade>
#[test]
fn the_known_breaks_of_6_are_in_the_vendored_schemas() {
    let schema = |version: &str| &vendored().iter().find(|it| it.0 == version).unwrap().1;
    let of = |version: &str, tf_type: &'static str| {
        schema(version).block(BlockKind::Resource, tf_type).unwrap()
    };
    let (api, account) = ("aws_api_gateway_deployment", "aws_api_gateway_account");
    for (tf_type, name) in [
        (api, "stage_name"),
        (api, "stage_description"),
        (api, "invoke_url"),
        (api, "execution_arn"),
        (account, "reset_on_delete"),
    ] {
        assert!(of("5.100.0", tf_type).attributes[name].deprecated, "{tf_type} {name}");
        assert!(!of("6.0.0", tf_type).attributes.contains_key(name), "{tf_type} {name}");
    }
    // Resources in a region got the argument `region`. The attribute of a bucket with this name is `bucket_region` now.
    assert!(!of("5.100.0", "aws_sqs_queue").attributes.contains_key("region"));
    assert!(of("6.0.0", "aws_sqs_queue").attributes["region"].is_settable());
    assert!(!of("6.0.0", "aws_iam_role").attributes.contains_key("region"));
    assert!(!of("5.100.0", "aws_s3_bucket").attributes["region"].is_settable());
    assert!(of("6.0.0", "aws_s3_bucket").attributes["region"].is_settable());
    let index =
        |version| &of(version, "aws_dynamodb_table").block_types["global_secondary_index"].block;
    assert!(index("5.100.0").attributes["hash_key"].required);
    assert!(index("6.69.1").attributes["hash_key"].deprecated);
    assert!(index("6.69.1").block_types.contains_key("key_schema"));
}

#[test]
fn a_violation_of_one_release_names_its_version() {
    // An older provider that did not know `scaling_config` yet.
    let mut older: Value = serde_json::from_str(vendored::TEXTS[0]).unwrap();
    let mapping = &mut older["resource_schemas"]["aws_lambda_event_source_mapping"]["block"];
    mapping["block_types"].as_object_mut().unwrap().remove("scaling_config").unwrap();
    let older = older.to_string();
    let releases = [&older, vendored::TEXTS[0]].map(|text| vendored::parse(text).unwrap());
    let releases: Vec<_> = ["5.0.0", "5.100.0"].into_iter().zip(releases).collect();
    let told = |body: Value| -> Vec<_> {
        let block = [block_of("aws_lambda_event_source_mapping", &body)];
        across(&releases, |it| it.check_blocks(&block)).into_iter().map(|it| it.problem).collect()
    };
    let fine = json!({ "function_name": "f", "batch_size": 1 });
    assert_eq!(told(fine.clone()), [""; 0]);
    let mut newer = fine.clone();
    newer["scaling_config"] = json!([{ "maximum_concurrency": 2 }]);
    assert_eq!(told(newer), ["the provider has no such argument, in the provider's release 5.0.0"]);
    let mut wrong = fine;
    wrong["teapot"] = json!(true);
    assert_eq!(told(wrong), ["the provider has no such argument"]);
}

fn everything(block: &Block<'_>) -> Shape {
    fn body(block: &Block<'_>) -> Value {
        let attributes = block.attributes.keys().map(|it| ((*it).to_owned(), Value::Null));
        let nested =
            block.block_types.iter().map(|(name, it)| ((*name).to_owned(), body(&it.block)));
        Value::Object(attributes.chain(nested).collect())
    }
    Shape::of(&body(block))
}

#[test]
fn cutting_again_changes_nothing() {
    let provider: Value = serde_json::from_str(vendored::TEXTS[0]).unwrap();
    let full = json!({ "provider_schemas": { "registry.terraform.io/hashicorp/aws": provider } });
    let schema = vendored::parse(vendored::TEXTS[0]).unwrap();
    let used: BTreeSet<_> = schema.types().map(|(kind, it)| (kind, it.to_owned())).collect();
    assert_eq!(vendored::cut("5.100.0", &full, &used).unwrap(), vendored::TEXTS[0]);
    let more: BTreeSet<_> =
        used.into_iter().chain([(BlockKind::Resource, "aws_teapot".to_owned())]).collect();
    let err = vendored::cut("5.100.0", &full, &more).unwrap_err().to_string();
    let lacks = "this release of the provider lacks types that the topology uses: aws_teapot";
    assert_eq!(err, lacks);
}

fn block_of<'b>(tf_type: &'b str, body: &'b Value) -> Checked<'b> {
    Checked { address: "x", kind: BlockKind::Resource, tf_type, body }
}

/// A queue's body with something changed breaks exactly these rules, there.
#[track_caller]
fn check(tf_type: &str, body: Value, expected: &[(&str, &str)]) {
    let schema = run();
    let found = schema.check_blocks(&[block_of(tf_type, &body)]);
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
fn arguments_that_terraform_warns_of_or_refuses_are_violations() {
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
    let schema = run();
    let mut deprecated = 0;
    for (tf_type, it) in &schema.resource_schemas {
        let attributes = it.block().attributes.iter();
        for (name, _) in attributes.filter(|(_, it)| it.deprecated && it.optional) {
            let found = schema.check_blocks(&[block_of(tf_type, &json!({ *name: "a" }))]);
            assert!(found.iter().any(|it| it.rule == "provider/deprecated"), "{tf_type}.{name}");
            deprecated += 1;
        }
    }
    assert!(deprecated > 0, "the provider deprecates something that we carry");
}

#[test]
fn references_lead_to_attributes_that_exist() {
    fn check(tf_type: &str, attribute: &str, fix: Option<&str>) {
        let of = (BlockKind::Resource, tf_type);
        let found = run().check_reference("x", of, attribute);
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
    let instead = "refer to the replacement that the provider's documentation names";
    check("aws_api_gateway_deployment", "invoke_url", Some(instead));
    check("aws_sqs_queue", "teapot", Some("refer to an existing attribute"));
}

#[test]
fn suggestions_are_close() {
    fn check(name: &str, expected: Option<&str>) {
        let mut known = ["visibility_timeout_seconds", "name", "delay_seconds", "ab_y", "ab_x"];
        for _ in 0..2 {
            let found = block::suggestion(name, known.into_iter());
            assert_eq!(found.as_deref(), expected);
            // The order of the known names does not matter.
            known.reverse();
        }
    }
    check("ab_z", Some("did you mean `ab_x`?"));
    check("visibility_timeout", Some("did you mean `visibility_timeout_seconds`?"));
    check("nam", Some("did you mean `name`?"));
    check("teapot", None);
}
