//! What may go wrong with any call.

/// A call that came to nothing, or of which nobody knows what it came to.
///
/// The texts are for logs. They name services and codes, and hold nothing of an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too many calls for now.
    #[error("{service} throttled the call: {code}")]
    Throttled {
        /// Who says so.
        service: &'static str,
        /// In which words.
        code: String,
    },
    /// No answer in time, no connection, or an error of the service's own. The call may have
    /// happened all the same.
    #[error("{service} is unavailable: {reason}")]
    Unavailable {
        /// Who.
        service: &'static str,
        /// What was seen.
        reason: String,
    },
    /// The service does not take the call, and never will.
    #[error("{service} refused the call: {code}: {message}")]
    Refused {
        /// Who.
        service: &'static str,
        /// AWS's error code.
        code: String,
        /// And text.
        message: String,
    },
    /// It answered something that we cannot read.
    #[error("{service} sent an answer that cannot be read: {problem}")]
    Unreadable {
        /// Who.
        service: &'static str,
        /// Why not.
        problem: String,
    },
}
