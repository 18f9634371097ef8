//! Time: a machine must be allowed to take as long as its tasks, their retries and its waits.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::scope::{Report, Scope, State};

pub(super) fn check(document: &Value, report: &mut Report<'_>) {
    let Some(timeout) = document.get("TimeoutSeconds") else {
        return report.machine(
            "asl/machine-timeout",
            "the machine has no `TimeoutSeconds`, so a run may hang for a year",
            "say how long a run may take",
        );
    };
    // Another type is told by the schema; a time that is not known, by the rule that found it.
    let (Some(timeout), Some(worst)) = (timeout.as_u64(), worst_case(document)) else { return };
    if timeout < worst {
        report.machine(
            "asl/timeout-chain",
            format!(
                "a run may take {worst} seconds, with every time-out and every retry on its \
                 longest way, and the machine stops it after {timeout}"
            ),
            format!("raise `TimeoutSeconds` to {worst} or more, or give the tasks less"),
        );
    }
}

/// See [`super::worst_case_seconds`].
pub(super) fn worst_case(document: &Value) -> Option<u64> {
    longest(document, Measure { length: state_seconds, ways: |it| all_ways(it) })
}

/// See [`super::most_transitions`].
pub(super) fn transitions(document: &Value) -> Option<u64> {
    longest(document, Measure { length: state_transitions, ways: ways_at_once })
}

/// How often a retrier tries again that does not say it.
pub(super) const DEFAULT_ATTEMPTS: u64 = 3;

/// What is measured of a way.
#[derive(Clone, Copy)]
struct Measure {
    /// What one state adds; `None` where it has no bound.
    length: fn(&State<'_>) -> Option<u64>,
    /// Where a state may lead.
    ways: for<'a> fn(&State<'a>) -> Vec<&'a str>,
}

fn all_ways<'a>(state: &State<'a>) -> Vec<&'a str> {
    state.ways().into_iter().map(|(_, to)| to).collect()
}

