//! Compares retriers, catchers and choices. Step Functions uses the first that matches, so their order matters.
//! <https://states-language.net/spec.html#errors>

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    block::{items, texts},
    diff::{self, short},
    finding::Severity,
};

/// The lists of a state: the field, the word for its items, and the item fields that other checks report.
const LISTS: &[(&str, &str, &[&str])] = &[
    (
        "Retry",
        "retriers",
        &["BackoffRate", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "MaxDelaySeconds"],
    ),
    ("Catch", "catchers", &["Assign", "ErrorEquals", "Next", "Output"]),
    ("Choices", "choices", &["Condition", "Next"]),
];

pub(super) fn check(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    for (name, what, told) in LISTS {
        let (old, new) = (List::of(name, before), List::of(name, after));
        if let Some((first, second)) = old.turned(&new) {
            let problem =
                format!("of its {what}, {first} is tried before {second}, and was after it");
            tell(Severity::Warning, problem);
        }
        if let Some((key, behind)) = pushed_in(name, &old, &new, after) {
            let problem = format!("of its {what}, {key} is new and is tried before {behind}");
            tell(Severity::Warning, problem);
        }
        for (key, (_, is)) in &new.0 {
            let Some((_, was)) = old.0.get(key) else { continue };
            let (was, is) = (without(was, told), without(is, told));
            let fields = diff::fields(&was, &is);
            let fields: Vec<_> =
                fields.iter().filter(|it| !it.is_for_people()).map(ToString::to_string).collect();
            if !fields.is_empty() {
                let problem = format!("on {key} its `{name}` differs in {}", fields.join("; "));
                tell(Severity::Warning, problem);
            }
        }
        // The errors of one retrier share its attempts.
        if *name == "Retry" && old.groups() != new.groups() && old.0.keys().eq(new.0.keys()) {
            tell(Severity::Warning, "other errors than before share their attempts".to_owned());
        }
    }
}

/// An added item and the kept item after it: the added item matches first what the kept item matched.
fn pushed_in(
    name: &str,
    old: &List<'_>,
    new: &List<'_>,
    after: &Value,
) -> Option<(String, String)> {
    let added = || new.0.iter().filter(|(key, _)| !old.0.contains_key(*key));
    let kept = || new.0.iter().filter(|(key, _)| old.0.contains_key(*key));
    for (key, (at, _)) in added() {
        if let Some((behind, _)) = kept().find(|(_, (behind, _))| behind > at) {
            return Some((key.clone(), behind.clone()));
        }
    }
    // After the last choice comes the default state, or the failure of the execution.
    let (key, _) = added().next().filter(|_| name == "Choices" && !old.0.is_empty())?;
    let rest = after["Default"].as_str().map_or("a failure".to_owned(), str::to_owned);
    Some((key.clone(), rest))
}

/// The condition of a choice.
pub(super) fn condition(choice: &Value) -> String {
    match choice["Condition"].as_str() {
        Some(it) => it.to_owned(),
        None => short(&without(choice, &["Next"])),
    }
}

fn without(value: &Value, fields: &[&str]) -> Value {
    let all = value.as_object().into_iter().flatten();
    let rest = all.filter(|(name, _)| !fields.contains(&name.as_str()));
    Value::Object(rest.map(|(name, it)| (name.clone(), it.clone())).collect::<Map<_, _>>())
}

/// Each error or condition of a list, with the position and the value of the first item that has it.
struct List<'v>(BTreeMap<String, (usize, &'v Value)>);

impl<'v> List<'v> {
    fn of(name: &str, state: &'v Value) -> Self {
        let mut all = BTreeMap::new();
        for (at, it) in items(&state[name]).iter().enumerate() {
            let keys = match name {
                "Choices" => vec![condition(it)],
                _ => texts(&it["ErrorEquals"]).into_iter().map(str::to_owned).collect(),
            };
            for key in keys {
                all.entry(key).or_insert((at, it));
            }
        }
        List(all)
    }

    /// Two keys that have the opposite order in `there`.
    fn turned<'l>(&'l self, there: &Self) -> Option<(&'l str, &'l str)> {
        let place = |list: &Self, key: &str| list.0.get(key).map(|it| it.0);
        for (first, (at, _)) in &self.0 {
            for (second, (behind, _)) in &self.0 {
                let now = place(there, first).zip(place(there, second));
                if at < behind && now.is_some_and(|(first, second)| first > second) {
                    return Some((second, first));
                }
            }
        }
        None
    }

    /// The keys that share an item, such as the errors of one retrier.
    fn groups(&self) -> Vec<Vec<&str>> {
        let mut groups: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (key, (at, _)) in &self.0 {
            groups.entry(*at).or_default().push(key);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort();
        groups
    }
}
