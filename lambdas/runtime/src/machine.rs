//! A state machine's client: it offers what the right contains, and starts it with its own input.

use contracts::{
    env::Access,
    kind::{self, Includes, StateMachine},
    path::Payload,
};

use crate::port::{
    Call, DescribeExecution, Execution, ExecutionStatus, Fault, Sfn, StartError, StartExecution,
};

/// Calls on a state machine that is started with `I`, as far as `A` allows them.
#[derive(Debug)]
pub struct MachineClient<'a, S, I, A> {
    aws: &'a S,
    access: &'a Access<StateMachine<I>, A>,
}

/// A client for the state machine behind `access`.
pub fn machine<'a, S: Sfn, I: Payload, A>(
    aws: &'a S,
    access: &'a Access<StateMachine<I>, A>,
) -> MachineClient<'a, S, I, A> {
    MachineClient { aws, access }
}

/// Where an execution stands, and what it was started with.
#[derive(Debug, Clone, PartialEq)]
pub struct Started<I> {
    /// Running, or how it ended.
    pub status: ExecutionStatus,
    /// What it was started with.
    pub input: I,
    /// The error it ended with, and its cause.
    pub error: Option<(String, String)>,
}

impl<'a, S: Sfn, I: Payload, A> MachineClient<'a, S, I, A> {
    /// Starts an execution of this name.
    ///
    /// # Errors
    ///
    /// Where there was one, or the call fails. It may run all the same.
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

    /// Where the execution of this name stands; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Where the call fails, or the execution was started with something else than an `I`.
    pub fn describe<At>(&self, name: &str) -> Call<'a, Result<Option<Started<I>>, Fault>>
    where
        A: Includes<kind::DescribeExecution, At>,
    {
        // As the role's policy has it: the machine's ARN with another word, and the name behind.
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
