//! Checks that the review reads the files that infra-gen writes. The tests in the other files use made-up input.

use std::path::Path;

use serde_json::Value;

use super::{Files, block::Block, rights, root::Root, roots::Roots, source};
use infra_core::{check::provider, model::BlockKind};

fn below(folder: &str) -> Files {
    source::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
}

/// Every root of the current tree and of the fixture.
fn roots() -> Vec<(&'static str, Root)> {
    let mut all = Vec::new();
    for tree in ["../..", "../../infra-gen/tests/review/fixture"] {
        let files = below(tree);
        let roots = Roots::of([&files]);
        let names: std::collections::BTreeSet<_> =
            files.keys().filter_map(|it| roots.of_file(it)).collect();
        all.extend(names.iter().map(|it| (tree, Root::read(it, tree, &files).unwrap())));
    }
    assert!(all.len() > 8, "{}", all.len());
    all
}

/// A policy whose actions are not read looks like one that allows nothing.
#[test]
fn every_policy_that_is_generated_is_read() {
    let mut count = 0;
    for (tree, root) in roots() {
        for (holder, rights) in rights::all(&root) {
            let at = format!("{tree} {} {holder}", root.name);
            assert!(!rights.is_empty(), "{at} holds no right");
            for it in rights {
                assert!(!it.is_unread() && !it.action.is_empty(), "{at}: {it}");
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count} rights");
}

/// The review reads arguments by name, so each name must be one that the provider has.
#[test]
fn every_argument_in_both_trees_is_one_of_the_provider() {
    let schema = provider::run();
    for (tree, root) in roots() {
        for block in root.blocks.values() {
            for path in paths(block) {
                let path: Vec<_> = path.iter().map(String::as_str).collect();
                let is_known = schema.has(block.kind, &block.tf_type, &path);
                assert!(is_known, "{tree} {} {}: {path:?}", root.name, block.address);
            }
        }
        // The review does not follow the variables of the root and the hashes of the providers.
        let is_meant = |it: &str| it.starts_with("variable.") || it == ".terraform.lock.hcl";
        let mut unread = root.unread.keys().filter(|it| !is_meant(it));
        assert_eq!(unread.next(), None, "{tree} {}", root.name);
    }
}

/// Every path in a block, except the arguments that Terraform has in every block.
fn paths(block: &Block) -> Vec<Vec<String>> {
    fn walk(value: &Value, path: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields.iter().filter(|it| it.0 != "//") {
                    path.push(name.clone());
                    all.push(path.clone());
                    walk(inner, path, all);
                    path.pop();
                }
            }
            Value::Array(items) => items.iter().for_each(|it| walk(it, path, all)),
            _ => (),
        }
    }
    let mut all = Vec::new();
    walk(&block.body, &mut Vec::new(), &mut all);
    all.retain(|it| !["depends_on", "lifecycle"].contains(&it[0].as_str()));
    all
}

/// Statements in JSON have the names that IAM gives them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
#[test]
fn policies_in_json_are_written_as_iam_reads_them() {
    const GRAMMAR: [&str; 9] = [
        "Action",
        "Condition",
        "Effect",
        "NotAction",
        "NotPrincipal",
        "NotResource",
        "Principal",
        "Resource",
        "Sid",
    ];
    let mut count = 0;
    for (tree, root) in roots() {
        let blocks = root.blocks.values().filter(|it| it.kind == BlockKind::Resource);
        for (block, policy) in blocks.filter_map(|it| Some((it, it.json("policy")?))) {
            for statement in super::block::items(&policy["Statement"]) {
                let names: Vec<_> = statement.as_object().unwrap().keys().collect();
                let is_known = names.iter().all(|it| GRAMMAR.contains(&it.as_str()));
                assert!(is_known, "{tree} {}: {names:?}", block.address);
                count += 1;
            }
        }
    }
    assert!(count > 10, "{count} statements");
}

/// Each value of the generated machine is removed, and replaced by another one.
#[test]
fn no_part_of_a_machine_changes_in_silence() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../generated/prod/modules/stepfunctions/order.asl.json");
    let machine: Value = serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap();
    let mut pointers = Vec::new();
    places(&machine, "", &mut pointers);
    assert!(pointers.len() > 100, "{}", pointers.len());
    let mut silent = Vec::new();
    for pointer in pointers {
        let mut without = machine.clone();
        let (outer, last) = pointer.rsplit_once('/').unwrap();
        match without.pointer_mut(outer).unwrap() {
            Value::Array(items) => drop(items.remove(last.parse().unwrap())),
            Value::Object(fields) => drop(fields.remove(last)),
            _ => unreachable!(),
        }
        let mut other = machine.clone();
        let value = other.pointer_mut(&pointer).unwrap();
        *value = match value {
            Value::Number(_) => 99.into(),
            Value::Bool(it) => (!*it).into(),
            _ => "another".into(),
        };
        // The defaults of a retrier: to remove such a value changes nothing.
        let defaults = [("/IntervalSeconds", 1.0), ("/BackoffRate", 2.0)];
        let number = machine.pointer(&pointer).and_then(Value::as_f64);
        let is_default =
            defaults.iter().any(|(name, it)| pointer.ends_with(name) && number == Some(*it));
        for (what, changed) in [("without", without), ("with another", other)] {
            if !(is_default && what == "without")
                && super::flow::lines(&machine, &changed).is_empty()
            {
                silent.push(format!("{what} {pointer}"));
            }
        }
    }
    assert_eq!(silent, [""; 0]);
}

/// The paths of all values, except comments.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    let mut inside = |name: &str, inner: &Value| {
        let at = format!("{at}/{name}");
        places(inner, &at, all);
        all.push(at);
    };
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields.iter().filter(|it| it.0 != "Comment") {
                inside(name, inner);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| inside(&at.to_string(), inner));
        }
        _ => (),
    }
}
