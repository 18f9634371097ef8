//! Mistakes that a test makes on purpose, to see that an invariant breaks.
//!
//! Each is made outside of the functions: in their events, in their writes and answers, or in
//! AWS. Another machine, environment or queue is a change of [`Facts`](crate::facts::Facts).

use runtime::port::Write;
use serde_json::Value;

/// The name that [`Mistake::writes`] gets for the writes of states.
pub const MACHINE: &str = "order_machine";

/// Deliberate deviations from the system as written. None by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mistake {
    /// Changes the event that a function is called with.
    pub event: Option<fn(&str, &mut Value)>,
    /// Changes the answer of a function.
    pub answer: Option<fn(&str, &Value, &mut Value)>,
    /// Changes what a function, or [`MACHINE`], writes with one call. If no write is left, the call succeeds.
    pub writes: Option<fn(&str, &mut Vec<Write>)>,
    /// A failed StartExecution counts as successful.
    pub believes_starts: bool,
    /// A function whose GetItem returns the item as it was before the last write.
    pub reads_before: Option<&'static str>,
    /// How often each metric is counted, rather than once.
    pub counts: Option<u32>,
    /// StartExecution accepts a used name, and answers as if it had started an execution.
    pub names_are_free: bool,
    /// DescribeExecution shows half of the ended executions as running.
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
