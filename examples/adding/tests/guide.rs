//! Checks that `docs/adding.md` shows the code of this crate, and checks the generator's output for it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use adding::topology::announcing;
use infra_core::{check, graph::Graph, render};
use infra_gen::config::Environment;
use serde_json::Value;

const GUIDE: &str = include_str!("../../../docs/adding.md");
const FILES: [&str; 4] = [
    include_str!("../src/contract.rs"),
    include_str!("../src/handler.rs"),
    include_str!("../src/main.rs"),
    include_str!("../src/topology.rs"),
];

/// Returns the code between `// guide: name` and `// end`, without its indentation.
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

/// Returns every block of Rust after `<!-- code: name -->`.
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

/// A block that is not compiled has only one line, and the compiler would report that it is missing.
#[test]
fn a_block_that_is_not_compiled_is_one_line() {
    let blocks: Vec<_> = GUIDE.split("```rust\n").collect();
    let mut lines = 0;
    for pair in blocks.windows(2) {
        let compiled = pair[0].trim_end().ends_with("-->");
        let code = pair[1].split_once("\n```").unwrap().0;
        assert!(compiled || code.lines().count() == 1, "{code}");
        lines += usize::from(!compiled);
    }
    assert!(lines > 0 && blocks.len() - 1 == shown().len() + lines);
}

#[test]
fn every_file_that_it_names_is_there() {
    let repository = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let words = GUIDE.split(['`', '(', ')', ' ', '\n']);
    let named: Vec<_> = words.filter(|it| it.ends_with(".rs") && it.contains('/')).collect();
    assert!(named.len() >= 6, "{named:?}");
    for file in named {
        // The guide creates the new crate.
        let there = repository.join(file).exists() || file.starts_with("lambdas/announce_order/");
        assert!(there, "{file}");
    }
}

#[test]
fn the_resulting_topology_breaks_no_rule() {
    for environment in Environment::ALL {
        let mut found = check::stack(&announcing(environment));
        // Those who write orders are in the topology of DOFS.
        found.retain(|it| it.rule != "wiring/table-without-writer");
        let listed: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{environment}:\n{}", listed.join("\n"));
    }
}

type Pairs = BTreeSet<(String, String)>;

/// Returns the permissions of the roles in the form of `rights.rs`.
fn rights(module: &str, role: &str) -> Pairs {
    let main: Value = serde_json::from_str(module).unwrap();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let mut pairs = Pairs::new();
    for statement in main["data"]["aws_iam_policy_document"][role]["statement"].as_array().unwrap()
    {
        let sid = statement["sid"].as_str().map_or(String::new(), |it| format!(" {it}"));
        let via = statement["condition"][0]["values"][0].as_str();
        let via = via.map_or(String::new(), |it| format!(" via {it}"));
        let resource = format!("{}{sid}{via}", text(&statement["resources"][0]));
        let actions = statement["actions"].as_array().unwrap();
        pairs.extend(actions.iter().map(|it| (text(it), resource.clone())));
    }
    pairs
}

/// The permissions of a role in the stack: role, actions, resource. Permissions on keys exist only in prod, because only prod
/// has the keys.
const RIGHTS: &[(&str, &[&str], &str)] = &[
    (
        "announce_order",
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        "${aws_cloudwatch_log_group.announce_order.arn}:*",
    ),
    (
        "announce_order",
        &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "* XRayHasNoResources",
    ),
    ("announce_order", &["dynamodb:GetItem"], "${var.orders_table_arn}"),
    (
        "announce_order",
        &["kms:Decrypt"],
        "${var.tables_key_arn} via dynamodb.ap-south-1.amazonaws.com",
    ),
    (
        "announce_order",
        &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        "${var.announcements_queue_arn}",
    ),
    ("announce_order", &["kms:Decrypt"], "${var.queues_key_arn} via sqs.ap-south-1.amazonaws.com"),
    ("order", &["sqs:SendMessage"], "${var.announcements_queue_arn}"),
    (
        "order",
        &["kms:Decrypt", "kms:GenerateDataKey"],
        "${var.queues_key_arn} via sqs.ap-south-1.amazonaws.com",
    ),
];

fn expected(role: &str, environment: Environment) -> Pairs {
    let keys = environment == Environment::Prod;
    let rows = RIGHTS.iter().filter(|it| it.0 == role);
    rows.filter(|it| keys || !it.2.contains("_key_arn"))
        .flat_map(|it| it.1.iter().map(|action| ((*action).to_owned(), it.2.to_owned())))
        .collect()
}

#[test]
fn rights_follow_from_the_wiring() {
    for environment in Environment::ALL {
        let files = render::root(&announcing(environment), None);
        assert_eq!(
            rights(&files["modules/lambdas/main.tf.json"], "announce_order"),
            expected("announce_order", environment)
        );
        // The permissions of every state machine for its logs and traces are not the subject here.
        let mut machine = rights(&files["modules/stepfunctions/main.tf.json"], "order");
        machine.retain(|it| !it.0.starts_with("logs:") && !it.0.starts_with("xray:"));
        assert_eq!(machine, expected("order", environment));
        assert!(machine.iter().any(|it| it.0 == "sqs:SendMessage"));
    }
    let files = render::root(&announcing(Environment::Dev), None);
    let machine: Value =
        serde_json::from_str(&files["modules/stepfunctions/order.asl.json"]).unwrap();
    let state = &machine["States"]["AnnounceOrder"];
    assert_eq!(
        (&state["Next"], &state["Catch"][0]["Next"]),
        (&"Stored".into(), &"StoredUnannounced".into())
    );
}

#[test]
fn arrows_follow_from_the_wiring() {
    let graph = Graph::of(&announcing(Environment::Prod));
    let id = |at: usize| &*graph.nodes[at].id;
    let arrows = graph.edges.iter().filter(|it| id(it.from) != "alarms");
    let arrows = arrows.map(|it| format!("{} -> {}: {}", id(it.from), id(it.to), it.label));
    let expected = [
        "function_announce_order -> table_orders: GetItem",
        "queue_announcements -> function_announce_order: messages",
        "queue_announcements -> queue_announcements_dlq: after 5 receives",
        "state_machine_order -> queue_announcements: SendMessage",
    ];
    assert_eq!(arrows.collect::<BTreeSet<_>>(), expected.map(str::to_owned).into());
}

/// The alarms of the function, of the queue and of the dead letters.
#[test]
fn alarms_follow_from_the_resources() {
    let files = render::root(&announcing(Environment::Prod), None);
    let module: Value = serde_json::from_str(&files["modules/monitoring/main.tf.json"]).unwrap();
    let alarms = module["resource"]["aws_cloudwatch_metric_alarm"].as_object().unwrap();
    let names: Vec<_> = alarms.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "announce_order_duration",
            "announce_order_errors",
            "announce_order_throttles",
            "announcements_age",
            "announcements_dlq_depth"
        ]
    );
}

/// The introduction says how much there is to write.
#[test]
fn the_blocks_have_fewer_lines_than_the_guide_says() {
    let compiled: usize = shown().values().map(|it| it.lines().count()).sum();
    assert!(GUIDE.contains("about 90 lines in 7 files") && compiled < 80, "{compiled}");
}
