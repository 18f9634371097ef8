//! The errors with which DynamoDB refuses a write.

use runtime::port::{Fault, WriteError};

/// The error of a refused write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `ConditionalCheckFailedException`
    #[error("the condition does not hold")]
    ConditionFailed,
    /// `TransactionCanceledException`: the code of the reason for each write, in the order of the request. `None` is the
    /// code of a write that did not cancel the transaction.
    #[error("the transaction is canceled: {}", .0.join(", "))]
    Canceled(Vec<&'static str>),
    /// Another error: its code, and its text.
    #[error("{0}: {1}")]
    Error(&'static str, String),
}

/// The code of the reason if a condition is false.
pub const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// The code of a write that did not cancel the transaction.
pub const NO_REASON: &str = "None";

impl Refusal {
    /// A request that DynamoDB refuses from every caller.
    pub(crate) fn invalid(message: String) -> Self {
        Refusal::Error("ValidationException", message)
    }
}

/// Returns the error as a function's typed client reports it.
impl From<Refusal> for WriteError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::ConditionFailed => return WriteError::ConditionFailed,
            Refusal::Canceled(reasons) if reasons.contains(&CONDITION_FAILED) => {
                return WriteError::ConditionFailed;
            }
            Refusal::Canceled(reasons) => {
                let reason = reasons.into_iter().find(|it| *it != NO_REASON);
                (reason.unwrap_or("TransactionCanceled"), "the transaction was canceled".to_owned())
            }
            Refusal::Error(code, message) => (code, message),
        };
        WriteError::Fault(Fault::Refused { service: "DynamoDB", code: code.to_owned(), message })
    }
}
