//! Edits of the files that are generated today: each makes one change, and lists the findings that it must have.
//!
//! The pairs in `pairs/` change a frozen tree. These edits change the committed `generated/`, so the
//! review reads the files that infra-gen writes.

mod again;
mod browsers;
mod contract;
mod delivery;
mod exposed;
mod firewall;
mod flow;
mod follows;
mod lost;
mod modules;
mod numbers;
mod objects;
mod rights;
mod slower;
mod stopped;
mod unjudged;

use std::path::Path;

use infra_review::{self, Files, Review, cost::Orders};
use serde_json::Value;

use super::patch::files_below;

/// The files that infra-gen writes today.
pub(crate) fn generated() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated");
    let files = files_below(&folder).into_iter();
    files.map(|(path, text)| (format!("generated/{path}"), text)).collect()
}

/// The tree before an edit or after it.
pub(crate) struct Tree(pub(crate) Files);

impl Tree {
    pub(crate) fn today() -> Self {
        Tree(generated())
    }

    /// Edits one JSON file below `generated/`.
    #[track_caller]
    pub(crate) fn file(&mut self, path: &str, edit: impl FnOnce(&mut Value)) {
        let path = format!("generated/{path}");
        let text = self.0.get_mut(&path).unwrap_or_else(|| panic!("no {path}"));
        let mut value = serde_json::from_str(text).unwrap();
        edit(&mut value);
        *text = format!("{value:#}\n");
    }

    /// Edits one block of a module of a root, such as `prod`, `sqs`, `aws_sqs_queue.order_queue`.
    #[track_caller]
    pub(crate) fn block(
        &mut self,
        root: &str,
        module: &str,
        address: &str,
        edit: impl FnOnce(&mut Value),
    ) {
        self.file(&format!("{root}/modules/{module}/main.tf.json"), |file| {
            let (section, address) = match address.strip_prefix("data.") {
                Some(it) => ("data", it),
                None => ("resource", address),
            };
            let (tf_type, name) = address.split_once('.').unwrap();
            let block = &mut file[section][tf_type][name];
            assert!(block.is_object(), "no {address} in {root}/{module}");
            edit(block);
        });
    }

    /// Takes one block away.
    #[track_caller]
    fn without(&mut self, root: &str, module: &str, address: &str) {
        self.file(&format!("{root}/modules/{module}/main.tf.json"), |file| {
            let (tf_type, name) = address.split_once('.').unwrap();
            let blocks = file["resource"][tf_type].as_object_mut().unwrap();
            assert!(blocks.remove(name).is_some(), "no {address} in {root}/{module}");
        });
    }
}

pub(crate) fn reviewed(base: &Tree, head: &Tree) -> Review {
    infra_review::review(&base.0, &head.0, Orders::DEFAULT).unwrap()
}

/// Findings, a line each: severity, rule, environments, addresses.
pub(crate) fn lines(review: &Review) -> Vec<String> {
    let line = |it: &infra_review::Finding| {
        let (severity, rule) = (it.severity.as_str(), it.rule.as_str());
        let (environments, addresses) = (it.environments.join(","), it.addresses.join(" "));
        format!("{severity} {rule} {environments} {addresses}")
    };
    review.findings.iter().map(line).collect()
}

/// Reviews an edit of a tree that differs from today's.
#[track_caller]
fn edited(base: impl FnOnce(&mut Tree), edit: impl FnOnce(&mut Tree)) -> Review {
    let mut before = Tree::today();
    base(&mut before);
    let mut after = Tree(before.0.clone());
    edit(&mut after);
    assert!(before.0 != after.0, "the edit changes nothing");
    reviewed(&before, &after)
}

/// Checks that the review of an edit of today's tree has these findings.
#[track_caller]
pub(crate) fn check(edit: impl FnOnce(&mut Tree), expected: &[&str]) {
    between(|_| (), edit, expected);
}

/// The same, where the tree before it is another one than today's.
#[track_caller]
pub(crate) fn between(
    base: impl FnOnce(&mut Tree),
    edit: impl FnOnce(&mut Tree),
    expected: &[&str],
) {
    let review = edited(base, edit);
    let found = lines(&review);
    for it in expected {
        assert!(found.iter().any(|line| line == it), "missed: {it}\n{}", review.text(false));
    }
}

/// An edit about which no finding may say this.
#[track_caller]
fn never(base: impl FnOnce(&mut Tree), edit: impl FnOnce(&mut Tree), wrong: &str) {
    let review = edited(base, edit);
    let found = lines(&review);
    assert!(!found.iter().any(|line| line == wrong), "wrong: {wrong}\n{}", review.text(false));
}

/// Checks that the review of an edit is empty, because the edit changes nothing in AWS.
#[track_caller]
fn silent(edit: impl FnOnce(&mut Tree)) {
    let review = edited(|_| (), edit);
    assert!(review.is_empty(), "{}", review.text(false));
}

/// Edits a policy that is JSON in an attribute.
fn policy(block: &mut Value, edit: impl FnOnce(&mut Vec<Value>)) {
    let mut policy: Value = serde_json::from_str(block["policy"].as_str().unwrap()).unwrap();
    edit(policy["Statement"].as_array_mut().unwrap());
    block["policy"] = policy.to_string().into();
}

/// Adds a block called `more` to a module of a root.
pub(crate) fn add(
    root: &'static str,
    module: &'static str,
    tf_type: &'static str,
    body: Value,
) -> impl Fn(&mut Tree) {
    move |tree| {
        tree.file(&format!("{root}/modules/{module}/main.tf.json"), |it| {
            it["resource"][tf_type]["more"] = body.clone();
        });
    }
}

pub(crate) fn remove(value: &mut Value, name: &str) {
    assert!(value.as_object_mut().unwrap().remove(name).is_some(), "no {name}");
}

const TABLES: &str = "aws_kms_key.tables";