/// Where a state may lead before anything is tried again. A catcher takes an error only after its attempts, so a catcher
/// is left out if each of its errors has some. A new attempt is a transition as well: AWS counts the attempts of such an
/// error beyond what this measures.
fn ways_at_once<'a>(state: &State<'a>) -> Vec<&'a str> {
    let retriers: Vec<_> = state.list("Retry").collect();
    let names = |of: &Map<String, Value>| {
        let names = of.get("ErrorEquals").and_then(Value::as_array).into_iter().flatten();
        names.filter_map(|it| it.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let attempts = |it: &Map<String, Value>| {
        it.get("MaxAttempts").map_or(DEFAULT_ATTEMPTS, |it| it.as_u64().unwrap_or(0))
    };
    // The first retrier that matches an error decides.
    let is_retried = |error: &str| {
        let of_it = |it: &&&Map<String, Value>| names(it).iter().any(|name| matches(name, error));
        retriers.iter().find(of_it).is_some_and(|it| attempts(it) > 0)
    };
    let mut ways = all_ways(state);
    let mut caught: Vec<String> = Vec::new();
    for catcher in state.list("Catch") {
        let mut errors = names(catcher);
        if errors.iter().any(|it| it == "States.ALL") {
            // Of what no catcher before it takes, each error that a retrier names, and all others.
            let named = retriers.iter().flat_map(|it| names(it));
            errors.extend(named.filter(|it| !caught.contains(it)));
        }
        let to = catcher.get("Next").and_then(Value::as_str);
        if errors.iter().all(|it| is_retried(it))
            && let Some(at) = ways.iter().rposition(|it| Some(*it) == to)
        {
            ways.remove(at);
        }
        caught.extend(errors);
    }
    ways
}

/// Whether a name in `ErrorEquals` matches an error. `States.ALL` does not match errors that end an execution, and
/// `States.TaskFailed` matches no `States.Timeout`; of other names with `States.`, AWS does not say.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
fn matches(name: &str, error: &str) -> bool {
    match name {
        "States.ALL" => !matches!(error, "States.Runtime" | "States.DataLimitExceeded"),
        "States.TaskFailed" => name == error || !error.starts_with("States."),
        _ => name == error,
    }
}

/// The longest way through a machine, a branch or an item processor.
fn longest(document: &Value, measure: Measure) -> Option<u64> {
    let scope = Scope::read(document, Vec::new());
    let Some(start) = scope.start else { return Some(0) };
    let whole = from(&scope, start, measure, &mut Vec::new(), &mut BTreeMap::new())?;
    Some(whole.0)
}

/// The longest way from a state to an end. `known` holds what was found before. To come back to a state of `path`, the way
/// that is being followed, is a loop, which counts once if a run has to wait in it.
///
/// Beside the length, the first state of `path` that the ways come back to: a length that leaves out a way back is
/// another one where the loop is entered elsewhere, so it is not kept.
fn from<'a, 's>(
    scope: &'s Scope<'a>,
    name: &'a str,
    measure: Measure,
    path: &mut Vec<&'s State<'a>>,
    known: &mut BTreeMap<&'a str, u64>,
) -> Option<(u64, usize)> {
    if let Some(length) = known.get(name) {
        return Some((*length, usize::MAX));
    }
    if let Some(first) = path.iter().position(|it| it.name == name) {
        let waits = path[first..].iter().any(|it| it.pause().is_some());
        return waits.then_some((0, first));
    }
    // A way that leads nowhere is told elsewhere.
    let Some(state) = scope.state(name) else { return Some((0, usize::MAX)) };
    let at = path.len();
    path.push(state);
    let (mut longest, mut back) = (0, usize::MAX);
    for next in (measure.ways)(state) {
        let (length, to) = from(scope, next, measure, path, known)?;
        longest = longest.max(length);
        back = back.min(to);
    }
    path.pop();
    let length = (measure.length)(state)?.saturating_add(longest);
    if back >= at {
        known.insert(name, length);
        back = usize::MAX;
    }
    Some((length, back))
}

/// How many states are entered in one state: itself, and those inside it.
fn state_transitions(state: &State<'_>) -> Option<u64> {
    let mut inside = 0_u64;
    for inner in state.inner() {
        inside = inside.saturating_add(transitions(inner)?);
    }
    if state.kind() == "Map" {
        let items = state.body.get("Items").and_then(Value::as_array)?.len();
        inside = inside.saturating_mul(u64::try_from(items).unwrap_or(u64::MAX));
    }
    Some(inside.saturating_add(1))
}

/// The longest time in one state, all attempts included.
fn state_seconds(state: &State<'_>) -> Option<u64> {
    let once = match state.kind() {
        "Task" => state.number("TimeoutSeconds")?,
        "Wait" => state.number("Seconds").unwrap_or(0),
        // Branches run side by side, and a branch is a small machine.
        "Parallel" => {
            let mut longest = 0;
            for branch in state.inner() {
                longest = longest.max(worst_case(branch)?);
            }
            longest
        }
        "Map" => {
            let each = state.inner().next().map_or(Some(0), worst_case)?;
            each.saturating_mul(map_rounds(state))
        }
        _ => 0,
    };
    let (mut attempts, mut waits) = (1_u64, 0_u64);
    // Each retrier counts its own attempts, so a run of bad luck may use all of them.
    for retrier in state.list("Retry") {
        let (more, wait) = retries(retrier);
        attempts = attempts.saturating_add(more);
        waits = waits.saturating_add(wait);
    }
    Some(once.saturating_mul(attempts).saturating_add(waits))
}

/// How often a Map must start anew to work through its list. A list that is not known counts as
/// one round, and so does one without a limit to what runs at once.
fn map_rounds(state: &State<'_>) -> u64 {
    let items = state.body.get("Items").and_then(Value::as_array).map_or(1, Vec::len);
    let items = u64::try_from(items).unwrap_or(u64::MAX);
    match state.number("MaxConcurrency") {
        Some(at_once) if at_once > 0 => items.div_ceil(at_once).max(1),
        _ => 1,
    }
}

/// How many more attempts a retrier gives, and how long it waits between them in all. Full jitter
/// draws from nothing to the whole wait, so the whole wait is the worst.
fn retries(retrier: &Map<String, Value>) -> (u64, u64) {
    let whole = |field, default| retrier.get(field).and_then(Value::as_u64).unwrap_or(default);
    let attempts = whole("MaxAttempts", DEFAULT_ATTEMPTS);
    let rate = retrier.get("BackoffRate").and_then(Value::as_f64).unwrap_or(2.0).max(1.0);
    let longest = whole("MaxDelaySeconds", u64::MAX) as f64;
    let (mut wait, mut waits, mut left) = (whole("IntervalSeconds", 1) as f64, 0.0_f64, attempts);
    while left > 0 {
        // From here on all waits are the same, or too long to matter.
        if wait >= longest || rate == 1.0 || waits > 1e12 {
            waits += wait.min(longest) * left as f64;
            break;
        }
        waits += wait;
        wait *= rate;
        left -= 1;
    }
    // A float becomes the nearest whole number there is: `as` does not wrap.
    (attempts, waits.ceil() as u64)
}
