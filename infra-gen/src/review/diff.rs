//! How two bodies differ, value by value.

use std::collections::BTreeMap;

use serde_json::Value;

/// Reasons and descriptions are for people: they are told apart from what AWS does.
const FOR_PEOPLE: &[&str] = &["//", "description", "alarm_description", "Comment"];

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) path: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Field {
    /// Whether it is a text for people alone.
    pub(super) fn is_for_people(&self) -> bool {
        FOR_PEOPLE.iter().any(|it| self.path == *it || self.path.ends_with(&format!(".{it}")))
    }
}

/// What Terraform's comment key holds goes nowhere.
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
        // A document inside a text: what differs in it says more than two long lines.
        (Some(Value::String(left)), Some(Value::String(right)))
            if left.starts_with('{') && right.starts_with('{') =>
        {
            match (serde_json::from_str(left), serde_json::from_str::<Value>(right)) {
                (Ok(left), Ok(right)) => walk(path, Some(&left), Some(&right), found),
                _ => found.push(field(path, before, after)),
            }
        }
        _ => found.push(field(path, before, after)),
    }
}

/// Lists of plain values are sets to AWS in every block in use; blocks go by their names.
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
        return;
    }
    let (left, right) = (named(left), named(right));
    let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
    names.sort_unstable();
    names.dedup();
    // A block that stands alone needs no number.
    let alone = left.len() <= 1 && right.len() <= 1 && names.len() == 1;
    for name in names {
        let path = if alone { path.to_owned() } else { format!("{path}[{name}]") };
        walk(&path, left.get(name).copied(), right.get(name).copied(), found);
    }
}

/// Blocks by their name, else by their place.
fn named(list: &[Value]) -> BTreeMap<String, &Value> {
    let name = |it: &Value| {
        let keys = ["name", "id", "attribute_name", "index_name"];
        keys.iter().find_map(|key| it.get(key)?.as_str().map(str::to_owned))
    };
    let named = list.iter().enumerate().map(|(at, it)| (name(it).unwrap_or(at.to_string()), it));
    named.collect()
}

fn field(path: &str, before: Option<&Value>, after: Option<&Value>) -> Field {
    Field { path: path.to_owned(), before: before.cloned(), after: after.cloned() }
}

/// A value in few letters.
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
    fn what_differs_is_told_by_its_path() {
        fn check(before: Value, after: Value, expected: &[&str]) {
            let told: Vec<_> = fields(&before, &after).iter().map(Field::to_string).collect();
            assert_eq!(told, expected);
        }
        check(json!({ "a": 1, "//": "x" }), json!({ "a": 1, "//": "y" }), &[]);
        check(json!({ "a": 1 }), json!({ "a": 2, "b": null }), &["a: 1 → 2", "b: + null"]);
        check(json!({ "s": ["x", "y"] }), json!({ "s": ["y", "x"] }), &[]);
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
            &["b[y].t: 1 → 2"],
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
