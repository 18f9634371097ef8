//! Compares the transitions of a state.

use std::collections::BTreeMap;

use serde_json::Value;

use super::lists;
use crate::{
    block::{items, texts},
    finding::Severity,
};

/// The next states of a state, by the condition of each transition.
fn leads(state: &Value) -> BTreeMap<String, String> {
    let mut leads = BTreeMap::new();
    let to = |it: &Value| it["Next"].as_str().unwrap_or("the end").to_owned();
    if !state["Next"].is_null() || state["End"] == true {
        leads.insert("when it is done".to_owned(), to(state));
    }
    if let Some(it) = state["Default"].as_str() {
        leads.insert("otherwise".to_owned(), it.to_owned());
    }
    // If an error or a condition is repeated, Step Functions uses the first.
    for catch in items(&state["Catch"]) {
        for error in texts(&catch["ErrorEquals"]) {
            leads.entry(format!("on {error}")).or_insert_with(|| to(catch));
        }
    }
    for choice in items(&state["Choices"]) {
        leads.entry(format!("if {}", lists::condition(choice))).or_insert_with(|| to(choice));
    }
    leads
}

pub(super) fn ways(
    before: &Value,
    after: &Value,
    renamed: &BTreeMap<&str, &str>,
    tell: &mut impl FnMut(Severity, String),
) {
    let (old, new) = (leads(before), leads(after));
    for (when, to) in &old {
        match new.get(when) {
            None => tell(Severity::Warning, format!("{when} it no longer goes to {to}")),
            Some(it) if it != renamed.get(to.as_str()).copied().unwrap_or(to) => {
                tell(Severity::Warning, format!("{when} it goes to {it}, before to {to}"));
            }
            Some(_) => (),
        }
    }
    for (when, to) in new.iter().filter(|(when, _)| !old.contains_key(*when)) {
        tell(Severity::Notice, format!("{when} it goes to {to}"));
    }
}
