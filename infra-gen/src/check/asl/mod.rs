//! State machines: everything about a definition in the Amazon States Language that can be known
//! to be wrong before AWS sees it.
//!
//! Only the JSONata query language is accepted. Strings may hold Terraform's placeholders
//! (`${validator_alias_arn}`): they stand for names, URLs and ARNs, and are not looked into.
//!
//! Two layers: `schema` says which fields may stand where, the other modules say what they may
//! mean. A mistake is told once, by the rule that knows most about it.
//!
//! <https://states-language.net/spec.html>

mod errors;
mod graph;
mod integration;
mod jsonata;
mod names;
mod scan;
mod schema;
mod scope;
mod tasks;
#[cfg(test)]
mod tests;
mod time;

use serde_json::Value;

use self::scope::{Report, Scope};
use super::Violation;

/// Compiles what the check needs, whatever the document.
pub(super) fn get_ready() {
    schema::SCHEMA.compiled();
}

/// Everything that is wrong with the machine at the Terraform address `address`.
pub fn check(address: &str, document: &Value) -> Vec<Violation> {
    let mut report = Report::new(address);
    schema::check(document, &mut report);
    let scopes = scope::all(document);
    let timeout = document.get("TimeoutSeconds").and_then(Value::as_u64);
    for scope in &scopes {
        graph::check(scope, timeout, &mut report);
        for state in &scope.states {
            tasks::check(state, &mut report);
            errors::check(state, &mut report);
            errors::canceled(scope, state, &mut report);
            integration::check(state, &mut report);
            jsonata::check(state, &mut report);
        }
    }
    names::check(&scopes, &mut report);
    time::check(document, &mut report);
    size(document, &mut report);
    report.violations()
}

/// The longest time the machine can take, in seconds. `None` where it has no bound (a loop without a
/// Wait) or a task has no time-out. A loop with a Wait counts once: the machine's time ends it.
///
/// Each attempt of a task takes all of its `TimeoutSeconds`, every attempt of every retrier is
/// used (each retrier counts its own), each wait between them is as long as jitter can make it,
/// and the longest way through the machine is taken, ways of `Catch` too. What only a run can tell
/// is taken at its least: a Map over a list that is not known counts as one round, and a Wait for
/// a time that is not known as nothing.
pub fn worst_case_seconds(document: &Value) -> Option<u64> {
    time::worst_case(document)
}

/// How many states a run enters at most if nothing is tried again, neither by `Retry` nor by a loop with a Wait. Step
/// Functions tries an error again before a `Catch` takes it, so this counts the `Catch` of errors without attempts alone.
/// `None` if the number has no bound: a loop without a Wait, or a Map over a list that only a run knows.
pub fn most_transitions(document: &Value) -> Option<u64> {
    time::transitions(document)
}

/// The names of all Task states with their `Resource`, those inside Parallel and Map too.
pub fn task_states(document: &Value) -> Vec<(&str, &str)> {
    let states = scope::all(document).into_iter().flat_map(|scope: Scope<'_>| scope.states);
    states
        .filter(|state| state.kind() == "Task")
        .map(|state| (state.name, state.text("Resource").unwrap_or_default()))
        .collect()
}

/// AWS takes a definition of up to one megabyte.
///
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html>
const MAX_BYTES: usize = 1_048_576;

fn size(document: &Value, report: &mut Report<'_>) {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, document).expect("a count takes any bytes");
    if count.0 > MAX_BYTES {
        report.machine(
            "asl/size",
            format!("the definition has {} bytes, and AWS takes {MAX_BYTES}", count.0),
            "move a part of it into a machine of its own",
        );
    }
}

/// Counts bytes. The text itself is not needed.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
