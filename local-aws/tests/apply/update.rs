//! An update of a root: something of each resource differs that AWS can change in place. Everything can be destroyed then.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

use crate::support;

/// A trust policy for every service that assumes a role.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["lambda.amazonaws.com","scheduler.amazonaws.com","states.amazonaws.com"]}}]}"#;

/// The new code of all functions.
const PACKAGE: &str = "updated.zip";

/// The argument of a type that gets another value.
fn changes() -> Vec<(&'static str, &'static str, Value)> {
    let text = || json!("updated");
    vec![
        ("aws_api_gateway_api_key", "description", text()),
        ("aws_api_gateway_rest_api", "description", text()),
        ("aws_api_gateway_stage", "description", text()),
        ("aws_api_gateway_usage_plan", "description", text()),
        ("aws_cloudwatch_dashboard", "dashboard_body", json!("{\"widgets\":[]}")),
        ("aws_cloudwatch_log_group", "retention_in_days", json!(545)),
        ("aws_cloudwatch_metric_alarm", "alarm_description", text()),
        // AWS refuses to delete a protected table.
        ("aws_dynamodb_table", "deletion_protection_enabled", json!(false)),
        ("aws_dynamodb_table", "table_class", json!("STANDARD_INFREQUENT_ACCESS")),
        ("aws_iam_role", "assume_role_policy", json!(TRUST)),
        ("aws_kms_key", "description", text()),
        ("aws_lambda_alias", "description", text()),
        ("aws_lambda_event_source_mapping", "maximum_batching_window_in_seconds", json!(3)),
        ("aws_lambda_function", "filename", json!(format!("${{abspath(path.root)}}/{PACKAGE}"))),
        (
            "aws_lambda_function",
            "source_code_hash",
            json!(format!("${{filebase64sha256(\"${{abspath(path.root)}}/{PACKAGE}\")}}")),
        ),
        ("aws_lambda_function", "memory_size", json!(1111)),
        ("aws_scheduler_schedule", "description", text()),
        ("aws_sfn_state_machine", "definition", json!(DEFINITION)),
        ("aws_sns_topic", "display_name", text()),
        ("aws_sqs_queue", "receive_wait_time_seconds", json!(7)),
        ("aws_wafv2_web_acl", "description", text()),
    ]
}

const DEFINITION: &str =
    r#"{"QueryLanguage":"JSONata","StartAt":"Updated","States":{"Updated":{"Type":"Succeed"}}}"#;

/// Updates the files of a root. One of the tags of all resources goes, and another one comes.
pub(super) fn write(root: &Path) {
    fs::write(root.join(PACKAGE), support::package("#!/bin/sh\n# updated\n")).unwrap();
    change(&root.join("providers.tf.json"), |file| {
        let tags = file["provider"]["aws"]["default_tags"]["tags"].as_object_mut().unwrap();
        tags.remove("ManagedBy").unwrap();
        tags.insert("Updated".to_owned(), json!("yes"));
    });
    for module in fs::read_dir(root.join("modules")).unwrap() {
        change(&module.unwrap().path().join("main.tf.json"), |file| {
            let resources = &mut file["resource"];
            for (tf_type, argument, value) in changes() {
                of(resources, tf_type).for_each(|it| it[argument] = value.clone());
            }
            change_limits(resources);
            change_keys(resources);
        });
    }
}

/// A function gets reserved concurrency, or loses it.
fn change_limits(resources: &mut Value) {
    for function in of(resources, "aws_lambda_function") {
        let function = function.as_object_mut().unwrap();
        if function.remove("reserved_concurrent_executions").is_none() {
            function.insert("reserved_concurrent_executions".to_owned(), json!(1));
        }
    }
}

/// Each alias of a module gets the key of the next one.
fn change_keys(resources: &mut Value) {
    let mut aliases: Vec<_> = of(resources, "aws_kms_alias").collect();
    let mut targets: Vec<_> = aliases.iter().map(|it| it["target_key_id"].clone()).collect();
    let by = targets.len().min(1);
    targets.rotate_left(by);
    for (alias, target) in aliases.iter_mut().zip(targets) {
        alias["target_key_id"] = target;
    }
}

/// The resources of a type, if there are any.
fn of<'a>(resources: &'a mut Value, tf_type: &str) -> impl Iterator<Item = &'a mut Value> {
    let found = resources.get_mut(tf_type).and_then(Value::as_object_mut);
    found.into_iter().flat_map(Map::values_mut)
}

fn change(file: &Path, edit: impl FnOnce(&mut Value)) {
    let mut text: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    edit(&mut text);
    fs::write(file, text.to_string()).unwrap();
}
