//! `docs/adding.md` shows the code that is compiled here, and what the generator makes of it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;

use adding::topology::announcing;
use infra_gen::{check, config::Environment, render};
use serde_json::Value;

const GUIDE: &str = include_str!("../../../docs/adding.md");
const FILES: [&str; 4] = [
    include_str!("../src/contract.rs"),
    include_str!("../src/handler.rs"),
    include_str!("../src/main.rs"),
    include_str!("../src/topology.rs"),
];

/// What stands between `// guide: name` and `// end`, without the indentation it has there.
fn parts() -> BTreeMap<&'static str, String> {
    let mut parts = BTreeMap::new();
    for file in FILES {
        for part in file.split("// guide: ").skip(1) {
            let (name, rest) = part.split_once('\n').unwrap();
            let (code, _) = rest.split_once("// end").unwrap();
            parts.insert(name, unindented(code));
        }
    }
    parts
}

fn unindented(code: &str) -> String {
    let lines = || code.lines().filter(|it| !it.trim().is_empty());
    let spaces = |it: &str| it.len() - it.trim_start().len();
    let indent = lines().map(spaces).min().unwrap();
    let lines = code.trim_end().lines().map(|it| it.get(indent..).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Every block of Rust behind `<!-- code: name -->`.
fn shown() -> BTreeMap<&'static str, String> {
    let blocks = GUIDE.split("<!-- code: ").skip(1).map(|it| {
        let (name, rest) = it.split_once(" -->").unwrap();
        let (_, rest) = rest.split_once("```rust\n").unwrap();
        (name, rest.split_once("\n```").unwrap().0.to_owned())
    });
    blocks.collect()
}

#[test]
fn the_guide_shows_what_is_compiled() {
    let (parts, shown) = (parts(), shown());
    assert_eq!(parts.keys().collect::<Vec<_>>(), shown.keys().collect::<Vec<_>>());
    for (name, code) in &parts {
        assert_eq!(&shown[name], code, "{name}");
    }
}

#[test]
fn every_file_that_it_names_is_there() {
    let repository = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let words = GUIDE.split(['`', '(', ')', ' ', '\n']);
    let named: Vec<_> = words.filter(|it| it.ends_with(".rs") && it.contains('/')).collect();
    assert!(named.len() >= 6, "{named:?}");
    for file in named {
        // The new crate is what the guide makes.
        let there = repository.join(file).exists() || file.starts_with("lambdas/announce_order/");
        assert!(there, "{file}");
    }
}

#[test]
fn what_comes_of_it_keeps_every_rule() {
    for environment in Environment::ALL {
        let found = check::stack(&announcing(environment));
        let listed: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{environment}:\n{}", listed.join("\n"));
    }
}

/// The rights that the guide names come by themselves.
#[test]
fn rights_follow_from_the_wiring() {
    let files = render::root(&announcing(Environment::Dev), None);
    let rights = |module: &str, role: &str| -> Vec<String> {
        let main: Value =
            serde_json::from_str(&files[&format!("modules/{module}/main.tf.json")]).unwrap();
        let statements = &main["data"]["aws_iam_policy_document"][role]["statement"];
        let mut actions: Vec<_> = statements
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|it| it["actions"].as_array().unwrap())
            .map(|it| it.as_str().unwrap().to_owned())
            .filter(|it| !it.starts_with("logs:") && !it.starts_with("xray:"))
            .collect();
        actions.sort();
        actions
    };
    assert_eq!(
        rights("lambdas", "announce_order"),
        ["dynamodb:GetItem", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    );
    assert_eq!(rights("stepfunctions", "order"), ["sqs:SendMessage"]);
    let machine: Value =
        serde_json::from_str(&files["modules/stepfunctions/order.asl.json"]).unwrap();
    let state = &machine["States"]["AnnounceOrder"];
    assert_eq!(
        (&state["Next"], &state["Catch"][0]["Next"]),
        (&"Stored".into(), &"StoredUnannounced".into())
    );
}
