//! What a function is, and how it fails.

use contracts::{Contract, error::ErrorNames};

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

impl<E: ErrorNames> Failure<E> {
    /// The name and the cause by which it leaves the function.
    pub fn name_and_cause(&self) -> (&'static str, String) {
        match self {
            Failure::Named { error, cause } => (error.name(), cause.clone()),
            Failure::Fault(fault) => (SERVICE_FAULT, fault.to_string()),
        }
    }
}
