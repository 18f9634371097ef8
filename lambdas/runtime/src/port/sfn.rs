//! The Step Functions calls that the functions make.
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
    /// The input as JSON.
    pub input: String,
}

/// Reads the status of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeExecution {
    /// The execution's ARN.
    pub execution: String,
}

/// An execution and its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The status.
    pub status: ExecutionStatus,
    /// The input as JSON.
    pub input: String,
    /// The error with which the execution ended.
    pub error: Option<String>,
    /// The cause of the error.
    pub cause: Option<String>,
}

/// The status of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// The execution runs, is about to run again after a redrive, or has timed out and may be redriven.
    Running,
    /// The execution succeeded.
    Succeeded,
    /// The execution failed or was stopped.
    Failed,
}

/// Why an execution was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// An execution with this name was started in the last 90 days.
    #[error("an execution with this name already exists")]
    AlreadyExists,
    /// Any other error.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Step Functions.
pub trait Sfn {
    /// Starts an execution.
    fn start_execution(&self, call: StartExecution)
    -> impl Future<Output = Result<(), StartError>>;

    /// Reads the status of an execution. Returns `None` if there is none.
    fn describe_execution(
        &self,
        call: DescribeExecution,
    ) -> impl Future<Output = Result<Option<Execution>, Fault>>;
}
