//! Errors that any call can have.

/// An error of a call that failed, or whose result is unknown.
///
/// The messages are for logs. They contain services and error codes, but no data of an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The service throttled the call.
    #[error("{service} throttled the call: {code}")]
    Throttled {
        /// The service.
        service: &'static str,
        /// AWS's error code.
        code: String,
    },
    /// No response in time, no connection, or an internal error of the service. The call may have taken effect all the
    /// same.
    #[error("{service} is unavailable: {reason}")]
    Unavailable {
        /// The service.
        service: &'static str,
        /// The observed failure.
        reason: String,
    },
    /// The service refused the call. A retry does not help.
    #[error("{service} refused the call: {code}: {message}")]
    Refused {
        /// The service.
        service: &'static str,
        /// AWS's error code.
        code: String,
        /// AWS's error message.
        message: String,
    },
    /// The service sent a response that cannot be read.
    #[error("{service} sent an answer that cannot be read: {problem}")]
    Unreadable {
        /// The service.
        service: &'static str,
        /// Why the response cannot be read.
        problem: String,
    },
}
