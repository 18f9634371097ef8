//! Compares the arguments that force a replacement, as the review lists them, with the plans of the real provider.
//!
//! Each type has two blocks. In one block, only the arguments change that the review lists. In the other, all other
//! arguments of DOFS change. The plan does not refresh and needs no AWS, so it shows what the provider itself decides.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use infra_core::model::backend::PROVIDER_VERSION;
use infra_gen::{config::Environment, roots};
use serde_json::{Map, Value, json};
use terraform_cli::Terraform;

type Body = Map<String, Value>;

const PROVIDER: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";

#[test]
fn the_provider_replaces_what_the_review_says_it_does() {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("force-new");
    let _ = fs::remove_dir_all(&work);
    let root = work.join("root");
    fs::create_dir_all(&root).unwrap();
    let (mut resources, mut state) = (Map::new(), Vec::new());
    let bodies = bodies();
    for (tf_type, force_new) in infra_review::force_new() {
        let body = bodies.get(tf_type).unwrap_or_else(|| panic!("no body for {tf_type}"));
        let mut blocks = Map::new();
        for (name, forced) in [("forced", true), ("others", false)] {
            let (mut before, mut after) = (Body::new(), Body::new());
            let missing = force_new.iter().filter(|it| !body.contains_key(**it));
            let arguments = body.iter().map(|(name, it)| (name.as_str(), it.clone()));
            for (argument, value) in arguments.chain(missing.map(|it| (*it, json!("given")))) {
                let (old, new) = values(tf_type, argument, value);
                let changes = force_new.contains(&argument) == forced;
                after.insert(argument.to_owned(), if changes { new } else { old.clone() });
                before.insert(argument.to_owned(), old);
            }
            before.insert("id".to_owned(), json!("given"));
            state.push(in_state(tf_type, name, before));
            if tf_type == "aws_sfn_state_machine" {
                // One that is known would be sent to AWS, to be validated.
                after.insert("definition".to_owned(), json!("${terraform_data.later.id}"));
            }
            blocks.insert(name.to_owned(), Value::Object(after));
        }
        resources.insert(tf_type.to_owned(), Value::Object(blocks));
    }
    resources.insert("terraform_data".to_owned(), json!({ "later": {} }));
    let main = json!({
        "terraform": {
            "required_providers": { "aws": { "source": "hashicorp/aws", "version": PROVIDER_VERSION } },
        },
        "provider": { "aws": {
            "region": "eu-west-1",
            "access_key": "nobody",
            "secret_key": "nobody",
            "skip_credentials_validation": true,
            "skip_requesting_account_id": true,
            "skip_metadata_api_check": true,
        } },
        "resource": resources,
    });
    let state = json!({
        "version": 4, "terraform_version": "1.10.0", "serial": 1, "lineage": "a", "outputs": {},
        "resources": state,
    });
    fs::write(root.join("main.tf.json"), main.to_string()).unwrap();
    fs::write(root.join("terraform.tfstate"), state.to_string()).unwrap();
    let wrong = differences(&plan(&work, &root));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The plan, as JSON.
fn plan(work: &Path, root: &Path) -> Value {
    let data = work.join("data");
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache");
    let terraform = Terraform::find(PROVIDER_VERSION, work)
        .and_then(|it| it.with_plugin_cache(&cache))
        .unwrap_or_else(|err| panic!("{err}"));
    let provider = terraform.start_provider(work).unwrap_or_else(|err| panic!("{err}"));
    let provider = provider.expect("the provider is in the plugin cache");
    let terraform = terraform.with_provider(&provider);
    let run = |arguments: &[&str]| {
        terraform.run(root, &data, arguments).unwrap_or_else(|err| panic!("{err}"))
    };
    run(&["init"]);
    run(&["plan", "-refresh=false", "-lock=false", "-input=false", "-out=plan"]);
    serde_json::from_str(&run(&["show", "-json", "plan"])).unwrap()
}

/// The differences between the provider and the list.
fn differences(plan: &Value) -> Vec<String> {
    let lists: BTreeMap<_, _> = infra_review::force_new().collect();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for change in plan["resource_changes"].as_array().unwrap() {
        let Some(list) = lists.get(change["type"].as_str().unwrap()) else { continue };
        let paths = change["change"]["replace_paths"].as_array();
        let said: BTreeSet<&str> =
            paths.into_iter().flatten().map(|it| it[0].as_str().unwrap()).collect();
        let due = match change["name"] == "forced" {
            true => list.iter().copied().collect(),
            false => BTreeSet::new(),
        };
        asked += 1;
        if said != due {
            wrong.push(format!(
                "{}: the provider says {said:?}, the list {due:?}",
                change["address"]
            ));
        }
    }
    assert_eq!(asked, 2 * lists.len());
    wrong
}

fn in_state(tf_type: &str, name: &str, mut attributes: Body) -> Value {
    // The provider's own schema of the state, and what it puts in where nothing is said.
    let version = match tf_type {
        "aws_cloudwatch_metric_alarm"
        | "aws_dynamodb_table"
        | "aws_s3_bucket_lifecycle_configuration"
        | "aws_sqs_queue_policy" => 1,
        _ => 0,
    };
    match tf_type {
        "aws_iam_role" => drop(attributes.insert("path".to_owned(), json!("/"))),
        "aws_s3_bucket_lifecycle_configuration" => {
            attributes.insert("expected_bucket_owner".to_owned(), json!(""));
        }
        _ => (),
    }
    json!({
        "mode": "managed", "type": tf_type, "name": name, "provider": PROVIDER,
        "instances": [{ "schema_version": version, "attributes": attributes }],
    })
}

/// One block of each type, as DOFS writes it, with what it refers to replaced by something.
fn bodies() -> BTreeMap<String, Body> {
    let mut bodies: BTreeMap<String, Body> = BTreeMap::new();
    let files = roots::environment(Environment::Prod).files.into_iter();
    for (path, text) in files.chain(roots::bootstrap().files).chain(roots::cicd().files) {
        let file: Value = if path.ends_with("main.tf.json") {
            serde_json::from_str(&text).unwrap()
        } else {
            continue;
        };
        for (tf_type, blocks) in file["resource"].as_object().into_iter().flatten() {
            // The last one: of the tables it is the one with an index.
            let body = blocks.as_object().unwrap().values().next_back().unwrap();
            let mut body = literal("", body).as_object().unwrap().clone();
            for meta in ["//", "depends_on", "lifecycle"] {
                body.remove(meta);
            }
            bodies.insert(tf_type.clone(), body);
        }
    }
    for (tf_type, body) in [
        ("aws_s3_bucket", json!({})),
        (
            "aws_s3_bucket_lifecycle_configuration",
            json!({ "rule": [{
                "id": "a", "status": "Enabled", "filter": [{ "prefix": "" }],
                "expiration": [{ "days": 1 }],
            }] }),
        ),
        ("aws_s3_bucket_notification", json!({ "eventbridge": true })),
        (
            "aws_s3_bucket_ownership_controls",
            json!({ "rule": [{ "object_ownership": "BucketOwnerEnforced" }] }),
        ),
        (
            "aws_s3_bucket_server_side_encryption_configuration",
            json!({ "rule": [{
                "apply_server_side_encryption_by_default": [{ "sse_algorithm": "AES256" }],
            }] }),
        ),
        ("aws_s3_bucket_policy", json!({ "policy": "{}" })),
        ("aws_s3_bucket_public_access_block", json!({ "block_public_acls": true })),
        (
            "aws_s3_bucket_versioning",
            json!({ "versioning_configuration": [{ "status": "Enabled" }] }),
        ),
    ] {
        bodies.insert(tf_type.to_owned(), body.as_object().unwrap().clone());
    }
    bodies
}

const ROLE: &str = "arn:aws:iam::333333333333:role/a";

fn literal(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, it)| (name.clone(), literal(name, it))).collect()
        }
        Value::Array(items) => items.iter().map(|it| literal(name, it)).collect(),
        Value::String(text) if !text.contains("${") => value.clone(),
        Value::String(_) => json!(match name {
            "policy" | "assume_role_policy" | "definition" | "dashboard_body" => "{}",
            "redrive_policy" | "redrive_allow_policy" => "{}",
            "alarm_actions" | "ok_actions" | "uri" | "target_key_id" => ROLE,
            "service_role" | "resource" | "address" | "log_destination_configs" => ROLE,
            it if it.contains("arn") || it == "kms_master_key_id" => ROLE,
            _ => "given",
        }),
        other => other.clone(),
    }
}

