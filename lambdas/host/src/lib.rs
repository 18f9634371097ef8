//! Runs a function's real binary, as Lambda does: the process, the runtime API, events in, answers and
//! logs out, and AWS around it. For tests.
//!
//! - [`Function`]: the process. Start here.
//! - [`Answer`]: what it says to an event.
//! - [`Output`]: what it prints.
//! - [`aws`]: tables, a queue and machines that it can call.
//!
//! Whatever does not go as it should ends the test with a panic that holds all that the function
//! printed: a test can do nothing else about it. Every wait has an end.

mod answer;
pub mod aws;
mod calls;
mod environment;
mod function;
mod output;

pub use answer::Answer;
pub use calls::TRACE;
pub use function::{Ended, Function};
pub use output::Output;
