//! An order's execution: how far the order machine has got with it.

use std::collections::HashSet;

use aws_sdk_sfn::{
    operation::{
        describe_execution::DescribeExecutionError, get_execution_history::GetExecutionHistoryError,
    },
    types::{HistoryEvent, HistoryEventType},
};
use contracts::domain::{OrderId, Timestamp};
use runtime::moment::Moment;
use serde::Serialize;

use crate::{aws::AwsContext as _, system::Services};

/// What Step Functions says about an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Execution {
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// What it began with, as JSON: the order as the customer wrote it.
    pub input: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// The error it ended with.
    pub error: Option<String>,
    /// What was said about it.
    pub cause: Option<String>,
    /// `REDRIVABLE`, or `NOT_REDRIVABLE`.
    pub redrive_status: Option<String>,
    /// Why it is not redrivable.
    pub redrive_status_reason: Option<String>,
}

/// An order's execution, or `None` where there is none: AWS forgets it after 90 days.
///
/// # Errors
///
/// Where Step Functions cannot be asked.
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

/// As many events as Step Functions lists at once.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html>
const AT_ONCE: i32 = 1_000;

/// A state that an execution entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its name in the execution's own definition, which may be older than the machine's.
    pub name: String,
    /// Its type.
    pub kind: Kind,
}

/// The types of states between which a redrive makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Its work is tried again.
    Task,
    /// It fails the execution, each time.
    Fail,
    /// Any other.
    Other,
}

/// The state that an order's execution entered last: where it ended, if it has. `None` where it came to none.
///
/// # Errors
///
/// Where Step Functions cannot be asked.
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
    /// When.
    pub at: Moment,
    /// What.
    pub what: StepKind,
}

/// What happens in an execution, as far as somebody who follows it wants to see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// It came to a state.
    Entered(String),
    /// A state's work failed with this error. The machine has a way on: another attempt, or a route.
    Tried(String),
    /// It is over.
    Ended(String),
}

/// The history of one execution, of which each event is told once.
#[derive(Debug, Default)]
pub struct History {
    seen: HashSet<i64>,
    /// Whether it is over.
    pub ended: bool,
}

impl History {
    /// What is new. An execution that does not exist yet has no news.
    ///
    /// # Errors
    ///
    /// Where Step Functions cannot be asked.
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
    // Nothing of ours happened before 1970.
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
    fn steps_are_what_somebody_wants_to_see() {
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
