//! What a function says to an event.

use serde_json::Value;

/// What a function says to an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It did its part.
    Response(Value),
    /// It failed. A state machine routes by the type.
    Error {
        /// Its `errorType`.
        error_type: String,
        /// Its `errorMessage`.
        error_message: String,
    },
}

impl Answer {
    /// The response.
    ///
    /// # Panics
    ///
    /// Where it is an error.
    #[track_caller]
    pub fn response(self) -> Value {
        match self {
            Answer::Response(value) => value,
            Answer::Error { .. } => panic!("a response was due, not {self:?}"),
        }
    }

    /// The error's type and message.
    ///
    /// # Panics
    ///
    /// Where it is a response.
    #[track_caller]
    pub fn error(self) -> (String, String) {
        match self {
            Answer::Error { error_type, error_message } => (error_type, error_message),
            Answer::Response(_) => panic!("an error was due, not {self:?}"),
        }
    }
}
