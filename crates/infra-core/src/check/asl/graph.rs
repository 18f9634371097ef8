//! Checks the transitions between states: that each leads to a state, that each state is reachable, and that every path
//! ends.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    scope::{Report, Scope, State},
    time::DEFAULT_ATTEMPTS,
};

/// The states that may follow each state. A transition to a state that does not exist is left out.
type Ways<'a> = BTreeMap<&'a str, Vec<&'a str>>;

pub(super) fn check(scope: &Scope<'_>, timeout: Option<u64>, report: &mut Report<'_>) {
    let start = start(scope, report);
    let broken = broken_ways(scope, report) | missing_ends(scope, report);
    let ways: Ways<'_> = scope.states.iter().map(|it| (it.name, known_ways(scope, it))).collect();
    let Some(start) = start else { return };
    let reached = reach(&ways, start);
    // Behind a broken transition, other states look unreachable. Only the broken transition is reported.
    if !broken {
        unreachable(scope, &reached, report);
    }
    rounds(scope, &ways, &reached, timeout, report);
}

fn start<'a>(scope: &Scope<'a>, report: &mut Report<'_>) -> Option<&'a str> {
    let start = scope.start?;
    // The schema reports a scope without states.
    if scope.states.is_empty() || scope.state(start).is_some() {
        return Some(start);
    }
    report.at(
        &scope.outer.join(" > "),
        "asl/start-at",
        format!("`StartAt` is `{start}`, which is not a state of this scope"),
        format!("set it to one of {}", names(scope)),
    );
    None
}

/// Reports transitions to states that are not in the scope. Returns whether there is one.
fn broken_ways(scope: &Scope<'_>, report: &mut Report<'_>) -> bool {
    let mut broken = false;
    for state in scope.states.iter().filter(|it| !it.is_last_by_kind()) {
        for (field, to) in state.ways().into_iter().filter(|(_, to)| scope.state(to).is_none()) {
            broken = true;
            report.at(
                &state.place,
                "asl/unknown-next",
                format!("`{field}` is `{to}`, which is not a state of this scope"),
                format!("set it to one of {}", names(scope)),
            );
        }
    }
    broken
}

/// Reports states without a transition. Returns whether there is one.
fn missing_ends(scope: &Scope<'_>, report: &mut Report<'_>) -> bool {
    let mut missing = false;
    for state in &scope.states {
        if !matches!(state.kind(), "Task" | "Pass" | "Wait" | "Parallel" | "Map") {
            continue;
        }
        let has = |field| state.body.contains_key(field);
        let (problem, fix) = match (has("Next"), has("End")) {
            (false, false) => {
                missing = true;
                ("has neither `Next` nor `End`", "add `Next` with a state, or `\"End\": true`")
            }
            (true, true) => ("has both `Next` and `End`", "remove one of them"),
            _ => continue,
        };
        report.at(&state.place, "asl/missing-end", format!("the state {problem}"), fix);
    }
    missing
}

fn unreachable(scope: &Scope<'_>, reached: &BTreeSet<&str>, report: &mut Report<'_>) {
    for state in scope.states.iter().filter(|it| !reached.contains(it.name)) {
        report.at(
            &state.place,
            "asl/unreachable",
            "the state cannot be reached from `StartAt`",
            "add a transition to it, or remove it",
        );
    }
}

/// The events in the history of an execution after which Step Functions fails it.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const MOST_EVENTS: u64 = 25_000;

