//! Checks the pictures of `infra-gen graph` and of `TOPOLOGY.md`.

use std::collections::BTreeSet;

use infra_core::{
    graph::{Graph, dot, mermaid, svg},
    overview,
};
use infra_gen::{config::Environment, roots, topology};

use crate::snapshot::snapshot;

fn prod() -> Graph {
    Graph::of(&topology::dofs(Environment::Prod))
}

/// `from -> to: label`.
fn arrows(graph: &Graph, of: impl Fn(&infra_core::graph::Edge) -> bool) -> BTreeSet<String> {
    let line = |it: &infra_core::graph::Edge| {
        let (from, to) = (&graph.nodes[it.from].id, &graph.nodes[it.to].id);
        format!("{from} -> {to}: {}", it.label)
    };
    graph.edges.iter().filter(|it| of(it)).map(line).collect()
}

#[test]
fn what_flows_where() {
    let graph = prod();
    let rows = arrows(&graph, |_| true);
    assert!(rows.contains("api_orders -> function_api_handler: GET /order/{orderId}, POST /order"));
    assert!(rows.contains("function_order_storage -> queue_order_queue: SendMessage"));
    snapshot("arrows", rows);
    // The path of an order has everything except the reconciler and the alarms.
    let off = arrows(&graph, |it| !it.on_path);
    assert!(off.len() >= 4, "{off:?}");
    assert!(off.iter().all(|it| it.contains("reconcile") || it.starts_with("alarms")), "{off:?}");
}

#[test]
fn every_form_has_every_box_and_arrow() {
    let graph = prod();
    for (name, text) in [("mermaid", mermaid(&graph)), ("dot", dot(&graph)), ("svg", svg(&graph))] {
        for node in &graph.nodes {
            assert!(text.contains(&node.id), "{name}: {}", node.id);
        }
        let arrow = match name {
            "mermaid" => " -->|",
            "dot" => " -> ",
            _ => "<g class=\"edge",
        };
        assert_eq!(text.matches(arrow).count(), graph.edges.len(), "{name}");
    }
    let ids: BTreeSet<_> = graph.nodes.iter().map(|it| &it.id).collect();
    assert_eq!(ids.len(), graph.nodes.len());
}

/// Two arrows with the same ends would lie on each other, and so would their labels.
#[test]
fn one_arrow_joins_two_boxes() {
    for environment in Environment::ALL {
        let graph = Graph::of(&topology::dofs(environment));
        let ends: BTreeSet<_> = graph.edges.iter().map(|it| (it.from, it.to)).collect();
        assert_eq!(ends.len(), graph.edges.len(), "{environment}: {:?}", graph.edges);
    }
}

/// Mermaid keeps room for each label in a layer of its own, and sets the label on the middle of its line. On a
/// curved line, the middle is outside of that room, where the next label may be.
#[test]
fn mermaid_has_room_for_each_label() {
    let graph = prod();
    let text = mermaid(&graph);
    let lines: Vec<_> = text.lines().collect();
    let [settings, direction, ..] = lines[..] else { panic!("{text}") };
    let settings = settings.strip_prefix("%%{init: ").and_then(|it| it.strip_suffix("}%%"));
    let settings: serde_json::Value = serde_json::from_str(settings.unwrap()).unwrap();
    assert_eq!(settings, serde_json::json!({"flowchart": {"curve": "linear"}}));
    // As wide as a page of GitHub, with letters of nearly their full size.
    assert_eq!(direction, "flowchart TB");
    let drawn = lines.iter().filter_map(|it| it.trim().split_once(" -->|"));
    let drawn = drawn.map(|(from, rest)| (from, rest.rsplit_once(' ').unwrap().1));
    let id = |at: usize| graph.nodes[at].id.as_str();
    let last_first = graph.edges.iter().rev().map(|it| (id(it.from), id(it.to)));
    assert_eq!(drawn.collect::<Vec<_>>(), last_first.collect::<Vec<_>>());
}

#[test]
fn the_same_source_draws_the_same_picture() {
    assert_eq!(svg(&prod()), svg(&prod()));
}

#[test]
fn the_page_of_an_environment_shows_the_generated_resources() {
    for environment in Environment::ALL {
        let files = roots::environment(environment).files;
        let page = &files[&format!("generated/{environment}/{}", overview::FILE)];
        let picture = mermaid(&Graph::of(&topology::dofs(environment)));
        assert!(page.contains(&format!("```mermaid\n{picture}```")), "{page}");
        let config = environment.config();
        let reserved = match config.fulfillment_concurrency {
            Some(it) => it.get().to_string(),
            None => "unreserved".to_owned(),
        };
        let function = format!("| {} MB | 30 s | {reserved} |", config.memory.get());
        assert!(page.contains(&function), "{function} in {page}");
        let dead = format!("order_dlq after {} receives", config.max_receive_count.get());
        assert!(page.contains(&format!("| {dead} | order_storage | fulfill_order |")), "{page}");
        // It has no text that changes with the code alone.
        assert!(!page.contains(".rs:"), "{page}");
        for line in page.lines().filter(|it| it.starts_with('|')) {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!(cells >= 4, "{line}");
        }
    }
    // In prod only, a key of ours.
    let page = |it: Environment| overview::page(&topology::dofs(it), it.as_str());
    assert!(page(Environment::Prod).contains("aws_kms_key.tables | yes |"));
    assert!(page(Environment::Dev).contains("AWS's key | no |"));
}
