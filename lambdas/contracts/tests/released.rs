//! Data of released versions: today's code reads every example of every release, and the newest two releases accept what
//! today's code writes.
//!
//! `cargo xtask release` writes the examples with this program.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod arbitrary;

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use contracts::order::{
    FailedOrder, OrderAccepted, OrderJudged, OrderRecord, OrderStored, OrderSubmitted,
    OrderValidated,
};
use proptest::{
    strategy::{Strategy, ValueTree as _},
    test_runner::TestRunner,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The variable with the number of the release whose examples are written.
const WRITE: &str = "DOFS_RELEASE";
/// How many examples a release has of each type.
const EXAMPLES: usize = 20;

/// A type of today, by its name in the releases.
struct Row {
    name: &'static str,
    /// Values of the type as JSON.
    written: fn(usize) -> Vec<String>,
    /// Reads JSON as the type, and returns the value that was read.
    read: fn(&str) -> Result<Value, serde_json::Error>,
    schema: fn() -> Value,
}

/// The row of a type and its strategy.
macro_rules! row {
    ($ty:ident by $strategy:ident) => {
        Row {
            name: stringify!($ty),
            written: |count| written(arbitrary::$strategy(), count),
            read: read::<$ty>,
            schema: || schemars::schema_for!($ty).to_value(),
        }
    };
}

const ROWS: &[Row] = &[
    row!(FailedOrder by failed_order),
    row!(OrderAccepted by order_accepted),
    row!(OrderJudged by order_judged),
    row!(OrderRecord by order_record),
    row!(OrderStored by order_stored),
    row!(OrderSubmitted by order_submitted),
    row!(OrderValidated by order_validated),
];

/// Adds the fields that releases have and today's types do not need: `without`.
fn add_removed(schema: &Value, all: &mut BTreeSet<String>) {
    match schema {
        Value::Array(inner) => inner.iter().for_each(|it| add_removed(it, all)),
        Value::Object(inner) => {
            let names = inner.get("x-without").and_then(Value::as_array).into_iter().flatten();
            all.extend(names.filter_map(Value::as_str).map(str::to_owned));
            inner.values().for_each(|it| add_removed(it, all));
        }
        _ => (),
    }
}

fn written<T: Serialize>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let value = |_| strategy.new_tree(&mut runner).unwrap().current();
    (0..count).map(value).map(|it| serde_json::to_string(&it).unwrap()).collect()
}

fn read<T: Serialize + DeserializeOwned>(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_str::<T>(text)?)
}

/// Checks that today's type has every value that the release wrote, and null for a field that the release does not have.
fn compare(at: &str, removed: &BTreeSet<String>, before: &Value, now: &Value) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            for (field, it) in before {
                match now.get(field) {
                    Some(now) => compare(&format!("{at}/{field}"), removed, it, now),
                    None => assert!(removed.contains(field), "{at}: `{field}` is lost"),
                }
            }
            let new = now.iter().filter(|(field, _)| !before.contains_key(*field));
            new.for_each(|(field, it)| assert_eq!(*it, Value::Null, "{at}/{field}"));
        }
        (Value::Array(before), Value::Array(now)) => {
            assert_eq!(before.len(), now.len(), "{at}");
            before.iter().zip(now).for_each(|(before, now)| compare(at, removed, before, now));
        }
        _ => assert_eq!(before, now, "{at}"),
    }
}

/// A released version.
struct Release {
    folder: PathBuf,
    contracts: Value,
}

impl Release {
    /// The names of the types that are data by themselves.
    fn types(&self) -> BTreeSet<String> {
        let entries = self.contracts["data"].as_object().unwrap().values();
        let entries = entries.flat_map(|it| it.as_object().unwrap().values());
        let reference = |it: &Value| it["schema"]["$ref"].as_str().unwrap().to_owned();
        entries.map(|it| reference(it).strip_prefix("#/$defs/").unwrap().to_owned()).collect()
    }

    fn examples(&self, name: &str) -> PathBuf {
        self.folder.join("examples").join(format!("{name}.jsonl"))
    }

    fn number(&self) -> String {
        self.folder.file_name().unwrap().to_string_lossy().into_owned()
    }
}

/// All releases, the newest one last.
fn releases() -> Vec<Release> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("released");
    let mut folders: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    folders.sort();
    let release = |folder: PathBuf| {
        let text = fs::read_to_string(folder.join("contracts.json")).unwrap();
        Release { folder, contracts: serde_json::from_str(&text).unwrap() }
    };
    folders.into_iter().map(release).collect()
}

fn row(name: &str) -> &'static Row {
    let row = ROWS.iter().find(|it| it.name == name);
    row.unwrap_or_else(|| {
        panic!("a release has data of the type {name}: add its row here, or delete the release")
    })
}

/// The number of the release whose examples `cargo xtask release` writes.
#[expect(clippy::disallowed_methods, reason = "a developer's choice, which no function reads")]
fn asked_for() -> Option<String> {
    env::var(WRITE).ok()
}

#[test]
fn every_release_has_examples_of_its_types() {
    let asked = asked_for();
    for release in releases() {
        for name in release.types() {
            let path = release.examples(&name);
            if asked.as_deref() == Some(&*release.number()) {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let lines = (row(&name).written)(EXAMPLES);
                fs::write(&path, lines.join("\n") + "\n").unwrap();
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(text.lines().count(), EXAMPLES, "{}", path.display());
        }
    }
}

#[test]
fn today_reads_every_example_of_every_release() {
    for release in releases() {
        for name in release.types() {
            let (row, at) = (row(&name), format!("{} {name}", release.number()));
            let mut removed = BTreeSet::new();
            add_removed(&(row.schema)(), &mut removed);
            for line in fs::read_to_string(release.examples(&name)).unwrap().lines() {
                let now = (row.read)(line).unwrap_or_else(|err| panic!("{at}: {err}\n{line}"));
                compare(&at, &removed, &serde_json::from_str(line).unwrap(), &now);
            }
        }
    }
}

#[test]
fn the_newest_two_releases_accept_what_today_writes() {
    for release in releases().iter().rev().take(2) {
        for name in release.types() {
            let schema = json!({
                "$defs": release.contracts["$defs"],
                "$ref": format!("#/$defs/{name}"),
            });
            let validator = jsonschema::validator_for(&schema).unwrap();
            for line in (row(&name).written)(100) {
                let value: Value = serde_json::from_str(&line).unwrap();
                let errors: Vec<_> =
                    validator.iter_errors(&value).map(|it| it.to_string()).collect();
                assert!(errors.is_empty(), "{} {name}: {errors:?}\n{line}", release.number());
            }
        }
    }
}
