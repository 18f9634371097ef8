//! YAML as a JSON value, with the line of each field.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::check::json_schema::Step;

/// A document, and where its fields are.
pub(in crate::check) struct Located {
    pub(in crate::check) value: Value,
    /// Each field with its line. A document is small: a list is searched.
    lines: Vec<(Vec<Step>, u64)>,
}

/// Why text is no YAML, and where.
pub(in crate::check) struct ParseError {
    pub(in crate::check) line: u64,
    pub(in crate::check) problem: String,
}

impl Located {
    pub(in crate::check) fn parse(text: &str) -> Result<Self, ParseError> {
        let options = serde_saphyr::options! {
            // As YAML 1.2 has it: `yes` is text.
            strict_booleans: true,
            with_snippet: false,
        };
        let node: Node = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let line = error.location().map_or(1, |it| it.line());
            ParseError { line, problem: error.without_snippet().to_string() }
        })?;
        let mut lines = Vec::new();
        let value = node.into_value(&mut Vec::new(), &mut lines);
        Ok(Located { value, lines })
    }

    /// The line of a field, or of the nearest one around it that is there.
    pub(in crate::check) fn line(&self, field: &[Step]) -> u64 {
        let known = |field: &[Step]| self.lines.iter().find(|(path, _)| path == field);
        let around = (0..=field.len()).rev().find_map(|length| known(&field[..length]));
        around.map_or(1, |(_, line)| *line)
    }
}

/// One node, with the lines of what is in it.
enum Node {
    Scalar(Value),
    List(Vec<(u64, Node)>),
    Map(Vec<(u64, String, Node)>),
}

impl Node {
    fn into_value(self, path: &mut Vec<Step>, lines: &mut Vec<(Vec<Step>, u64)>) -> Value {
        let mut inner = |step: Step, line: u64, node: Node| {
            path.push(step);
            lines.push((path.clone(), line));
            let value = node.into_value(path, lines);
            path.pop();
            value
        };
        match self {
            Node::Scalar(value) => value,
            Node::List(items) => items
                .into_iter()
                .enumerate()
                .map(|(at, (line, node))| inner(Step::Item(at), line, node))
                .collect(),
            Node::Map(fields) => {
                let fields = fields.into_iter().map(|(line, name, node)| {
                    let value = inner(Step::Field(name.clone()), line, node);
                    (name, value)
                });
                Value::Object(fields.collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Node>>()? {
            nodes.push((item.referenced.line(), item.value));
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some((name, node)) = fields.next_entry::<Spanned<String>, Node>()? {
            nodes.push((name.referenced.line(), name.value, node));
        }
        Ok(Node::Map(nodes))
    }
}
