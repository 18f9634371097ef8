//! Runs the real binary of a function for tests, as Lambda does: the process, the runtime API, events, results and
//! logs, and an emulator of AWS.
//!
//! - [`Function`]: the process. Start here.
//! - [`Answer`]: the result of an event.
//! - [`Output`]: the logs and metrics that the function prints.
//! - [`aws`]: the tables, the queue and the state machines that the function can call.
//!
//! Every unexpected event ends the test with a panic that contains the complete output of the function. Every wait has
//! a timeout.

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
