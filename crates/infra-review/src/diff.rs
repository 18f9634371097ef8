//! The differences between two bodies, value by value.

use std::collections::BTreeMap;

use serde_json::Value;

use infra_core::check::provider::canonical::{name, whole};

/// Reasons and descriptions are for people, and AWS does not act on them.
const FOR_PEOPLE: &[&str] = &["//", "description", "alarm_description", "Comment"];

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) path: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Field {
    /// The path of the argument without the keys of repeated blocks: `stage.action.run_order`.
    pub(super) fn argument(&self) -> String {
        let mut out = String::with_capacity(self.path.len());
        let mut depth = 0_usize;
        for letter in self.path.trim_end_matches(ORDER).trim_end().chars() {
            match letter {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ if depth == 0 => out.push(letter),
                _ => (),
            }
        }
        out
    }

    /// Whether only the order of a list differs.
    pub(super) fn is_order(&self) -> bool {
        self.path.ends_with(ORDER)
    }

    /// Whether it is a text for people.
    pub(super) fn is_for_people(&self) -> bool {
        FOR_PEOPLE.iter().any(|it| self.path == *it || self.path.ends_with(&format!(".{it}")))
    }
}

/// The fields that differ, without Terraform's comment key `//`.
pub(super) fn fields(before: &Value, after: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    walk("", Some(before), Some(after), &mut found);
    found.retain(|it| it.path != "//");
    found
}

fn walk(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Field>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let dot = if path.is_empty() { "" } else { "." };
                walk(&format!("{path}{dot}{name}"), left.get(name), right.get(name), found);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => lists(path, left, right, found),
        // A document inside a text: the fields that differ are clearer than two long lines.
        (Some(Value::String(left)), Some(Value::String(right)))
            if left.starts_with('{') && right.starts_with('{') =>
        {
            match (super::json::parse(left), super::json::parse(right)) {
                (Ok(left), Ok(right)) => {
                    let (left, right) = (numbers(left), numbers(right));
                    walk(path, Some(&left), Some(&right), found);
                }
                _ => found.push(field(path, before, after)),
            }
        }
        _ => found.push(field(path, before, after)),
    }
}

/// A document with every number in its shortest form.
fn numbers(document: Value) -> Value {
    match document {
        Value::Array(items) => items.into_iter().map(numbers).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, it)| (name, numbers(it))).collect())
        }
        other => whole(other),
    }
}

/// Compares lists by their values, or by the names of their blocks. Lists that Terraform treats as sets are sorted
/// already, so another order is a difference.
fn lists(path: &str, left: &[Value], right: &[Value], found: &mut Vec<Field>) {
    let plain = |list: &[Value]| list.iter().all(|it| !it.is_object() && !it.is_array());
    if plain(left) && plain(right) {
        let only = |these: &[Value], those: &[Value]| -> Vec<Value> {
            these.iter().filter(|it| !those.contains(it)).cloned().collect()
        };
        let (gone, new) = (only(left, right), only(right, left));
        if gone.len() == 1 && new.len() == 1 {
            found.push(field(path, gone.first(), new.first()));
        } else {
            found.extend(gone.iter().map(|it| field(path, Some(it), None)));
            found.extend(new.iter().map(|it| field(path, None, Some(it))));
        }
        if is_other_order(left, right) || (gone.is_empty() && new.is_empty()) {
            found.push(order(path, left.to_vec(), right.to_vec()));
        }
        return;
    }
    let (old, new) = match (named(left), named(right)) {
        (Some(old), Some(new)) => (old, new),
        // Without names, or if two blocks have the same name: by position.
        _ => (placed(left), placed(right)),
    };
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    // The path of a single block needs no key.
    let alone = old.len() <= 1 && new.len() <= 1 && names.len() == 1;
    for name in names {
        let path = if alone { path.to_owned() } else { format!("{path}[{name}]") };
        walk(&path, old.get(name).copied(), new.get(name).copied(), found);
    }
    let names = |list: &[Value]| -> Vec<Value> {
        list.iter().filter_map(|it| name(it).map(Value::from)).collect()
    };
    let (left, right) = (names(left), names(right));
    if is_other_order(&left, &right) {
        found.push(order(path, left, right));
    }
}

