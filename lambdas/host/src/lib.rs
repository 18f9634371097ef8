//! Runs a function's real binary, as Lambda does: the process, the runtime API, events in, answers and
//! logs out. For tests.
//!
//! - [`Function`]: the process. Start here.
//! - [`Answer`]: what it says to an event.
//! - [`Output`]: what it prints.
//!
//! Whatever does not go as it should ends the test with a panic that holds all that the function
//! printed: a test can do nothing else about it. Every wait has an end.

mod answer;
mod calls;
mod environment;
mod function;
mod output;

pub use answer::Answer;
pub use function::{Ended, Function};
pub use output::Output;
