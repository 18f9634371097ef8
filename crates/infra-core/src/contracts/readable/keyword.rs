//! The keywords of a schema, as values of Rust.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Whether a writer writes no other properties than those of the schema. A map has properties with any name.
pub(super) fn is_closed(of: &Map<String, Value>) -> bool {
    match of.get("additionalProperties") {
        None => of.get("type").is_some_and(|it| it == "object"),
        Some(others) => *others == Value::Bool(false),
    }
}

/// The only values that a schema allows.
pub(super) fn values(of: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (of.get("const"), of.get("enum")) {
        (Some(it), _) => Some(vec![it]),
        (None, Some(Value::Array(all))) => Some(all.iter().collect()),
        _ => None,
    }
}

/// All values of a type that has few.
pub(super) fn values_of_type(of: &Map<String, Value>) -> Option<Vec<&'static Value>> {
    match of.get("type").and_then(Value::as_str) {
        Some("null") => Some(vec![&Value::Null]),
        Some("boolean") => Some(vec![&Value::Bool(false), &Value::Bool(true)]),
        _ => None,
    }
}

/// The schemas of which one must hold.
pub(super) fn forms(of: &Map<String, Value>) -> Option<&Vec<Value>> {
    of.get("anyOf").or_else(|| of.get("oneOf")).and_then(Value::as_array)
}

const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The types that a schema allows: all if it names none.
pub(super) fn types(of: &Map<String, Value>) -> BTreeSet<&str> {
    match of.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.as_str()]),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::from(TYPES),
    }
}

pub(super) fn properties(of: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    let all = of.get("properties").and_then(Value::as_object).into_iter().flatten();
    all.map(|(name, it)| (name.as_str(), it)).collect()
}

pub(super) fn required(of: &Map<String, Value>) -> BTreeSet<&str> {
    names(of, "required")
}

/// The texts in a list.
pub(super) fn names<'v>(of: &'v Map<String, Value>, keyword: &str) -> BTreeSet<&'v str> {
    let names = of.get(keyword).and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}