/// Whether the values that both lists have are in another order.
fn is_other_order(left: &[Value], right: &[Value]) -> bool {
    let common = |these: &[Value], those: &[Value]| -> Vec<Value> {
        these.iter().filter(|it| those.contains(it)).cloned().collect()
    };
    common(left, right) != common(right, left)
}

/// The end of the path if only the order of a list differs.
const ORDER: &str = "(order)";

fn order(path: &str, before: Vec<Value>, after: Vec<Value>) -> Field {
    let path = format!("{path} {ORDER}");
    Field { path, before: Some(Value::Array(before)), after: Some(Value::Array(after)) }
}

/// Blocks by their names. `None` if a block has no name, or two have the same.
fn named(list: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let mut named = BTreeMap::new();
    for it in list {
        if named.insert(name(it)?.to_owned(), it).is_some() {
            return None;
        }
    }
    Some(named)
}

fn placed(list: &[Value]) -> BTreeMap<String, &Value> {
    list.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect()
}

fn field(path: &str, before: Option<&Value>, after: Option<&Value>) -> Field {
    Field { path: path.to_owned(), before: before.cloned(), after: after.cloned() }
}

/// A value as a short text.
pub(super) fn short(value: &Value) -> String {
    const LONGEST: usize = 100;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told = |it: &Value| match it {
            Value::String(_) => super::policy::bare(&short(it)),
            _ => short(it),
        };
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                write!(f, "{}: {} → {}", self.path, told(before), told(after))
            }
            (None, Some(after)) => write!(f, "{}: + {}", self.path, told(after)),
            (Some(before), None) => write!(f, "{}: − {}", self.path, told(before)),
            (None, None) => f.write_str(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_difference_has_its_path() {
        fn check(before: Value, after: Value, expected: &[&str]) {
            let told: Vec<_> = fields(&before, &after).iter().map(Field::to_string).collect();
            assert_eq!(told, expected);
        }
        check(json!({ "a": 1, "//": "x" }), json!({ "a": 1, "//": "y" }), &[]);
        check(json!({ "a": 1 }), json!({ "a": 2, "b": null }), &["a: 1 → 2", "b: + null"]);
        check(
            json!({ "s": ["x", "y"] }),
            json!({ "s": ["y", "x"] }),
            &[r#"s (order): ["x","y"] → ["y","x"]"#],
        );
        check(
            json!({ "s": ["x", "x"] }),
            json!({ "s": ["x"] }),
            &[r#"s (order): ["x","x"] → ["x"]"#],
        );
        check(json!({ "s": ["x", "y"] }), json!({ "s": ["y", "z"] }), &["s: x → z"]);
        check(json!({ "s": ["x"] }), json!({ "s": ["x", "z"] }), &["s: + z"]);
        check(
            json!({ "b": [{ "on": true }] }),
            json!({ "b": [{ "on": false }] }),
            &["b.on: true → false"],
        );
        check(
            json!({ "b": [{ "name": "x", "t": 1 }, { "name": "y", "t": 1 }] }),
            json!({ "b": [{ "name": "y", "t": 2 }, { "name": "x", "t": 1 }] }),
            &["b[y].t: 1 → 2", r#"b (order): ["x","y"] → ["y","x"]"#],
        );
        check(
            json!({ "p": "{\"max\":5,\"to\":\"q\"}" }),
            json!({ "p": "{\"to\":\"q\",\"max\":6}" }),
            &["p.max: 5 → 6"],
        );
    }

    #[test]
    fn long_values_are_cut_between_letters() {
        assert_eq!(short(&json!("é".repeat(101))), format!("{}…", "é".repeat(100)));
        assert_eq!(short(&json!("é".repeat(100))), "é".repeat(100));
    }
}
