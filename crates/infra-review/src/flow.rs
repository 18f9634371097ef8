//! Compares state machines as graphs: added and removed states, changed transitions, retries and timeouts.
//! <https://states-language.net/spec.html>

pub(super) mod credentials;
mod lists;
mod machine;
mod retries;
mod state;
#[cfg(test)]
mod tests;
mod times;
mod ways;

use std::collections::BTreeMap;

use machine::machine_differs;
use serde_json::Value;
use state::state_differs;

use super::{
    block::items,
    compare::Comparison,
    finding::{Found, Rule, Severity},
};

/// Every state by name, including those inside Parallel and Map. Names are unique in a state machine.
pub(super) fn states(document: &Value) -> BTreeMap<&str, &Value> {
    let mut all = BTreeMap::new();
    gather(document, &mut all);
    all
}

fn gather<'v>(machine: &'v Value, all: &mut BTreeMap<&'v str, &'v Value>) {
    for (name, state) in machine["States"].as_object().into_iter().flatten() {
        all.insert(name, state);
        items(&state["Branches"]).iter().for_each(|it| gather(it, all));
        for inner in ["ItemProcessor", "Iterator"] {
            gather(&state[inner], all);
        }
    }
}

/// One difference: the state, the severity and the text.
type Told = (Option<String>, Severity, String);

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_sfn_state_machine") {
        let Some((old, new)) = before.document.as_ref().zip(after.document.as_ref()) else {
            if before.body["definition"] != after.body["definition"] {
                let problem = "its definition changes, and is not JSON that could be compared";
                found.push(Found::new(
                    Severity::Warning,
                    Rule::FlowChanged,
                    &after.address,
                    problem,
                ));
            }
            continue;
        };
        // All differences of a state become one finding.
        let mut by_state: BTreeMap<Option<String>, Vec<(Severity, String)>> = BTreeMap::new();
        for (state, severity, problem) in differences(old, new) {
            by_state.entry(state).or_default().push((severity, problem));
        }
        for (state, told) in by_state {
            let address = match state {
                Some(state) => format!("{}/{state}", after.address),
                None => after.address.clone(),
            };
            let worst = told.iter().map(|it| it.0).max().unwrap_or(Severity::Notice);
            let mut lines = told.into_iter().map(|it| it.1);
            let first = lines.next().unwrap_or_default();
            let all = std::iter::once(first).chain(lines).collect::<Vec<_>>().join("; ");
            found.push(Found::new(worst, Rule::FlowChanged, address, all));
        }
    }
}

/// The differences of two machines, one per line.
pub(super) fn lines(before: &Value, after: &Value) -> Vec<String> {
    let told = differences(before, after).into_iter();
    told.map(|(state, _, problem)| match state {
        Some(state) => format!("{state}: {problem}"),
        None => problem,
    })
    .collect()
}

fn differences(before: &Value, after: &Value) -> Vec<Told> {
    let (old, new) = (states(before), states(after));
    let renamed = renamed(&old, &new);
    let mut told: Vec<Told> = Vec::new();
    for (name, state) in &old {
        if !new.contains_key(name) && !renamed.contains_key(name) {
            let kind = state["Type"].as_str().unwrap_or("state");
            told.push((Some((*name).to_owned()), Severity::Warning, format!("the {kind} is gone")));
        }
    }
    for (name, state) in &new {
        let was = renamed.iter().find(|(_, new)| *new == name).map(|(old, _)| *old);
        let mut tell = |severity, problem: String| {
            told.push((Some((*name).to_owned()), severity, problem));
        };
        match old.get(was.unwrap_or(name)) {
            None => {
                let kind = state["Type"].as_str().unwrap_or("state");
                tell(Severity::Notice, format!("a new {kind}"));
            }
            Some(before) => {
                if let Some(was) = was {
                    tell(Severity::Notice, format!("it was called {was}"));
                }
                state_differs(before, state, &renamed, &mut tell);
            }
        }
    }
    machine_differs(before, after, &renamed, &mut told);
    told
}

/// The new names of renamed states, by their old names. A renamed state keeps its body.
fn renamed<'v>(
    old: &BTreeMap<&'v str, &'v Value>,
    new: &BTreeMap<&'v str, &'v Value>,
) -> BTreeMap<&'v str, &'v str> {
    let mut renamed = BTreeMap::new();
    for (name, state) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        // A body with nothing but a `Type` does not identify a state: each `Succeed` looks the same.
        if state.as_object().is_none_or(|it| it.len() < 2) {
            continue;
        }
        let twins = new.iter().filter(|(name, it)| !old.contains_key(*name) && *it == state);
        let mut twins = twins.map(|(name, _)| *name);
        if let (Some(twin), None) = (twins.next(), twins.next()) {
            renamed.insert(*name, twin);
        }
    }
    renamed
}

/// Whether a field differs only because the state that it names was renamed.
fn renamed_way(field: &super::diff::Field, renamed: &BTreeMap<&str, &str>) -> bool {
    let text = |it: &Option<Value>| it.as_ref().and_then(Value::as_str).map(str::to_owned);
    let (old, new) = (text(&field.before), text(&field.after));
    old.zip(new).is_some_and(|(old, new)| renamed.get(old.as_str()) == Some(&new.as_str()))
}

/// The paths of the fields that differ and that no other check reports.
fn rest(
    before: &Value,
    after: &Value,
    told: &[&str],
    renamed: &BTreeMap<&str, &str>,
) -> Vec<String> {
    let mut fields = super::diff::fields(before, after);
    fields.retain(|it| {
        let argument = it.argument();
        let first = argument.split('.').next().unwrap_or_default();
        // Inner states have findings of their own.
        !told.contains(&first)
            && !it.is_for_people()
            && !it.path.contains("States.")
            && !renamed_way(it, renamed)
    });
    fields.iter().map(|it| format!("`{}`", it.path)).collect()
}
