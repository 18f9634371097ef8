//! Reads YAML as a JSON value, with the line of each field.

use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, YamlData};
use serde_json::Value;

use crate::check::json_schema::Step;

/// A document, with the lines of its fields.
pub(in crate::check) struct Located {
    pub(in crate::check) value: Value,
    /// Each field with its line. A document is small, so a list is fast enough.
    lines: Vec<(Vec<Step>, u64)>,
}

/// The line and the reason why a text is not accepted as YAML.
pub(in crate::check) struct ParseError {
    pub(in crate::check) line: u64,
    pub(in crate::check) problem: String,
}

impl Located {
    pub(in crate::check) fn parse(text: &str) -> Result<Self, ParseError> {
        let documents = MarkedYaml::load_from_str(text).map_err(|error| {
            // The parser reports something missing at the end at the line after the last.
            let line = error.marker().line().min(text.lines().count()).max(1) as u64;
            ParseError { line, problem: error.info().to_owned() }
        })?;
        let mut located = Located { value: Value::Null, lines: Vec::new() };
        match &documents[..] {
            // YAML reads an empty text as null.
            [] => {}
            [document] => located.value = located.read(document, &mut Vec::new())?,
            [_, second, ..] => return Err(problem(second, "a second document starts here")),
        }
        Ok(located)
    }

    /// The line of a field, or of the nearest existing field around it.
    pub(in crate::check) fn line(&self, field: &[Step]) -> u64 {
        let known = |field: &[Step]| self.lines.iter().find(|(path, _)| path == field);
        let around = (0..=field.len()).rev().find_map(|length| known(&field[..length]));
        around.map_or(1, |(_, line)| *line)
    }

    /// Reads the value of a node, and keeps the lines of its fields.
    fn read(&mut self, node: &MarkedYaml<'_>, path: &mut Vec<Step>) -> Result<Value, ParseError> {
        match &node.data {
            YamlData::Value(scalar) => Ok(value(scalar)),
            YamlData::Sequence(items) => {
                let items = items.iter().enumerate();
                items.map(|(at, item)| self.inner(Step::Item(at), item, item, path)).collect()
            }
            YamlData::Mapping(fields) => {
                let fields = fields.iter().map(|(key, item)| {
                    let YamlData::Value(Scalar::String(name)) = &key.data else {
                        return Err(problem(key, "a key is not text"));
                    };
                    let value = self.inner(Step::Field(name.to_string()), key, item, path)?;
                    Ok((name.to_string(), value))
                });
                Ok(Value::Object(fields.collect::<Result<_, _>>()?))
            }
            _ => Err(problem(node, "a tag does not match its value")),
        }
    }

    /// Reads the value of a field or an item, which starts `at` its key or at itself.
    fn inner(
        &mut self,
        step: Step,
        at: &MarkedYaml<'_>,
        node: &MarkedYaml<'_>,
        path: &mut Vec<Step>,
    ) -> Result<Value, ParseError> {
        path.push(step);
        self.lines.push((path.clone(), line(at)));
        let value = self.read(node, path);
        path.pop();
        value
    }
}

/// A scalar, by the core schema of YAML 1.2, in which `yes` is text.
fn value(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(it) => (*it).into(),
        Scalar::Integer(it) => (*it).into(),
        // JSON has no NaN and no infinity: they become null.
        Scalar::FloatingPoint(it) => (**it).into(),
        Scalar::String(it) => (&**it).into(),
    }
}

/// An error at a node.
fn problem(at: &MarkedYaml<'_>, problem: &str) -> ParseError {
    ParseError { line: line(at), problem: problem.to_owned() }
}

fn line(at: &MarkedYaml<'_>) -> u64 {
    at.span.start.line() as u64
}
