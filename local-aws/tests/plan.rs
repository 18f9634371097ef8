//! What is committed below `generated/`, planned against the emulator: the real Terraform, the real
//! provider, and every resource.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    sync::Mutex,
};

use contracts::{
    Contract as _,
    functions::{ApiHandler, FulfillOrder, OrderStorage, ReconcileOrders, Validator},
};
use infra_gen::{
    config::Environment,
    generate,
    model::{backend::PROVIDER_VERSION, function::Architecture},
    terraform::Terraform,
};
use local_aws::{Account, Emulator, Tools};
use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

/// The provider is a program of 700 MB: one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A plan of a committed root, without a change to any of its files.
fn plan(environment: Environment) -> Value {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let work = target.join(format!("plan-{environment}"));
    let _ = fs::remove_dir_all(&work);
    let root = work.join("root");
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated");
    copy(&committed.join(environment.as_str()), &root);
    let packages = packages(&work.join("packages"));

    let config = environment.config();
    let account = Account {
        id: config.account.as_str().to_owned(),
        region: config.region.as_str().to_owned(),
    };
    let tools =
        Tools::prepare(&target.with_file_name("tools")).unwrap_or_else(|err| panic!("{err}"));
    let emulator =
        Emulator::start(&tools, &work.join("aws"), &account).unwrap_or_else(|err| panic!("{err}"));
    let backend: Value = json(&fs::read(root.join("backend.tf.json")).unwrap());
    let bucket = backend["terraform"]["backend"]["s3"]["bucket"].as_str().unwrap();
    emulator.make_bucket(&account, bucket).unwrap_or_else(|err| panic!("{err}"));

    let terraform = Terraform::find(PROVIDER_VERSION, &work)
        .and_then(|it| it.with_plugin_cache(&target.join("plugin-cache")))
        .unwrap_or_else(|err| panic!("{err}"))
        .with_environment(emulator.environment(&account))
        .with_environment([("TF_VAR_package_dir", Some(packages.to_str().unwrap().to_owned()))]);
    let run = |args: &[&str]| {
        terraform.run(&root, &work.join("data"), args).unwrap_or_else(|err| panic!("{err}"))
    };
    run(&["init", "-input=false"]);
    run(&["plan", "-input=false", "-out=plan.tfplan"]);
    json(run(&["show", "-json", "plan.tfplan"]).as_bytes())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        // What somebody's Terraform left there is not committed.
        if entry.file_name().to_str().unwrap().starts_with(".terraform") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A zip for each function, with nothing that runs. Terraform reads them when it plans.
fn packages(folder: &Path) -> PathBuf {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"#!/bin/sh\n").unwrap();
    let zip = zip.finish().unwrap().into_inner();
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        let folder = folder.join(architecture.as_str());
        fs::create_dir_all(&folder).unwrap();
        for binary in [
            ApiHandler::BIN,
            Validator::BIN,
            OrderStorage::BIN,
            FulfillOrder::BIN,
            ReconcileOrders::BIN,
        ] {
            fs::write(folder.join(binary).with_extension("zip"), &zip).unwrap();
        }
    }
    folder.to_owned()
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}

#[track_caller]
fn check(environment: Environment) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let plan = plan(environment);
    // What is only read is no change.
    let changes: Vec<(&str, &Value)> = plan["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["address"].as_str().unwrap(), &it["change"]["actions"]))
        .filter(|(_, actions)| actions[0] != "read")
        .collect();
    let other: Vec<_> =
        changes.iter().filter(|(_, actions)| **actions != json(br#"["create"]"#)).collect();
    assert!(other.is_empty(), "{other:?}");
    assert_eq!(changes.len(), generate::environment(environment).resources, "{changes:?}");
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
