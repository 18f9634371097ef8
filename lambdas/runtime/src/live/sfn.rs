//! Calls Step Functions with the AWS SDK.

use aws_sdk_sfn::{
    Client,
    operation::describe_execution::DescribeExecutionError,
    operation::start_execution::StartExecutionError,
    types::{ExecutionRedriveStatus as RedriveStatus, ExecutionStatus as Status},
};
use futures::FutureExt as _;

use super::{
    Live, Settings, config,
    connect::{ask, patiently},
    due,
    fault::fault,
};
use crate::{
    port::{DescribeExecution, Execution, ExecutionStatus, Fault, Sfn, StartError, StartExecution},
    trace,
};

const SFN: &str = "Step Functions";

/// Creates a client with an open connection.
pub(super) async fn connect(settings: &Settings) -> Client {
    let client = Client::from_conf(config!(aws_sdk_sfn, settings));
    patiently(SFN, ask!(aws_sdk_sfn, client, list_state_machines)).await;
    client
}

impl Sfn for Live {
    async fn start_execution(&self, call: StartExecution) -> Result<(), StartError> {
        due(&self.sfn, SFN)?
            .start_execution()
            .state_machine_arn(call.machine)
            .name(call.name)
            .input(call.input)
            .set_trace_header(trace::header())
            .send()
            .boxed_local()
            .await
            .map(drop)
            .map_err(|err| match err.as_service_error() {
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => StartError::AlreadyExists,
                _ => fault(SFN, &err).into(),
            })
    }

    async fn describe_execution(
        &self,
        call: DescribeExecution,
    ) -> Result<Option<Execution>, Fault> {
        let answer = due(&self.sfn, SFN)?
            .describe_execution()
            .execution_arn(call.execution)
            .send()
            .boxed_local()
            .await;
        let found = match answer {
            Ok(found) => found,
            Err(err) => match err.as_service_error() {
                Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => return Ok(None),
                _ => return Err(fault(SFN, &err)),
            },
        };
        let status = match found.status {
            Status::Running | Status::PendingRedrive => ExecutionStatus::Running,
            // An execution that timed out may be redriven, so its result is still open.
            Status::TimedOut if found.redrive_status != Some(RedriveStatus::NotRedrivable) => {
                ExecutionStatus::Running
            }
            Status::Succeeded => ExecutionStatus::Succeeded,
            _ => ExecutionStatus::Failed,
        };
        Ok(Some(Execution {
            status,
            input: found.input.unwrap_or_default(),
            error: found.error,
            cause: found.cause,
        }))
    }
}
