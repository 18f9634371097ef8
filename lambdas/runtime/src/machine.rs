//! A typed client for a state machine. It has only the calls that the permission includes, and starts the machine with
//! its input type.

use function_contract::{
    env::Access,
    kind::{self, Includes, StateMachine},
    path::Payload,
};

use crate::port::{
    Call, DescribeExecution, Execution, ExecutionStatus, Fault, Sfn, StartError, StartExecution,
};

/// A client for a state machine with the input `I`. It has the calls that `A` includes.
#[derive(Debug)]
pub struct MachineClient<'a, S, I, A> {
    aws: &'a S,
    access: &'a Access<StateMachine<I>, A>,
}

/// Returns a client for the state machine behind `access`.
pub fn machine<'a, S: Sfn, I: Payload, A>(
    aws: &'a S,
    access: &'a Access<StateMachine<I>, A>,
) -> MachineClient<'a, S, I, A> {
    MachineClient { aws, access }
}

/// The status and the input of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Started<I> {
    /// The status.
    pub status: ExecutionStatus,
    /// The input.
    pub input: I,
    /// The error with which the execution ended, and its cause.
    pub error: Option<(String, String)>,
}

impl<'a, S: Sfn, I: Payload, A> MachineClient<'a, S, I, A> {
    /// Starts an execution with this name.
    ///
    /// # Errors
    ///
    /// If the name was already used, or the call fails. After a failed call, the execution may run all the same.
    ///
    /// # Panics
    ///
    /// Never: payloads have a JSON form.
    pub fn start<At>(&self, name: &str, input: &I) -> Call<'a, Result<(), StartError>>
    where
        A: Includes<kind::StartExecution, At>,
    {
        let machine = self.access.address().to_owned();
        let input = serde_json::to_string(input).expect("payloads have a JSON form");
        let call = StartExecution { machine, name: name.to_owned(), input };
        Box::pin(self.aws.start_execution(call))
    }

    /// Returns the execution with this name, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the call fails, or the execution's input is not an `I`.
    pub fn describe<At>(&self, name: &str) -> Call<'a, Result<Option<Started<I>>, Fault>>
    where
        A: Includes<kind::DescribeExecution, At>,
    {
        // The execution's ARN is the machine's ARN with `execution` instead of `stateMachine`, followed by the name.
        // The policy of the role has the same form.
        let of = self.access.address().replacen(":stateMachine:", ":execution:", 1);
        let call = DescribeExecution { execution: format!("{of}:{name}") };
        let aws = self.aws;
        Box::pin(async move {
            let Some(Execution { status, input, error, cause }) =
                aws.describe_execution(call).await?
            else {
                return Ok(None);
            };
            let input = serde_json::from_str(&input).map_err(|err| Fault::Unreadable {
                service: "Step Functions",
                problem: format!("the execution's input does not have the expected type: {err}"),
            })?;
            let error = error.map(|error| (error, cause.unwrap_or_default()));
            Ok(Some(Started { status, input, error }))
        })
    }
}
