//! Errors of states and executions, and the names that match them.
//!
//! <https://states-language.net/spec.html#appendix-a>

use std::fmt;

use serde_json::{Map, Value};

/// The wildcard.
pub(crate) const ALL: &str = "States.ALL";
const TASK_FAILED: &str = "States.TaskFailed";
/// An error that nothing retries or catches.
pub(crate) const RUNTIME: &str = "States.Runtime";
pub(crate) const DATA_LIMIT: &str = "States.DataLimitExceeded";
/// A task took longer than its state allows.
pub(crate) const TIMEOUT: &str = "States.Timeout";
/// An expression failed, returned nothing, or returned a value of the wrong type for its field.
pub(crate) const QUERY: &str = "States.QueryEvaluationError";
/// No rule of a Choice was true, and it has no `Default`.
pub(crate) const NO_CHOICE: &str = "States.NoChoiceMatched";

/// An error: its name, and its cause if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The name, which `Retry` and `Catch` match.
    pub error: String,
    /// The cause. AWS leaves it out for some errors, such as the timeout of a task.
    pub cause: Option<String>,
}

impl Failure {
    /// Returns a failure with a cause.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Failure { error: error.into(), cause: Some(cause.into()) }
    }

    /// Returns `States.Timeout`, the failure of a task that took longer than [`crate::Task::timeout`]. On AWS, it has
    /// no cause.
    pub fn timeout() -> Self {
        Failure { error: TIMEOUT.to_owned(), cause: None }
    }

    /// Returns the value of `$states.errorOutput`.
    pub(crate) fn to_output(&self) -> Value {
        let mut output = Map::new();
        output.insert("Error".to_owned(), self.error.as_str().into());
        if let Some(cause) = &self.cause {
            output.insert("Cause".to_owned(), cause.as_str().into());
        }
        Value::Object(output)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{}: {cause}", self.error),
            None => f.write_str(&self.error),
        }
    }
}

/// Whether one of the names in `ErrorEquals` matches the error.
///
/// - `States.Runtime` is never retried and never caught.
/// - `States.DataLimitExceeded` is matched by its own name alone.
/// - `States.TaskFailed` matches every other error except `States.Timeout`.
/// - `States.ALL` matches every other error.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
pub(crate) fn matches(names: &[String], error: &str) -> bool {
    let wide = error != DATA_LIMIT;
    error != RUNTIME
        && names.iter().any(|name| match name.as_str() {
            ALL => wide,
            TASK_FAILED => wide && error != TIMEOUT,
            name => name == error,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_errors() {
        check("OrderInvalid", "OrderInvalid", true);
        check("OrderInvalid", "orderinvalid", false);
        check("A|B", "B", true);
        check("A|B", "C", false);
        check("", "A", false);
        check("States.ALL", "OrderInvalid", true);
        check("States.ALL", "States.Timeout", true);
        check("States.ALL", "States.TaskFailed", true);
        check("States.ALL", "States.QueryEvaluationError", true);
        check("States.ALL", "States.Permissions", true);
        check("States.ALL", "States.Runtime", false);
        check("States.ALL", "States.DataLimitExceeded", false);
        check("States.TaskFailed", "OrderInvalid", true);
        check("States.TaskFailed", "States.TaskFailed", true);
        check("States.TaskFailed", "States.Permissions", true);
        check("States.TaskFailed", "States.QueryEvaluationError", true);
        check("States.TaskFailed", "States.Timeout", false);
        check("States.TaskFailed", "States.DataLimitExceeded", false);
        check("States.TaskFailed|States.Timeout", "States.Timeout", true);
        check("States.Timeout", "States.HeartbeatTimeout", false);
        check("States.DataLimitExceeded", "States.DataLimitExceeded", true);
        check("States.Runtime", "States.Runtime", false);
    }

    fn check(names: &str, error: &str, expected: bool) {
        let list: Vec<String> = names.split('|').map(str::to_owned).collect();
        assert_eq!(matches(&list, error), expected, "{names} and {error}");
    }
}
