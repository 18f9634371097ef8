//! What a function is, and how it fails.

use contracts::{Contract, error::ErrorNames, kept::Kept};
use serde::de::DeserializeOwned;

use crate::{moment::Moment, port::Fault};

/// A function that keeps the contract `C`.
pub trait Handler<C: Contract> {
    /// Answers one event.
    fn handle(
        &self,
        input: C::Input,
        invocation: &Invocation,
    ) -> impl Future<Output = Result<C::Output, Failure<C::Error>>>;
}

/// What is known about one call of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's id of it.
    pub request_id: String,
    /// When Lambda ends it.
    pub deadline: Moment,
}

/// Why a function gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure<E> {
    /// On purpose, by a name of its contract. Every state machine that calls it has a route for it.
    Named {
        /// The name.
        error: E,
        /// What a person wants to know.
        cause: String,
    },
    /// A service did not do its part. Another attempt may help.
    Fault(Fault),
}

impl<E> From<Fault> for Failure<E> {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

/// The name of [`Failure::Fault`], as a state machine sees it.
pub const SERVICE_FAULT: &str = "ServiceFault";

/// The name of the error where an event is none of the function's.
pub const UNREADABLE_INPUT: &str = "UnreadableInput";

/// An error as it leaves a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// What a state machine's routes look for.
    pub name: &'static str,
    /// What a person wants to know.
    pub cause: Kept,
}

impl Raised {
    /// An error with the beginning of its cause.
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

/// Answers one event that is still text.
///
/// # Errors
///
/// What the function raises; also where the event is none of its own.
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
        // What a handler raises on purpose, it has said itself.
        if let Failure::Fault(fault) = &failure {
            tracing::error!(error = %fault, "a call to an AWS service failed");
        }
        Raised::from(failure)
    })
}
