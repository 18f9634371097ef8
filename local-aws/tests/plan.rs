//! Plans the committed files below `generated/` against the emulator: with the real Terraform, the real
//! provider, and every resource.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::sync::Mutex;

use infra_gen::{
    config::{Environment, delivery::DELIVERY},
    roots,
};
use local_aws::Faithfulness;
use serde_json::{Value, json};
use support::Root;

/// The provider is a program of 700 MB: one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[track_caller]
fn check(environment: Environment) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let root = Root::init(&format!("plan-{environment}"), environment, Faithfulness::Patched);
    every_resource_is_added(&root, roots::environment(environment).resources);
}

#[track_caller]
fn every_resource_is_added(root: &Root, resources: usize) {
    root.run(&["plan", "-input=false", "-out=plan.tfplan"]);
    let plan = root.plan("plan.tfplan");
    // A read of a data source is not a change.
    let changes: Vec<(&str, &Value)> = plan["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["address"].as_str().unwrap(), &it["change"]["actions"]))
        .filter(|(_, actions)| actions[0] != "read")
        .collect();
    let other: Vec<_> =
        changes.iter().filter(|(_, actions)| **actions != json!(["create"])).collect();
    assert!(other.is_empty(), "{other:?}");
    assert_eq!(changes.len(), resources, "{changes:?}");
}

#[test]
fn dev_can_be_planned() {
    check(Environment::Dev);
}

#[test]
fn staging_can_be_planned() {
    check(Environment::Staging);
}

#[test]
fn prod_can_be_planned() {
    check(Environment::Prod);
}

#[test]
fn cicd_can_be_planned() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let place = (DELIVERY.account, DELIVERY.region);
    let root = Root::init_at("plan-cicd", "cicd", place, Faithfulness::Patched);
    every_resource_is_added(&root, roots::cicd().resources);
}
