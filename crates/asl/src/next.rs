//! The requests of an execution to its caller.

use std::{error, fmt, sync::Arc, time::Duration};

use serde_json::Value;

use crate::{failure::Failure, retry::Jitter};

/// The next request of an execution.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "the execution waits for this"]
pub enum Next {
    /// Run a task, and report its end with [`crate::Execution::task_succeeded`] or
    /// [`crate::Execution::task_failed`].
    Task(Task),
    /// Wait for this delay, and then call [`crate::Execution::woke`].
    Wait(Wait),
    /// The execution has ended, with this output.
    Succeeded(Value),
    /// The execution has ended, with this error.
    Failed(Failure),
}

/// One attempt of a Task state: "Task state" in <https://states-language.net/spec.html>.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The state's name.
    pub state: Arc<str>,
    /// The integration to call, such as `arn:aws:states:::lambda:invoke`.
    pub resource: Arc<str>,
    /// The arguments of the call.
    pub arguments: Value,
    /// The timeout, after which the caller must report [`Failure::timeout`].
    pub timeout: Duration,
    /// The number of earlier attempts since the state was entered.
    pub retries: u32,
}

/// A delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    pub(crate) longest: Duration,
    pub(crate) jitter: Jitter,
}

impl Wait {
    /// Returns the delay of a Wait state or of a retry. For a retry with jitter, `random` chooses it between zero and
    /// the longest delay.
    pub fn choose(self, random: impl FnOnce(Duration) -> Duration) -> Duration {
        match self.jitter {
            Jitter::None => self.longest,
            Jitter::Full => random(self.longest).min(self.longest),
        }
    }

    /// Returns the longest possible delay.
    pub fn longest(self) -> Duration {
        self.longest
    }

    /// Returns the jitter of the delay.
    pub fn jitter(self) -> Jitter {
        self.jitter
    }
}

/// The error of a report that the execution does not wait for. The execution is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfTurn {
    /// The event that the execution waits for.
    pub awaits: Awaits,
}

/// The events that an execution can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// The end of a task.
    Task,
    /// The delay before the retry of a task.
    Retry,
    /// The delay of a Wait state.
    Wait,
    /// Nothing, because the execution has ended.
    Nothing,
}

impl fmt::Display for OutOfTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.awaits {
            Awaits::Task => "the execution waits for the end of a task",
            Awaits::Retry => "the execution waits for the delay before it retries a task",
            Awaits::Wait => "the execution waits for the end of a Wait state",
            Awaits::Nothing => "the execution has ended",
        })
    }
}

impl error::Error for OutOfTurn {}
