//! What an execution asks of its caller.

use std::{error, fmt, sync::Arc, time::Duration};

use serde_json::Value;

use crate::{failure::Failure, retry::Jitter};

/// What has to happen now.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "the execution waits for this"]
pub enum Next {
    /// Run a task, and answer with [`crate::Execution::task_succeeded`] or
    /// [`crate::Execution::task_failed`].
    Task(Task),
    /// Call [`crate::Execution::woke`] after this.
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
    /// What is called, as `arn:aws:states:::lambda:invoke`.
    pub resource: Arc<str>,
    /// What it is called with.
    pub arguments: Value,
    /// After this the attempt has failed with [`Failure::timeout`].
    pub timeout: Duration,
    /// How many attempts went before this one, since the state was entered.
    pub retries: u32,
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    pub(crate) longest: Duration,
    pub(crate) jitter: Jitter,
}

impl Wait {
    /// The delay: of a Wait state or of a retry. `random` is asked for a retry with jitter: it gives a
    /// delay from nothing to the longest one.
    pub fn choose(self, random: impl FnOnce(Duration) -> Duration) -> Duration {
        match self.jitter {
            Jitter::None => self.longest,
            Jitter::Full => random(self.longest).min(self.longest),
        }
    }

    /// The longest delay there can be.
    pub fn longest(self) -> Duration {
        self.longest
    }

    /// How the delay is spread.
    pub fn jitter(self) -> Jitter {
        self.jitter
    }
}

/// The execution awaits something else. It stands where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfTurn {
    /// What it awaits: a task's end, the end of a delay, or nothing more.
    pub awaits: Awaits,
}

/// What an execution awaits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// The end of a task.
    Task,
    /// The delay before a task is tried again.
    Retry,
    /// The delay of a Wait state.
    Wait,
    /// Nothing: it has ended.
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
