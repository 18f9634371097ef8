//! Reads the execution of an order from Step Functions.

use function_contract::time::Timestamp;
use std::collections::HashSet;

use aws_sdk_sfn::{
    operation::{
        describe_execution::DescribeExecutionError, get_execution_history::GetExecutionHistoryError,
    },
    types::{HistoryEvent, HistoryEventType},
};
use contracts::domain::OrderId;
use runtime::moment::Moment;
use serde::Serialize;

use crate::{aws::AwsContext as _, system::Services};

/// An execution, as `DescribeExecution` returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Execution {
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// Its input as JSON: the order as the customer sent it.
    pub input: Option<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// The error with which it ended.
    pub error: Option<String>,
    /// The cause of the error.
    pub cause: Option<String>,
    /// `REDRIVABLE`, or `NOT_REDRIVABLE`.
    pub redrive_status: Option<String>,
    /// Why it is not redrivable.
    pub redrive_status_reason: Option<String>,
}

/// Returns the execution of an order, or `None` if there is none. AWS deletes executions 90 days after their end.
///
/// # Errors
///
/// If Step Functions cannot be called.
pub async fn of(system: &Services, order: &OrderId) -> anyhow::Result<Option<Execution>> {
    let arn = system.execution_arn(order);
    let found = match system.sfn.describe_execution().execution_arn(arn).send().await {
        Ok(found) => found,
        Err(err)
            if err
                .as_service_error()
                .is_some_and(DescribeExecutionError::is_execution_does_not_exist) =>
        {
            return Ok(None);
        }
        Err(err) => return Err(err).aws_context(|| "the execution cannot be read".to_owned()),
    };
    Ok(Some(Execution {
        status: found.status.as_str().to_owned(),
        input: found.input,
        started_at: moment(&found.start_date).timestamp(),
        stopped_at: found.stop_date.map(|it| moment(&it).timestamp()),
        error: found.error,
        cause: found.cause,
        redrive_status: found.redrive_status.map(|it| it.as_str().to_owned()),
        redrive_status_reason: found.redrive_status_reason,
    }))
}

/// The largest number of events in one page of the history.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html>
const AT_ONCE: i32 = 1_000;

/// A state that an execution entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its name in the definition with which the execution started, which may be older than the machine's.
    pub name: String,
    /// Its type.
    pub kind: Kind,
}

/// The types of states that a redrive treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A redrive runs its task again.
    Task,
    /// It fails the execution again.
    Fail,
    /// Any other.
    Other,
}

/// Returns the state that an order's execution entered last. `None` if it entered no state.
///
/// # Errors
///
/// If Step Functions cannot be called.
pub async fn last_state(system: &Services, order: &OrderId) -> anyhow::Result<Option<State>> {
    let mut pages = system
        .sfn
        .get_execution_history()
        .execution_arn(system.execution_arn(order))
        .include_execution_data(false)
        .reverse_order(true)
        .max_results(AT_ONCE)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page =
            page.aws_context(|| format!("the history of the execution of {order} cannot be read"))?;
        if let Some(state) = page.events.iter().find_map(entered) {
            return Ok(Some(state));
        }
    }
    Ok(None)
}

fn entered(event: &HistoryEvent) -> Option<State> {
    let name = event.state_entered_event_details()?.name().to_owned();
    let kind = match event.r#type {
        HistoryEventType::TaskStateEntered => Kind::Task,
        HistoryEventType::FailStateEntered => Kind::Fail,
        _ => Kind::Other,
    };
    Some(State { name, kind })
}

/// A step of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When it happened.
    pub at: Moment,
    /// The kind of the step.
    pub what: StepKind,
}

/// The events of an execution that `dofs order` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The execution entered this state.
    Entered(String),
    /// A task failed with this error. The machine retries it or catches the error.
    Tried(String),
    /// The execution ended with this status.
    Ended(String),
}

/// Reads the history of one execution, and returns each event once.
#[derive(Debug, Default)]
pub struct History {
    seen: HashSet<i64>,
    /// Whether the execution has ended.
    pub ended: bool,
}