/// Reports loops without an end, and loops that an execution may repeat too often.
fn rounds(
    scope: &Scope<'_>,
    ways: &Ways<'_>,
    reached: &BTreeSet<&str>,
    timeout: Option<u64>,
    report: &mut Report<'_>,
) {
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for state in scope.states.iter().filter(|it| reached.contains(it.name)) {
        let after: BTreeSet<&str> =
            ways[state.name].iter().flat_map(|next| reach(ways, next)).collect();
        if told.contains(state.name) || !after.contains(state.name) {
            continue;
        }
        // The loop: the states that this one reaches and that reach it again.
        let round: Vec<&str> =
            after.iter().copied().filter(|it| reach(ways, it).contains(state.name)).collect();
        told.extend(&round);
        let ends = after.iter().filter_map(|it| scope.state(it)).any(ends);
        let names = round.join(", ");
        if !ends {
            report.at(
                &state.place,
                "asl/no-end",
                format!("the loop {names} has no path to a state that ends the execution"),
                "add a transition out of the loop",
            );
            continue;
        }
        if !scope.outer.is_empty() {
            report.at(
                &state.place,
                "asl/loop",
                format!("the loop {names} is inside of a Map or a Parallel, which may run it any number of times at once"),
                "use `Retry`, or move the loop into another state machine",
            );
            continue;
        }
        let Some(wait) = shortest_wait(scope, ways, &round) else {
            report.at(
                &state.place,
                "asl/loop",
                format!(
                    "the loop {names} has no Wait, so nothing limits the events of an execution"
                ),
                "use `Retry` or a Map, or add a Wait with a number of `Seconds` to the loop",
            );
            continue;
        };
        let states = round.iter().filter_map(|it| scope.state(it));
        let once = states.map(most_events).fold(0, u64::saturating_add);
        let most = timeout.map_or(u64::MAX, |it| (it / wait + 1).saturating_mul(once));
        if most >= MOST_EVENTS {
            report.at(
                &state.place,
                "asl/loop",
                format!(
                    "the loop {names} may run every {wait} s until the machine's timeout: up to \
                     {most} events, but an execution fails at {MOST_EVENTS}"
                ),
                "wait longer in the loop, or lower the machine's `TimeoutSeconds`",
            );
        }
    }
}

/// The shortest Wait in a loop, if every path through the loop has one.
fn shortest_wait(scope: &Scope<'_>, ways: &Ways<'_>, round: &[&str]) -> Option<u64> {
    let waits = |name: &str| scope.state(name).and_then(State::pause);
    let without: Ways<'_> = round
        .iter()
        .filter(|it| waits(it).is_none())
        .map(|it| (*it, ways[it].iter().copied().filter(|to| waits(to).is_none()).collect()))
        .collect();
    let goes_round =
        |name: &&str| without[name].iter().any(|next| reach(&without, next).contains(name));
    if without.keys().any(goes_round) {
        return None;
    }
    round.iter().filter_map(|it| waits(it)).min()
}

/// How many events one visit to a state makes, all attempts included: it is entered and left, and each attempt of a
/// task is scheduled, submitted, started and ended. A Map over a list that only a run knows makes any number.
fn most_events(state: &State<'_>) -> u64 {
    let number = |it: &Map<String, Value>| it.get("MaxAttempts").and_then(Value::as_u64);
    let more = state.list("Retry").map(|it| number(it).unwrap_or(DEFAULT_ATTEMPTS));
    let attempts = more.fold(1, u64::saturating_add);
    let states = state.inner().flat_map(|it| Scope::read(it, Vec::new()).states);
    let inside = states.map(|it| most_events(&it)).fold(0, u64::saturating_add);
    let attempt = match (state.kind(), state.body.get("Items").and_then(Value::as_array)) {
        ("Task", _) => 5,
        ("Map", Some(items)) => inside.saturating_mul(items.len().try_into().unwrap_or(u64::MAX)),
        ("Map", None) => u64::MAX,
        _ => inside,
    };
    attempts.saturating_mul(attempt).saturating_add(2)
}

/// Whether an execution may end at this state. A state with a missing or broken transition counts as an end here,
/// because another rule reports it.
fn ends(state: &State<'_>) -> bool {
    let goes_on = state.body.contains_key("Next") || state.kind() == "Choice";
    state.is_last_by_kind() || !goes_on
}

fn known_ways<'a>(scope: &Scope<'a>, state: &State<'a>) -> Vec<&'a str> {
    match state.is_last_by_kind() {
        true => Vec::new(),
        false => {
            let ways = state.ways().into_iter().map(|(_, to)| to);
            ways.filter(|to| scope.state(to).is_some()).collect()
        }
    }
}

/// Everything that can be reached from `start`, itself included.
fn reach<'a>(ways: &Ways<'a>, start: &'a str) -> BTreeSet<&'a str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(ways.get(name).into_iter().flatten());
        }
    }
    reached
}

fn names(scope: &Scope<'_>) -> String {
    scope.states.iter().map(|it| format!("`{}`", it.name)).collect::<Vec<_>>().join(", ")
}
