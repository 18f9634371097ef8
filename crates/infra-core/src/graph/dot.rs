//! DOT, for Graphviz. <https://graphviz.org/doc/info/lang.html>

use std::fmt::Write as _;

use super::{Graph, Shape};

/// A directed graph.
pub fn dot(graph: &Graph) -> String {
    let mut out =
        "digraph topology {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n".to_owned();
    for node in &graph.nodes {
        let tooltip = node.address.as_deref().unwrap_or(node.shape.word());
        let _ = writeln!(
            out,
            "  {} [label={}, shape={}, tooltip={}];",
            quoted(&node.id),
            quoted(&node.label),
            shape(node.shape),
            quoted(tooltip)
        );
    }
    for edge in &graph.edges {
        let (from, to) = (&graph.nodes[edge.from].id, &graph.nodes[edge.to].id);
        let style = if edge.on_path { ", penwidth=2" } else { "" };
        let (from, to, label) = (quoted(from), quoted(to), quoted(&edge.label));
        let _ = writeln!(out, "  {from} -> {to} [label={label}{style}];");
    }
    out.push_str("}\n");
    out
}

const fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Client => "oval",
        Shape::Api | Shape::Alarms => "box",
        Shape::Bucket | Shape::DynamoDbTable => "cylinder",
        Shape::Schedule => "circle",
        Shape::Lambda => "component",
        Shape::Machine => "hexagon",
        Shape::SqsQueue => "cds",
        Shape::Topic => "parallelogram",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
