//! The calls of Step Functions that functions make.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html>

use super::Fault;

/// Starts an execution under a name that is unique for 90 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartExecution {
    /// The machine's ARN.
    pub machine: String,
    /// The execution's name.
    pub name: String,
    /// The input, JSON.
    pub input: String,
}

/// Reads where an execution stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeExecution {
    /// The execution's ARN.
    pub execution: String,
}

/// Where an execution stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Running, or how it ended.
    pub status: ExecutionStatus,
    /// What it was started with, JSON.
    pub input: String,
    /// The error it ended with.
    pub error: Option<String>,
    /// And its cause.
    pub cause: Option<String>,
}

/// Whether an execution runs, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// It runs, waits to be run again, or has timed out and may be redriven.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended otherwise: failed or was stopped.
    Failed,
}

/// Why an execution was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// There was one of this name in the last 90 days.
    #[error("an execution with this name already exists")]
    AlreadyExists,
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Step Functions.
pub trait Sfn {
    /// Starts an execution.
    fn start_execution(&self, call: StartExecution)
    -> impl Future<Output = Result<(), StartError>>;

    /// Reads where an execution stands; `None` where there is none.
    fn describe_execution(
        &self,
        call: DescribeExecution,
    ) -> impl Future<Output = Result<Option<Execution>, Fault>>;
}
