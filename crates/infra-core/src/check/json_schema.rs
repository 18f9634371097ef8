//! Validates a document with a JSON Schema, and describes each mistake as a problem and a fix.

use std::sync::OnceLock;

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
    paths::LocationSegment,
};
use serde_json::Value;

/// A schema that is part of this crate. It is compiled once, at its first use.
pub(super) struct Schema {
    text: &'static str,
    compiled: OnceLock<Validator>,
}

/// One step from the document to a field in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    Item(usize),
}

/// One mistake.
#[derive(Debug)]
pub(super) struct Finding {
    /// The path of the wrong field. For a missing field, the path of the object that should have it.
    pub(super) path: Vec<Step>,
    /// The problem, as the rest of a sentence that begins with the field.
    pub(super) problem: String,
    /// How to fix the field.
    pub(super) fix: String,
    /// The keyword of JSON Schema that was broken, such as `minimum`.
    pub(super) keyword: String,
}

impl Schema {
    /// The schema in `text`.
    pub(super) const fn new(text: &'static str) -> Self {
        Schema { text, compiled: OnceLock::new() }
    }

    /// Every mistake in `document`.
    pub(super) fn findings(&self, document: &Value) -> Vec<Finding> {
        all(self.compiled(), document)
    }

    pub(super) fn compiled(&self) -> &Validator {
        self.compiled.get_or_init(|| compile(self.text))
    }
}

/// Every mistake that `validator` finds in `document`.
pub(super) fn all(validator: &Validator, document: &Value) -> Vec<Finding> {
    match validator.is_valid(document) {
        // The usual case. Asking only for validity is several times as fast as collecting errors.
        true => Vec::new(),
        false => validator.iter_errors(document).flat_map(|it| findings(&it)).collect(),
    }
}

/// A path as people write it: `phases.build.commands[0]`.
pub(super) fn display(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Field(name) if text.is_empty() => text.push_str(name),
            Step::Field(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Item(at) => text.push_str(&format!("[{at}]")),
        }
    }
    text
}

fn compile(text: &str) -> Validator {
    let schema = serde_json::from_str(text)
        .expect("a schema is a file of this crate, and a test parses each of them");
    jsonschema::draft7::new(&schema)
        .expect("a schema is a file of this crate, and a test compiles each of them")
}

fn findings(error: &ValidationError<'_>) -> Vec<Finding> {
    let path: Vec<Step> = error.instance_path().iter().map(step).collect();
    let finding = |path: &[Step], problem: String, fix: String| Finding {
        path: path.to_vec(),
        problem,
        fix,
        keyword: error.kind().keyword().to_owned(),
    };
    let found = shown(error.instance());
    let (problem, fix) = match error.kind() {
        // One finding for each field: the error names all unexpected fields of an object at once.
        Kind::AdditionalProperties { unexpected } => {
            return unexpected
                .iter()
                .map(|name| {
                    let mut path = path.clone();
                    path.push(Step::Field(name.clone()));
                    finding(&path, "is not allowed here".into(), "remove it".into())
                })
                .collect();
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            (format!("has no field `{name}`"), format!("add `{name}`"))
        }
        Kind::Type { kind } => {
            let wanted = types(kind);
            (format!("is {found}, not {wanted}"), format!("make it {wanted}"))
        }
        Kind::Enum { options } => {
            (format!("is {found}"), format!("use one of {}", listed(options)))
        }
        Kind::Constant { expected_value } => {
            (format!("is {found}"), format!("make it {expected_value}"))
        }
        Kind::Minimum { limit } => {
            (format!("is {found}, less than {limit}"), format!("make it {limit} or more"))
        }
        Kind::Maximum { limit } => {
            (format!("is {found}, more than {limit}"), format!("make it {limit} or less"))
        }
        Kind::MinLength { .. } | Kind::MinItems { .. } | Kind::MinProperties { .. } => {
            ("is empty".into(), "add a value, or remove it".into())
        }
        Kind::MaxLength { limit } => {
            (format!("is longer than {limit} characters"), "make it shorter".into())
        }
        Kind::UniqueItems => ("has the same item twice".into(), "list each item once".into()),
        Kind::Pattern { pattern } => {
            (format!("is {found}"), format!("make it match the pattern {pattern}"))
        }
        Kind::Format { format } => (format!("is {found}"), format!("make it a {format}")),
        Kind::FalseSchema => {
            ("is not allowed together with the other fields".into(), "remove it".into())
        }
        Kind::PropertyNames { error } => {
            ("has a field with a name that is not allowed".into(), error.to_string())
        }
        _ => (error.to_string(), "see the schema".into()),
    };
    vec![finding(&path, problem, fix)]
}

fn step(segment: LocationSegment<'_>) -> Step {
    match segment {
        LocationSegment::Property(name) => Step::Field(name.into_owned()),
        LocationSegment::Index(at) => Step::Item(at),
    }
}

/// A value for a sentence: short values in full.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        Value::String(text) if text.chars().count() > 60 => "a long text".into(),
        scalar => scalar.to_string(),
    }
}

fn listed(options: &Value) -> String {
    let items = options.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")
}

fn types(kind: &TypeKind) -> String {
    let name = |it: &str| match it {
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        "integer" => "a whole number".to_owned(),
        "null" => "null".to_owned(),
        other => format!("a {other}"),
    };
    match kind {
        TypeKind::Single(one) => name(one.as_str()),
        TypeKind::Multiple(several) => {
            several.iter().map(|it| name(it.as_str())).collect::<Vec<_>>().join(" or ")
        }
    }
}