/// Two valid values for an argument. Most arguments accept any value, and these do not.
fn values(tf_type: &str, argument: &str, value: Value) -> (Value, Value) {
    let of = |old: &str, new: &str| (json!(old), json!(new));
    match (tf_type, argument) {
        (_, "http_method" | "integration_http_method") => of("GET", "POST"),
        (_, "status_code") => of("200", "201"),
        ("aws_api_gateway_deployment", "triggers") => {
            (json!({ "definition": "a" }), json!({ "definition": "b" }))
        }
        ("aws_api_gateway_gateway_response", "response_type") => of("THROTTLED", "UNAUTHORIZED"),
        ("aws_api_gateway_integration", "type") => of("MOCK", "AWS"),
        ("aws_api_gateway_method", "authorization") => of("NONE", "AWS_IAM"),
        ("aws_api_gateway_method_settings", "method_path") => of("*/*", "a/GET"),
        ("aws_api_gateway_api_key", "value") => {
            of("a-value-of-twenty-letters", "another-value-of-so-many")
        }
        ("aws_cloudwatch_log_group", "retention_in_days") => (json!(30), json!(60)),
        ("aws_cloudwatch_metric_alarm", "comparison_operator") => {
            of("GreaterThanThreshold", "LessThanThreshold")
        }
        ("aws_cloudwatch_metric_alarm", "extended_statistic") => of("p99", "p98"),
        ("aws_cloudwatch_metric_alarm", "period") => (json!(60), json!(120)),
        ("aws_cloudwatch_metric_alarm", "statistic") => of("Sum", "Average"),
        ("aws_cloudwatch_metric_alarm", "treat_missing_data") => of("missing", "ignore"),
        // Every attribute must be part of a key: both are, either way round.
        ("aws_codebuild_project", "service_role") => of(ROLE, "arn:aws:iam::333333333333:role/b"),
        ("aws_codepipeline", "execution_mode") => of("QUEUED", "SUPERSEDED"),
        ("aws_codepipeline", "pipeline_type") => of("V2", "V1"),
        ("aws_codestarconnections_connection", "provider_type") => of("GitHub", "GitLab"),
        ("aws_codestarnotifications_notification_rule", "detail_type") => of("FULL", "BASIC"),
        ("aws_dynamodb_table", "billing_mode") => (value.clone(), value),
        ("aws_dynamodb_table", "hash_key") => of("order_id", "updated_at"),
        ("aws_dynamodb_table", "range_key") => of("updated_at", "order_id"),
        ("aws_iam_role_policy_attachment", "policy_arn") => {
            of("arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B")
        }
        ("aws_kms_alias", "name") => of("alias/a", "alias/b"),
        ("aws_kms_key", "customer_master_key_spec") => of("SYMMETRIC_DEFAULT", "RSA_2048"),
        ("aws_kms_key", "key_usage") => of("ENCRYPT_DECRYPT", "SIGN_VERIFY"),
        ("aws_lambda_function", "package_type") => of("Zip", "Image"),
        ("aws_lambda_function", "memory_size") => (json!(128), json!(256)),
        ("aws_lambda_function", "role") => of(ROLE, "arn:aws:iam::333333333333:role/b"),
        ("aws_lambda_function", "runtime") => of("provided.al2023", "provided.al2"),
        ("aws_lambda_function", "source_code_hash") => of("YQ==", "Yg=="),
        ("aws_lambda_permission", "action") => of("lambda:InvokeFunction", "lambda:GetFunction"),
        ("aws_lambda_permission", "principal") => of("a.amazonaws.com", "b.amazonaws.com"),
        ("aws_scheduler_schedule", "schedule_expression") => {
            of("rate(5 minutes)", "rate(6 minutes)")
        }
        ("aws_sfn_state_machine", "type") => of("STANDARD", "EXPRESS"),
        ("aws_sns_topic" | "aws_sqs_queue", "name") => of("a", "b.fifo"),
        ("aws_sns_topic_subscription", "endpoint") => of("a@b.example", "c@b.example"),
        ("aws_sns_topic_subscription", "protocol") => of("email", "sms"),
        ("aws_wafv2_web_acl", "scope") => of("REGIONAL", "CLOUDFRONT"),
        (_, "fifo_topic" | "fifo_queue" | "multi_region" | "object_lock_enabled") => {
            (json!(false), json!(true))
        }
        _ => another(value),
    }
}

fn another(value: Value) -> (Value, Value) {
    let new = match &value {
        Value::Bool(it) => json!(!it),
        // One less keeps within every range, except those that begin at one.
        Value::Number(it) => {
            let number = it.as_f64().unwrap();
            json!(if number > 1.0 { number - 1.0 } else { number + 1.0 })
        }
        Value::String(it) if !it.starts_with('{') => json!(format!("{it}2")),
        other => other.clone(),
    };
    (value, new)
}
