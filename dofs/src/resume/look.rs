//! Whether a redrive can lead a failed execution anywhere.

use aws_sdk_sfn::types::{ExecutionRedriveStatus, ExecutionStatus};

use super::lost::Lost;
use crate::{
    execution::{self, Execution, Kind, State},
    system::Services,
};

/// Errors that `States.ALL` does not catch, so they end a machine that catches all the others. The same state fails with them
/// again: its definition and its input are the same as before. An execution whose history is full has the first one, too.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation>
const TERMINAL: [&str; 2] = ["States.Runtime", "States.DataLimitExceeded"];

/// Looks at an execution that failed: one call, and a second one where the first does not tell.
pub(super) async fn look(system: &Services, lost: &mut Lost) -> anyhow::Result<()> {
    match execution::of(system, &lost.order).await? {
        Some(execution) => judge(system, lost, execution).await,
        None => {
            lost.refuse("Step Functions no longer has the execution".to_owned());
            Ok(())
        }
    }
}

/// Judges an order by what Step Functions says about its execution.
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
        // What ends in a Fail state has the error that the machine gave it: only the history tells it from a Task.
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

/// Why a redrive is refused, or fails with the same error again.
fn refused(execution: &Execution) -> Option<String> {
    if execution.redrive_status.as_deref() == Some(ExecutionRedriveStatus::NotRedrivable.as_str()) {
        let why = execution.redrive_status_reason.clone();
        return Some(why.unwrap_or_else(|| "Step Functions refuses to redrive it".to_owned()));
    }
    let error = execution.error.as_deref().filter(|it| TERMINAL.contains(it))?;
    Some(format!("it would fail with {error} again"))
}

/// Why a redrive of what failed in this state fails again. A Task is tried again. A Fail state only fails, and any other state
/// has the definition and the input that it had.
fn fails_again(state: Option<&State>) -> Option<String> {
    match state.map(|it| it.kind) {
        Some(Kind::Task) => None,
        Some(Kind::Fail) => Some("it would enter the same Fail state again".to_owned()),
        Some(Kind::Other) => Some("the state would fail again".to_owned()),
        None => Some("it entered no state".to_owned()),
    }
}
