//! Which rights of a role calls needed, and which calls were denied, by the log of an emulator that evaluates IAM.

use std::{collections::BTreeSet, fs, path::Path};

use infra_core::model::delivery::rights::Does;
use infra_gen::config::Environment;
use serde_json::{Map, Value, json};

/// The rights of the role that plans, applies or tries an environment, as its policy writes them: an action on a resource,
/// with the condition, such as `sqs:CreateQueue on arn:aws:sqs:ap-south-1:{account}:dofs-{env}-*`.
pub(crate) fn rights(environment: Environment, does: Does) -> BTreeSet<String> {
    let path = format!("../generated/bootstrap/{environment}/modules/delivery/main.tf.json");
    let role = format!("delivery_{}_{environment}", does.as_str());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let file: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let document = &file["data"]["aws_iam_policy_document"][&role]["statement"];
    let mut found = BTreeSet::new();
    for statement in document.as_array().unwrap() {
        let condition = condition(&statement["condition"]);
        for action in texts(&statement["actions"]) {
            for resource in texts(&statement["resources"]) {
                found.insert(right(environment, &action, &resource, &condition));
            }
        }
    }
    assert!(!found.is_empty(), "{environment} has no {role}");
    found
}

/// The rights of that role without which a call would have been denied.
pub(crate) fn needed(log: &Path, environment: Environment, does: Does) -> BTreeSet<String> {
    let role = format!("dofs-delivery-{}-{environment}", does.as_str());
    let said = fs::read_to_string(log).unwrap();
    let lines = said.lines().filter_map(|it| it.split_once("needed: "));
    let lines = lines.map(|(_, it)| serde_json::from_str::<Value>(it).unwrap());
    let own = lines.filter(|it| it["role"] == role);
    own.map(|it| {
        let mut condition = it["condition"].clone();
        for keys in objects(&mut condition) {
            for values in objects(keys) {
                // IAM also takes one value without a list.
                *values = json!(texts(values));
            }
        }
        let text = |name: &str| it[name].as_str().unwrap();
        right(environment, text("action"), text("on"), &condition)
    })
    .collect()
}

/// Returns the calls that the emulator denied.
pub(crate) fn denied(log: &Path) -> Vec<String> {
    let said = fs::read_to_string(log).unwrap();
    said.lines().filter(|it| it.contains("denied: ")).map(str::to_owned).collect()
}

/// The calls that the emulator denied, except those of the roles of an environment's own functions and services: those lose their rights
/// while the environment is destroyed.
pub(crate) fn denied_to_deployment(log: &Path) -> Vec<String> {
    let own = Environment::ALL.map(|it| format!(":assumed-role/dofs-{it}-"));
    denied(log).into_iter().filter(|line| !own.iter().any(|it| line.contains(it))).collect()
}

/// A right, without what differs between environments: the account and the name.
fn right(environment: Environment, action: &str, on: &str, condition: &Value) -> String {
    let condition = match condition.as_object().is_some_and(|it| !it.is_empty()) {
        true => format!(" if {condition}"),
        false => String::new(),
    };
    let right = format!("{action} on {on}{condition}");
    let right = right.replace(environment.config().account.as_str(), "{account}");
    ["dofs-", "dofs/", "dofs-boundary-"].iter().fold(right, |it, begin| {
        it.replace(&format!("{begin}{environment}"), &format!("{begin}{{env}}"))
    })
}

/// Conditions of Terraform as a policy has them.
fn condition(all: &Value) -> Value {
    let mut found = json!({});
    for it in all.as_array().into_iter().flatten() {
        let [test, variable] = ["test", "variable"].map(|name| it[name].as_str().unwrap());
        found[test][variable] = json!(texts(&it["values"]));
    }
    found
}

fn objects(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    }
}
