//! Checks error names: that they exist, and that each can match where it is listed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::scope::{Report, Scope, State};

/// The names that begin with `States.` and that AWS defines.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
const DEFINED: [&str; 17] = [
    "States.ALL",
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
];

pub(super) fn check(state: &State<'_>, report: &mut Report<'_>) {
    order(state, "Retry", "asl/retry-order", report);
    order(state, "Catch", "asl/catch-order", report);
    let handled = ["Retry", "Catch"].into_iter().flat_map(|it| state.list(it)).flat_map(names);
    let raised = state.text("Error").filter(|_| state.kind() == "Fail");
    let unknown: BTreeSet<&str> = handled.chain(raised).filter(|it| !is_known(it)).collect();
    for name in unknown {
        report.at(
            &state.place,
            "asl/error-name",
            format!("the error `{name}` begins with `States.`, but AWS defines no such error"),
            "use a name that AWS defines, or one that does not begin with `States.`",
        );
    }
}

/// The error of a canceled DynamoDB transaction. Its reason may be a failed condition, a conflict with another
/// transaction, a throttled table, or an invalid item. Only the cause of the error has the reason.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const CANCELED: &str = "DynamoDb.TransactionCanceledException";

/// Finds a `Catch` that handles all canceled transactions in the same way, whatever the reason.
pub(super) fn canceled(scope: &Scope<'_>, state: &State<'_>, report: &mut Report<'_>) {
    for (at, item) in state.list("Catch").enumerate() {
        let to = item.get("Next").and_then(Value::as_str).and_then(|it| scope.state(it));
        let Some(to) = to.filter(|it| !matches!(it.kind(), "Choice" | "Fail")) else { continue };
        if names(item).any(|it| it == CANCELED) {
            report.at(
                &state.place,
                "asl/canceled-transaction",
                format!(
                    "`Catch[{at}]` sends every canceled transaction to `{}`, even one that was only throttled",
                    to.name
                ),
                "catch it with a Choice that inspects the error's cause, or with a Fail",
            );
        }
    }
}

/// The names in `ErrorEquals`.
pub(super) fn names(item: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let names = item.get("ErrorEquals").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str)
}

fn is_known(name: &str) -> bool {
    !name.starts_with("States.")
        || DEFINED.contains(&name)
        // An HTTP task has one error name for each status code.
        || name.strip_prefix("States.Http.StatusCode.").is_some_and(|it| it.parse::<u16>().is_ok())
}

/// Finds names that never apply. Step Functions takes the first item that matches, so a name is dead behind a wider one.
fn order(state: &State<'_>, field: &str, rule: &'static str, report: &mut Report<'_>) {
    let items: Vec<Vec<&str>> = state.list(field).map(|it| names(it).collect()).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        let all = item.contains(&"States.ALL");
        if all && item.len() > 1 {
            report.at(
                &state.place,
                rule,
                format!("`{field}[{at}]` names `States.ALL` next to other errors"),
                "give `States.ALL` an item of its own",
            );
        }
        if all && at + 1 < items.len() {
            report.at(
                &state.place,
                rule,
                format!("`{field}[{at}]` names `States.ALL`, but is not the last item"),
                "move it to the end of the list",
            );
        }
        let failed = seen.contains("States.TaskFailed");
        for name in item {
            let dead = match seen.insert(name) {
                false => "named before",
                // `States.TaskFailed` matches every error of a task except a timeout.
                true if failed && !name.starts_with("States.") => "covered by `States.TaskFailed`",
                true => continue,
            };
            report.at(
                &state.place,
                rule,
                format!("`{field}[{at}]` names `{name}`, which is {dead}, so it never applies"),
                "remove it, or move it to the front",
            );
        }
    }
}
