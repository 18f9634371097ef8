//! Checks the definition of a state machine in the Amazon States Language.
//!
//! Only the JSONata query language is accepted. Strings may contain Terraform's placeholders
//! (`${validator_alias_arn}`) for names, URLs and ARNs, which are not checked.
//!
//! `schema` checks which fields are allowed where, and the other modules check their meaning. Each mistake is reported
//! once, by the most specific rule.
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
mod token;

use serde_json::Value;

use self::scope::{Report, Scope};
use super::Violation;

/// Compiles the JSON Schema.
pub(super) fn get_ready() {
    schema::SCHEMA.compiled();
}

/// Every violation in the definition of the state machine at the Terraform address `address`.
pub fn check(address: &str, document: &Value) -> Vec<Violation> {
    let mut report = Report::new(address);
    schema::check(document, &mut report);
    let scopes = scope::all(document);
    let timeout = document.get("TimeoutSeconds").and_then(Value::as_u64);
    for scope in &scopes {
        graph::check(scope, timeout, &mut report);
        token::check(scope, &mut report);
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

/// Returns the longest time that an execution can take, in seconds. `None` if it has no bound: a loop without a Wait, or a
/// task without a timeout. A loop with a Wait counts once, because the timeout of the machine ends it.
///
/// The calculation assumes that each attempt of a task takes all of its `TimeoutSeconds`, that every retrier uses all of
/// its attempts, that each delay is as long as jitter can make it, and that the execution takes the longest path, through
/// `Catch` too. Values that are known only during an execution count as the least: a Map over an unknown list as one
/// iteration, and a Wait for an unknown time as zero.
pub fn worst_case_seconds(document: &Value) -> Option<u64> {
    time::worst_case(document)
}

/// Returns how many states an execution enters at most, without retries and without repeats of a loop with a Wait. Step
/// Functions retries an error before a `Catch` handles it, so only a `Catch` of errors without attempts counts. `None` if
/// the number has no bound: a loop without a Wait, or a Map over a list that is known only during an execution.
pub fn most_transitions(document: &Value) -> Option<u64> {
    time::transitions(document)
}

/// Returns the names of all Task states with their `Resource`, including those inside Parallel and Map.
pub fn task_states(document: &Value) -> Vec<(&str, &str)> {
    let states = scope::all(document).into_iter().flat_map(|scope: Scope<'_>| scope.states);
    states
        .filter(|state| state.kind() == "Task")
        .map(|state| (state.name, state.text("Resource").unwrap_or_default()))
        .collect()
}

/// The largest definition that AWS accepts: one megabyte.
///
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html>
const MAX_BYTES: usize = 1_048_576;

fn size(document: &Value, report: &mut Report<'_>) {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, document).expect("counting bytes never fails");
    if count.0 > MAX_BYTES {
        report.machine(
            "asl/size",
            format!("the definition has {} bytes; AWS accepts at most {MAX_BYTES}", count.0),
            "move a part of it into another state machine",
        );
    }
}

/// A writer that counts bytes.
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
