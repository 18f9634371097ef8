//! The picture as SVG. As a file of its own, it contains its colours; on the page, the page's style has them.

use std::fmt::Write as _;

use super::{
    Graph, Node, Shape,
    layout::{BOX, HIGH, layout},
};

/// The colours, for light and dark themes.
pub(super) const STYLE: &str = include_str!("../../../../templates/graph.css");

/// The picture as a file of its own.
pub fn svg(graph: &Graph) -> String {
    let (width, height, inner) = drawn(graph);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"The topology\">\n\
         <style>\n{STYLE}</style>\n{inner}</svg>\n"
    )
}

/// The width, the height and the content of the picture.
pub(super) fn drawn(graph: &Graph) -> (i64, i64, String) {
    let layout = layout(graph);
    let mut out = String::from(
        "<defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto-start-reverse\"><path d=\"M0 0L10 5L0 10z\"/></marker></defs>\n",
    );
    for (edge, way) in graph.edges.iter().zip(&layout.ways) {
        let (from, to) = (&graph.nodes[edge.from], &graph.nodes[edge.to]);
        let on_path = if edge.on_path { " on-path" } else { "" };
        let _ = write!(
            out,
            "<g class=\"edge{on_path}\" data-from=\"{}\" data-to=\"{}\">\
             <title>{} → {}: {}</title><path d=\"{}\"/>",
            escaped(&from.id),
            escaped(&to.id),
            escaped(&from.label),
            escaped(&to.label),
            escaped(&edge.label),
            curve(way)
        );
        let (x, y) = label_place(way);
        for (line, part) in lines(&edge.label).into_iter().enumerate() {
            let y = y - 6 + 14 * i64::try_from(line).unwrap_or(0);
            let _ = write!(out, "<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(&part));
        }
        out.push_str("</g>\n");
    }
    for (node, (x, y)) in graph.nodes.iter().zip(&layout.boxes) {
        out.push_str(&boxed(node, *x, *y));
    }
    (layout.width, layout.height, out)
}

fn boxed(node: &Node, x: i64, y: i64) -> String {
    let on_path = if node.on_path { " on-path" } else { "" };
    let class = node.shape.word().replace(' ', "-").to_lowercase();
    let (left, top) = (x - BOX / 2, y - HIGH / 2);
    let round = match node.shape {
        Shape::Client | Shape::Schedule => HIGH / 2,
        _ => 6,
    };
    // A box with an explanation can be selected by mouse and by keyboard.
    let choosing = match &node.address {
        Some(address) => format!(
            " tabindex=\"0\" role=\"button\" data-address=\"{0}\" aria-label=\"{1} {2}\"",
            escaped(address),
            node.shape.word(),
            escaped(&node.label)
        ),
        None => String::new(),
    };
    format!(
        "<g class=\"node {class}{on_path}\" id=\"{}\"{choosing}>\
         <rect x=\"{left}\" y=\"{top}\" width=\"{BOX}\" height=\"{HIGH}\" rx=\"{round}\"/>\
         <text class=\"kind\" x=\"{x}\" y=\"{}\">{}</text>\
         <text class=\"name\" x=\"{x}\" y=\"{}\">{}</text></g>\n",
        escaped(&node.id),
        y - 6,
        node.shape.word(),
        y + 13,
        escaped(&node.label)
    )
}

/// The path of an arrow, from the lower side of one box to the upper side of the other, vertical at every waypoint.
fn curve(way: &[(i64, i64)]) -> String {
    let last = way.len() - 1;
    let half = if way[last].1 >= way[0].1 { HIGH / 2 } else { -HIGH / 2 };
    let mut out = String::new();
    let mut here = (way[0].0, way[0].1 + half);
    let _ = write!(out, "M{} {}", here.0, here.1);
    for (at, (x, y)) in way.iter().enumerate().skip(1) {
        let next = (*x, y - half);
        let middle = (here.1 + next.1) / 2;
        let _ = write!(out, "C{} {middle} {} {middle} {} {}", here.0, next.0, next.0, next.1);
        here = next;
        if at < last {
            here = (*x, y + half);
            let _ = write!(out, "V{}", here.1);
        }
    }
    out
}

/// The position of a label: in the middle of a short arrow, or on the last vertical part of a long one.
fn label_place(way: &[(i64, i64)]) -> (i64, i64) {
    let (a, b) = (way[way.len() - 2], way[way.len() - 1]);
    if way.len() > 2 { (a.0, a.1 + 4) } else { ((a.0 + b.0) / 2, (a.1 + b.1) / 2) }
}

/// The lines of a label: one for each action, so that no line reaches into the next arrow.
fn lines(label: &str) -> Vec<String> {
    label.split(", ").map(str::to_owned).collect()
}

/// Text in an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}
