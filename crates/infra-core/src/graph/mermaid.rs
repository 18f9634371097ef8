//! Mermaid, as GitHub draws it. <https://mermaid.js.org/syntax/flowchart.html>

use std::fmt::Write as _;

use super::{Graph, Shape};

/// The direction is top to bottom, which fits the width of a page. Lines are straight, because labels in the middle of
/// curved lines may overlap.
const HEADER: &str = "%%{init: {\"flowchart\": {\"curve\": \"linear\"}}}%%\nflowchart TB\n";

/// A flowchart.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = HEADER.to_owned();
    for node in &graph.nodes {
        let (open, close) = brackets(node.shape);
        let label = match node.shape {
            Shape::Api | Shape::Bucket | Shape::Machine | Shape::Topic => {
                format!("{} {}", node.label, node.shape.word())
            }
            _ => node.label.clone(),
        };
        let _ = writeln!(out, "    {}{open}{}{close}", node.id, quoted(&label));
    }
    // Mermaid places boxes of a layer in the order of their arrows. In reverse order, no arrow of DOFS runs behind a
    // table.
    for edge in graph.edges.iter().rev() {
        let (from, to) = (&graph.nodes[edge.from].id, &graph.nodes[edge.to].id);
        let _ = writeln!(out, "    {from} -->|{}| {to}", quoted(&edge.label));
    }
    out
}

const fn brackets(shape: Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::Client => ("([", "])"),
        Shape::Api | Shape::Alarms => ("[", "]"),
        Shape::Bucket | Shape::DynamoDbTable => ("[(", ")]"),
        Shape::Schedule => ("((", "))"),
        Shape::Lambda => ("[[", "]]"),
        Shape::Machine => ("{{", "}}"),
        Shape::SqsQueue => (">", "]"),
        Shape::Topic => ("[/", "/]"),
    }
}

/// Text in quotes. Mermaid uses entities as escapes, and no backslashes.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(super::quoted("GET /a/{b}"), "\"GET /a/{b}\"");
        assert_eq!(super::quoted("\"<#>"), "\"#quot;#lt;#35;#gt;\"");
    }
}
