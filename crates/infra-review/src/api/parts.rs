//! The same part of two documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::nothing;

/// An object of the old document, and the same object of the new one. A missing object has no fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'d> {
    pub(super) before: &'d Map<String, Value>,
    pub(super) after: &'d Map<String, Value>,
}

impl<'d> Sides<'d> {
    pub(super) fn of(before: &'d Value, after: &'d Value) -> Self {
        Sides::of_options(Some(before), Some(after))
    }

    pub(super) fn of_options(before: Option<&'d Value>, after: Option<&'d Value>) -> Self {
        let object = |it: Option<&'d Value>| it.and_then(Value::as_object).unwrap_or(nothing());
        Sides { before: object(before), after: object(after) }
    }

    /// The objects in a field.
    pub(super) fn of_field(self, name: &str) -> Self {
        Sides::of_options(self.before.get(name), self.after.get(name))
    }

    /// The fields of both, by name.
    pub(super) fn fields(
        self,
    ) -> impl Iterator<Item = (&'d str, Option<&'d Value>, Option<&'d Value>)> {
        let names: BTreeSet<&'d String> = self.before.keys().chain(self.after.keys()).collect();
        names.into_iter().map(move |it| (it.as_str(), self.before.get(it), self.after.get(it)))
    }
}

/// The fields of a path that are routes.
pub(super) fn methods() -> &'static [&'static str] {
    &["delete", "get", "head", "options", "patch", "post", "put", "trace"]
}

/// The parameters of a route, by their place and name.
pub(super) fn parameters(operation: &Map<String, Value>) -> BTreeMap<String, &Value> {
    let all = operation.get("parameters").and_then(Value::as_array);
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let named = |it: &Value| match it["in"].as_str() {
        Some("header") => format!("the header {}", text(&it["name"])),
        _ => format!("the parameter {} of the {}", text(&it["name"]), text(&it["in"])),
    };
    all.into_iter().flatten().map(|it| (named(it), it)).collect()
}

/// The entries of two maps, by name.
pub(super) fn keyed<'m, V: Copy>(
    before: &'m BTreeMap<String, V>,
    after: &'m BTreeMap<String, V>,
) -> impl Iterator<Item = (&'m str, Option<V>, Option<V>)> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().map(move |it| (it.as_str(), before.get(it).copied(), after.get(it).copied()))
}