impl History {
    /// Returns the events since the last call. An execution that does not exist yet has none.
    ///
    /// # Errors
    ///
    /// If Step Functions cannot be called.
    pub async fn news(&mut self, system: &Services, order: &OrderId) -> anyhow::Result<Vec<Step>> {
        let mut pages = system
            .sfn
            .get_execution_history()
            .execution_arn(system.execution_arn(order))
            .include_execution_data(false)
            .into_paginator()
            .send();
        let mut news = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(err)
                    if err
                        .as_service_error()
                        .is_some_and(GetExecutionHistoryError::is_execution_does_not_exist) =>
                {
                    break;
                }
                Err(err) => {
                    return Err(err)
                        .aws_context(|| "the execution's history cannot be read".to_owned());
                }
            };
            let new = page.events.iter().filter(|it| self.seen.insert(it.id));
            news.extend(new.filter_map(step));
        }
        self.ended |= news.iter().any(|it| matches!(it.what, StepKind::Ended(_)));
        Ok(news)
    }
}

fn step(event: &HistoryEvent) -> Option<Step> {
    use HistoryEventType::{
        ExecutionAborted, ExecutionFailed, ExecutionSucceeded, ExecutionTimedOut,
        LambdaFunctionFailed, LambdaFunctionTimedOut, TaskFailed, TaskTimedOut,
    };
    let failed = |error: Option<&str>| StepKind::Tried(error.unwrap_or("no name").to_owned());
    let what = match &event.r#type {
        ExecutionSucceeded => StepKind::Ended("SUCCEEDED".to_owned()),
        ExecutionFailed => StepKind::Ended("FAILED".to_owned()),
        ExecutionTimedOut => StepKind::Ended("TIMED_OUT".to_owned()),
        ExecutionAborted => StepKind::Ended("ABORTED".to_owned()),
        TaskFailed => failed(event.task_failed_event_details().and_then(|it| it.error())),
        TaskTimedOut => failed(event.task_timed_out_event_details().and_then(|it| it.error())),
        LambdaFunctionFailed => {
            failed(event.lambda_function_failed_event_details().and_then(|it| it.error()))
        }
        LambdaFunctionTimedOut => {
            failed(event.lambda_function_timed_out_event_details().and_then(|it| it.error()))
        }
        _ => StepKind::Entered(event.state_entered_event_details()?.name().to_owned()),
    };
    Some(Step { at: moment(&event.timestamp), what })
}

pub(crate) fn moment(date: &aws_sdk_sfn::primitives::DateTime) -> Moment {
    // No event is older than 1970.
    Moment::from_millis(date.to_millis().ok().and_then(|it| it.try_into().ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use aws_sdk_sfn::{
        primitives::DateTime,
        types::{StateEnteredEventDetails, TaskFailedEventDetails},
    };

    use super::*;

    #[test]
    fn steps_are_the_states_of_an_order() {
        fn check(kind: HistoryEventType, expected: Option<StepKind>) {
            let entered = StateEnteredEventDetails::builder().name("StoreOrder").build().unwrap();
            let failed = TaskFailedEventDetails::builder()
                .resource_type("lambda")
                .resource("invoke")
                .error("OrderInvalid")
                .build()
                .unwrap();
            let details = matches!(kind, HistoryEventType::TaskStateEntered).then_some(entered);
            let event = HistoryEvent::builder()
                .timestamp(DateTime::from_millis(1_234))
                .r#type(kind.clone())
                .id(1)
                .set_state_entered_event_details(details)
                .task_failed_event_details(failed)
                .build()
                .unwrap();
            let expected = expected.map(|what| Step { at: Moment::from_millis(1_234), what });
            assert_eq!(step(&event), expected, "{kind:?}");
        }
        use HistoryEventType as Type;
        check(Type::TaskStateEntered, Some(StepKind::Entered("StoreOrder".to_owned())));
        check(Type::TaskFailed, Some(StepKind::Tried("OrderInvalid".to_owned())));
        check(Type::TaskTimedOut, Some(StepKind::Tried("no name".to_owned())));
        check(Type::ExecutionAborted, Some(StepKind::Ended("ABORTED".to_owned())));
        check(Type::TaskStateExited, None);
        check(Type::ExecutionStarted, None);
    }
}
