//! Checks that the timeout of a machine is at least the longest time of its tasks, retries and waits.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::scope::{Report, Scope, State};

pub(super) fn check(document: &Value, report: &mut Report<'_>) {
    let Some(timeout) = document.get("TimeoutSeconds") else {
        return report.machine(
            "asl/machine-timeout",
            "the machine has no `TimeoutSeconds`, so an execution may hang for a year",
            "add `TimeoutSeconds` to the machine",
        );
    };
    // The schema reports another type. A time without a bound is reported by the rule for its cause.
    let (Some(timeout), Some(worst)) = (timeout.as_u64(), worst_case(document)) else { return };
    if timeout < worst {
        report.machine(
            "asl/timeout-chain",
            format!(
                "an execution may take {worst} seconds, with every timeout and every retry on its \
                 longest path, but the machine stops it after {timeout}"
            ),
            format!(
                "raise `TimeoutSeconds` to {worst} or more, or shorten the timeouts of the tasks"
            ),
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

/// The default of a retrier's `MaxAttempts`.
pub(super) const DEFAULT_ATTEMPTS: u64 = 3;

/// How the length of a path is measured.
#[derive(Clone, Copy)]
struct Measure {
    /// The length that one state adds to a path. `None` if it has no bound.
    length: fn(&State<'_>) -> Option<u64>,
    /// The transitions that count.
    ways: for<'a> fn(&State<'a>) -> Vec<&'a str>,
}

fn all_ways<'a>(state: &State<'a>) -> Vec<&'a str> {
    state.ways().into_iter().map(|(_, to)| to).collect()
}

/// The transitions of a state without retries. A catcher handles an error only after its retries, so it is left out if
/// each of its errors is retried. A retry is a transition, too, which AWS counts in addition to this measure.
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
            // `States.ALL` stands for each error that a retrier names and no earlier catcher handles, and for all others.
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
/// `States.TaskFailed` does not match `States.Timeout`. AWS does not document other names that begin with `States.`.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
fn matches(name: &str, error: &str) -> bool {
    match name {
        "States.ALL" => !matches!(error, "States.Runtime" | "States.DataLimitExceeded"),
        "States.TaskFailed" => name == error || !error.starts_with("States."),
        _ => name == error,
    }
}

/// The length of the longest path through a machine, a branch or an item processor.
fn longest(document: &Value, measure: Measure) -> Option<u64> {
    let scope = Scope::read(document, Vec::new());
    let Some(start) = scope.start else { return Some(0) };
    let whole = from(&scope, start, measure, &mut Vec::new(), &mut BTreeMap::new())?;
    Some(whole.0)
}

/// The length of the longest path from a state to an end. `path` is the path that is being followed, and `known` has the
/// lengths that were found before. A transition back to a state of `path` closes a loop, which counts once if it has a
/// Wait.
///
/// Also returns the position of the first state of `path` that a transition leads back to. The length of a state inside
/// of a loop leaves out that transition, and would differ if the loop were entered at another state, so it is not kept
/// in `known`.
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
    // `graph` reports a transition to a state that does not exist.
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

/// How many states an execution enters in one state: itself, and the states inside of it.
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

/// The longest time in one state, with all attempts.
fn state_seconds(state: &State<'_>) -> Option<u64> {
    let once = match state.kind() {
        "Task" => state.number("TimeoutSeconds")?,
        "Wait" => state.number("Seconds").unwrap_or(0),
        // Branches run in parallel, and a branch has the form of a machine.
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
    // Each retrier counts its own attempts, so an execution may use all attempts of all retriers.
    for retrier in state.list("Retry") {
        let (more, wait) = retries(retrier);
        attempts = attempts.saturating_add(more);
        waits = waits.saturating_add(wait);
    }
    Some(once.saturating_mul(attempts).saturating_add(waits))
}

/// How many iterations of a Map run one after another. A list of unknown length counts as one, and so does a Map without a
/// limit of concurrency.
fn map_rounds(state: &State<'_>) -> u64 {
    let items = state.body.get("Items").and_then(Value::as_array).map_or(1, Vec::len);
    let items = u64::try_from(items).unwrap_or(u64::MAX);
    match state.number("MaxConcurrency") {
        Some(at_once) if at_once > 0 => items.div_ceil(at_once).max(1),
        _ => 1,
    }
}

/// How many more attempts a retrier allows, and the sum of the delays between them. Full jitter draws each delay between
/// zero and the whole delay, so the whole delay is the worst case.
fn retries(retrier: &Map<String, Value>) -> (u64, u64) {
    let whole = |field, default| retrier.get(field).and_then(Value::as_u64).unwrap_or(default);
    let attempts = whole("MaxAttempts", DEFAULT_ATTEMPTS);
    let rate = retrier.get("BackoffRate").and_then(Value::as_f64).unwrap_or(2.0).max(1.0);
    let longest = whole("MaxDelaySeconds", u64::MAX) as f64;
    let (mut wait, mut waits, mut left) = (whole("IntervalSeconds", 1) as f64, 0.0_f64, attempts);
    while left > 0 {
        // From here on all delays are the same, or too long to matter.
        if wait >= longest || rate == 1.0 || waits > 1e12 {
            waits += wait.min(longest) * left as f64;
            break;
        }
        waits += wait;
        wait *= rate;
        left -= 1;
    }
    // `as` saturates: a float that is too large becomes the largest number.
    (attempts, waits.ceil() as u64)
}
