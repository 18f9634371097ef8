//! Mistakes that a test makes on purpose, to see that an invariant breaks.
//!
//! Each is made from outside of the functions: in what they are called with, in what they write and answer, or in what
//! AWS does. Another machine, environment or queue is a matter of [`Facts`](crate::facts::Facts).

use runtime::port::Write;
use serde_json::Value;

/// The name under which [`Mistake::writes`] hears of what the states write themselves.
pub const MACHINE: &str = "order_machine";

/// Deliberate deviations from the system as written. None by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mistake {
    /// Changes the event that a function is called with.
    pub event: Option<fn(&str, &mut Value)>,
    /// Changes what a function answers to an event.
    pub answer: Option<fn(&str, &Value, &mut Value)>,
    /// Changes what a function, or [`MACHINE`], writes with one call. If no write is left, the call succeeds.
    pub writes: Option<fn(&str, &mut Vec<Write>)>,
    /// StartExecution that comes to nothing is taken for done.
    pub believes_starts: bool,
    /// A function whose GetItem gives the item as it was before the last write.
    pub reads_before: Option<&'static str>,
    /// How often each metric is counted, rather than once.
    pub counts: Option<u32>,
    /// StartExecution takes a name that an execution has had, and answers as if it had started one.
    pub names_are_free: bool,
    /// DescribeExecution says, half of the times, that an execution runs that has ended.
    pub describes_before: bool,
    /// DeleteMessage deletes nothing.
    pub keeps_messages: bool,
    /// A delay of a state, and a state's timeout, never end.
    pub sleeps_for_ever: bool,
}

impl Mistake {
    /// Returns the writes after the deviations.
    pub(crate) fn written(&self, who: &str, mut writes: Vec<Write>) -> Vec<Write> {
        if let Some(change) = self.writes {
            change(who, &mut writes);
        }
        writes
    }
}
