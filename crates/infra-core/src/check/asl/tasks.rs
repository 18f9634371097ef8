//! Checks tasks: their timeouts, and their routes after a failure.

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
            "the task has no `TimeoutSeconds`, so a lost answer blocks the execution until the machine's timeout",
            "add `TimeoutSeconds`",
        );
    };
    let Some(timeout) = value.as_u64() else {
        // The schema reports other types.
        if value.is_string() {
            report.at(
                &state.place,
                rule,
                "`TimeoutSeconds` is an expression, so the longest time of the machine is not known",
                "use a number",
            );
        }
        return;
    };
    let heartbeat = state.number("HeartbeatSeconds");
    if let Some(heartbeat) = heartbeat.filter(|it| *it >= timeout) {
        report.at(
            &state.place,
            rule,
            format!("`HeartbeatSeconds` is {heartbeat}, not less than the timeout of {timeout}"),
            "make the heartbeat shorter than the timeout",
        );
    }
}

fn routes(state: &State<'_>, report: &mut Report<'_>) {
    if state.list("Retry").next().is_none() {
        report.at(
            &state.place,
            "asl/task-retry",
            "the task has no `Retry`, so a transient error fails the execution",
            "add a retrier for transient errors",
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

/// Checks limits between two fields of a retrier. The schema checks the limits of single fields.
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
            "make it larger than `IntervalSeconds`",
        );
    }
    let jitter = retrier.get("JitterStrategy");
    let none = jitter.is_none_or(|it| it == "NONE");
    if none && number("MaxAttempts") != Some(0) {
        report.at(
            &state.place,
            "asl/retry-jitter",
            format!(
                "`Retry[{at}]` has no jitter, so executions that failed together retry together"
            ),
            "add `\"JitterStrategy\": \"FULL\"`",
        );
    }
}
