//! Checks the names of states: their length, and that they are unique.

use std::collections::BTreeMap;

use super::scope::{Report, Scope};

/// <https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html>
const MAX_CHARACTERS: usize = 80;

pub(super) fn check(scopes: &[Scope<'_>], report: &mut Report<'_>) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for state in scopes.iter().flat_map(|it| &it.states) {
        let length = state.name.chars().count();
        if length > MAX_CHARACTERS {
            report.at(
                &state.place,
                "asl/state-name",
                format!("the name has {length} characters; AWS accepts at most {MAX_CHARACTERS}"),
                "give the state a shorter name",
            );
        }
        match first.get(state.name) {
            Some(other) => report.at(
                &state.place,
                "asl/state-name",
                format!("the state `{other}` has the same name, but names must be unique in a state machine"),
                "give one of the two states another name",
            ),
            None => drop(first.insert(state.name, &state.place)),
        }
    }
}
