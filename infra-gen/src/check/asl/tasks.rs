//! Tasks: how long they may take, and what happens when they fail.

use serde_json::{Map, Value};

use super::{
    errors::names,
    scope::{Report, State},
};

pub(super) fn check(state: &State<'_>, report: &mut Report<'_>) {
    if state.kind() == "Task" {
        timeout(state, report);
        routes(state, report);
    }
    for (at, retrier) in state.list("Retry").enumerate() {
        waits(state, at, retrier, report);
    }
}

fn timeout(state: &State<'_>, report: &mut Report<'_>) {
    let rule = "asl/task-timeout";
    let Some(value) = state.body.get("TimeoutSeconds") else {
        return report.at(
            &state.place,
            rule,
            "the task has no `TimeoutSeconds`, so a lost answer holds the run to its very end",
            "say how long the task may take",
        );
    };
    let Some(timeout) = value.as_u64() else {
        // Another type is told by the schema.
        if value.is_string() {
            report.at(
                &state.place,
                rule,
                "`TimeoutSeconds` is known only in a run, so the longest time is not known",
                "give a number",
            );
        }
        return;
    };
    let heartbeat = state.number("HeartbeatSeconds");
    if let Some(heartbeat) = heartbeat.filter(|it| *it >= timeout) {
        report.at(
            &state.place,
            rule,
            format!("`HeartbeatSeconds` is {heartbeat}, not less than the time-out of {timeout}"),
            "make the heartbeat shorter than the time-out",
        );
    }
}

fn routes(state: &State<'_>, report: &mut Report<'_>) {
    if state.list("Retry").next().is_none() {
        report.at(
            &state.place,
            "asl/task-retry",
            "the task has no `Retry`, so a fault that passes fails the run",
            "say which errors are tried again",
        );
    }
    let catches_all = state.list("Catch").any(|it| names(it).any(|name| name == "States.ALL"));
    if !catches_all {
        report.at(
            &state.place,
            "asl/task-catch",
            "the task has no `Catch` for `States.ALL`, so an error may have no route",
            "add a last catcher for `States.ALL`",
        );
    }
}

/// Limits that one field alone does not show; the schema has the others.
fn waits(state: &State<'_>, at: usize, retrier: &Map<String, Value>, report: &mut Report<'_>) {
    let number = |field| retrier.get(field).and_then(Value::as_u64);
    let interval = number("IntervalSeconds").unwrap_or(1);
    if let Some(longest) = number("MaxDelaySeconds").filter(|it| (1..=interval).contains(it)) {
        report.at(
            &state.place,
            "asl/retry-limits",
            format!(
                "`Retry[{at}].MaxDelaySeconds` is {longest}, not more than the interval of \
                 {interval}"
            ),
            "make the longest wait longer than the first",
        );
    }
    let jitter = retrier.get("JitterStrategy");
    let none = jitter.is_none_or(|it| it == "NONE");
    if none && number("MaxAttempts") != Some(0) {
        report.at(
            &state.place,
            "asl/retry-jitter",
            format!("`Retry[{at}]` has no jitter, so runs that failed together try again together"),
            "add `\"JitterStrategy\": \"FULL\"`",
        );
    }
}
