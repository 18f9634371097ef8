//! The real Terraform and the real provider: no error, and no warning.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use infra_gen::{
    config::Environment,
    generate::{self, Generated},
    model::backend::PROVIDER_VERSION,
    terraform::Terraform,
};
use serde_json::Value;

/// The provider is a program of 700 MB: one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Writes what is generated into a fresh folder, with a change, and asks Terraform about it.
fn validate(name: &str, generated: Generated, change: impl Fn(&str, String) -> String) -> Value {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name.replace('/', "-"));
    let _ = fs::remove_dir_all(&work);
    let root = work.join("root");
    for (path, text) in generated.files {
        let path = path.strip_prefix(&format!("generated/{name}/")).unwrap().to_owned();
        let target: PathBuf = root.join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, change(&path, text)).unwrap();
    }
    let data = work.join("data");
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache");
    let terraform = Terraform::find(PROVIDER_VERSION, &work)
        .and_then(|it| it.with_plugin_cache(&cache))
        .unwrap_or_else(|err| panic!("{err}"));
    terraform.run(&root, &data, &["init", "-backend=false"]).unwrap_or_else(|err| panic!("{err}"));
    let output = terraform.output(&root, &data, &["validate", "-json"]).unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn check(name: &str, generated: Generated) {
    let said = validate(name, generated, |_, text| text);
    let clean = said["valid"] == true && said["error_count"] == 0 && said["warning_count"] == 0;
    assert!(clean && said["diagnostics"] == Value::Array(Vec::new()), "{said:#}");
}

#[test]
fn dev_is_valid() {
    check("dev", generate::environment(Environment::Dev));
}

#[test]
fn staging_is_valid() {
    check("staging", generate::environment(Environment::Staging));
}

#[test]
fn prod_is_valid() {
    check("prod", generate::environment(Environment::Prod));
}

#[test]
fn bootstrap_is_valid_in_every_account() {
    let roots = generate::bootstraps();
    assert_eq!(roots.len(), 4);
    roots.into_iter().for_each(|(name, generated)| check(&name, generated));
}

#[test]
fn cicd_is_valid() {
    check("cicd", generate::cicd());
}

#[test]
fn a_broken_root_is_not() {
    let said = validate("dev", generate::environment(Environment::Dev), |path, text| match path {
        "modules/sqs/main.tf.json" => text.replace("visibility_timeout_seconds", "visibility"),
        _ => text,
    });
    assert_eq!(said["valid"], false);
    let detail = said["diagnostics"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("visibility"), "{detail}");
}
