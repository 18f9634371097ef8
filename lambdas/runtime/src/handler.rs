//! The handler of a function, and its errors.

use function_contract::{Contract, error::ErrorNames, kept::Kept};
use serde::de::DeserializeOwned;

use crate::{moment::Moment, port::Fault};

/// The handler of a function with the contract `C`.
pub trait Handler<C: Contract> {
    /// Handles one event.
    fn handle(
        &self,
        input: C::Input,
        invocation: &Invocation,
    ) -> impl Future<Output = Result<C::Output, Failure<C::Error>>>;
}

/// Lambda's data about one invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: String,
    /// The time at which Lambda ends the invocation.
    pub deadline: Moment,
}

/// Why an invocation failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure<E> {
    /// An error that the function raises on purpose, with a name from its contract. Every state machine that calls the
    /// function has a route for it.
    Named {
        /// The name.
        error: E,
        /// The cause, for people.
        cause: String,
    },
    /// A call to an AWS service failed. A retry may help.
    Fault(Fault),
}

impl<E> From<Fault> for Failure<E> {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

/// The error name of [`Failure::Fault`] in a state machine.
pub const SERVICE_FAULT: &str = "ServiceFault";

/// The error name for an event that does not have the function's input type.
pub const UNREADABLE_INPUT: &str = "UnreadableInput";

/// An error in the form in which Lambda reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The error name, which the routes of a state machine match.
    pub name: &'static str,
    /// The cause, for people.
    pub cause: Kept,
}

impl Raised {
    /// Returns an error with the beginning of `cause`.
    pub fn new(name: &'static str, cause: String) -> Self {
        Raised { name, cause: cause.into() }
    }
}

impl<E: ErrorNames> From<Failure<E>> for Raised {
    fn from(failure: Failure<E>) -> Self {
        match failure {
            Failure::Named { error, cause } => Raised::new(error.name(), cause),
            Failure::Fault(fault) => Raised::new(SERVICE_FAULT, fault.to_string()),
        }
    }
}

/// Parses an event, and passes it to the handler.
///
/// # Errors
///
/// Returns the handler's error, or [`UNREADABLE_INPUT`] if the event does not have the function's input type.
pub async fn answer<C, H>(
    handler: &H,
    event: &str,
    invocation: &Invocation,
) -> Result<C::Output, Raised>
where
    C: Contract<Input: DeserializeOwned>,
    H: Handler<C>,
{
    let input = serde_json::from_str::<C::Input>(event).map_err(|err| {
        tracing::error!(error = %err, "the event does not have this function's input type");
        let cause = format!("the event does not have this function's input type: {err}");
        Raised::new(UNREADABLE_INPUT, cause)
    })?;
    handler.handle(input, invocation).await.map_err(|failure| {
        // A handler logs the errors that it raises on purpose.
        if let Failure::Fault(fault) = &failure {
            tracing::error!(error = %fault, "a call to an AWS service failed");
        }
        Raised::from(failure)
    })
}
