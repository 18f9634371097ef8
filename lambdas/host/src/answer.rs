//! The result of an invocation.

use serde_json::Value;

/// The result of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The function's response.
    Response(Value),
    /// The function's error. State machines route by its type.
    Error {
        /// The `errorType`.
        error_type: String,
        /// The `errorMessage`.
        error_message: String,
    },
}

impl Answer {
    /// Returns the response.
    ///
    /// # Panics
    ///
    /// If the result is an error.
    #[track_caller]
    pub fn response(self) -> Value {
        match self {
            Answer::Response(value) => value,
            Answer::Error { .. } => {
                panic!("expected a response, and the function returned {self:?}")
            }
        }
    }

    /// Returns the error's type and message.
    ///
    /// # Panics
    ///
    /// If the result is a response.
    #[track_caller]
    pub fn error(self) -> (String, String) {
        match self {
            Answer::Error { error_type, error_message } => (error_type, error_message),
            Answer::Response(_) => panic!("expected an error, and the function returned {self:?}"),
        }
    }
}
