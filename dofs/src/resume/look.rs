//! Decides whether a redrive can help a failed execution.

use aws_sdk_sfn::types::{ExecutionRedriveStatus, ExecutionStatus};

use super::lost::Lost;
use crate::{
    execution::{self, Execution, Kind, State},
    system::Services,
};

/// Errors that `States.ALL` does not catch, so they end an execution of a machine that catches all others. After a redrive, the
/// state fails in the same way, because its definition and its input are the same. An execution with a full history ends with
/// the first of these errors, too.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation>
const TERMINAL: [&str; 2] = ["States.Runtime", "States.DataLimitExceeded"];

/// Reads a failed execution: with one call, and a second one if the first does not decide it.
pub(super) async fn look(system: &Services, lost: &mut Lost) -> anyhow::Result<()> {
    match execution::of(system, &lost.order).await? {
        Some(execution) => judge(system, lost, execution).await,
        None => {
            lost.refuse("Step Functions no longer has the execution".to_owned());
            Ok(())
        }
    }
}

/// Decides from its execution whether an order can be redriven.
pub(super) async fn judge(
    system: &Services,
    lost: &mut Lost,
    execution: Execution,
) -> anyhow::Result<()> {
    let refused = refused(&execution);
    lost.error = execution.error;
    if let Some(why) = refused {
        lost.refuse(why);
    } else if execution.status == ExecutionStatus::Failed.as_str() {
        // A Fail state ends with an error that the machine defines, so only the history distinguishes a Fail state from a Task.
        let state = execution::last_state(system, &lost.order).await?;
        match fails_again(state.as_ref()) {
            Some(why) => lost.refuse(why),
            None => lost.redrivable = Some(true),
        }
        lost.state = state.map(|it| it.name);
    } else {
        lost.redrivable = Some(true);
    }
    Ok(())
}

/// Returns why Step Functions would refuse a redrive, or why it would fail with the same error.
fn refused(execution: &Execution) -> Option<String> {
    if execution.redrive_status.as_deref() == Some(ExecutionRedriveStatus::NotRedrivable.as_str()) {
        let why = execution.redrive_status_reason.clone();
        return Some(why.unwrap_or_else(|| "Step Functions refuses to redrive it".to_owned()));
    }
    let error = execution.error.as_deref().filter(|it| TERMINAL.contains(it))?;
    Some(format!("it would fail with {error} again"))
}

/// Returns why a redrive would fail in this state again. A Task runs again, so it may succeed. A Fail state always fails, and
/// any other state has the same definition and input as before.
fn fails_again(state: Option<&State>) -> Option<String> {
    match state.map(|it| it.kind) {
        Some(Kind::Task) => None,
        Some(Kind::Fail) => Some("it would enter the same Fail state again".to_owned()),
        Some(Kind::Other) => Some("the state would fail again".to_owned()),
        None => Some("it entered no state".to_owned()),
    }
}
