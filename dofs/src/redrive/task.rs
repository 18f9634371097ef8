//! SQS moves all dead letters by itself, each to the queue that it came from.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>

use std::time::Duration;

use anyhow::Context as _;
use aws_sdk_sqs::{
    error::ProvideErrorMetadata as _,
    types::{ListMessageMoveTasksResultEntry, QueueAttributeName},
};

use super::{Outcome, Progress, Way, depths};
use crate::{
    aws::{AwsContext as _, Fault},
    interrupt::Interrupt,
    system::System,
};

/// The time between two looks at the task.
const LOOK: Duration = Duration::from_secs(1);

/// What an endpoint answers that has no such call.
const ABSENT: [&str; 6] = [
    "InvalidAction",
    "UnsupportedOperation",
    "AWS.SimpleQueueService.UnsupportedOperation",
    "UnknownOperation",
    "UnknownOperationException",
    "NotImplemented",
];

/// Has SQS move them; `None` where the endpoint cannot. Ctrl-C cancels the task: what it has moved by
/// then is moved.
pub(super) async fn redrive(
    system: &System,
    interrupt: &Interrupt,
    mut each: impl FnMut(Progress),
) -> anyhow::Result<Option<Outcome>> {
    let source = arn(system).await?;
    let handle = match system.sqs.start_message_move_task().source_arn(&source).send().await {
        Ok(started) => started.task_handle,
        Err(err) if is_absent(err.code()) => return Ok(None),
        Err(err) => {
            return Err(err).aws_context(|| "SQS does not move the dead letters".to_owned());
        }
    };
    let mut problems = Vec::new();
    let mut cancelled = false;
    let last = loop {
        let tasks = system.sqs.list_message_move_tasks().source_arn(&source).max_results(1);
        let tasks = tasks
            .send()
            .await
            .aws_context(|| "SQS does not say how far it has moved them".to_owned())?;
        let task = tasks.results.unwrap_or_default().into_iter().next();
        let Some(task) = task else { break None };
        let moved = count(task.approximate_number_of_messages_moved);
        let of = count(task.approximate_number_of_messages_to_move.unwrap_or_default());
        each(Progress { of, seen: moved, moved });
        if !matches!(task.status.as_deref(), Some("RUNNING" | "CANCELLING")) {
            break Some(task);
        }
        if interrupt.asked() && !cancelled {
            cancelled = true;
            let cancel = system.sqs.cancel_message_move_task().set_task_handle(handle.clone());
            if let Err(err) = cancel.send().await {
                problems.push(format!(
                    "the move goes on, as it cannot be cancelled: {}",
                    Fault::of(&err).problem()
                ));
                break Some(task);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = interrupt.wait(), if !cancelled => {}
        }
    };
    problems.extend(last.as_ref().and_then(failure));
    let moved = last.map_or(0, |it| count(it.approximate_number_of_messages_moved));
    let stayed = depths(system).await?.waiting;
    Ok(Some(Outcome {
        way: Way::MoveTask,
        dry_run: false,
        moved,
        stayed,
        held: 0,
        coming: vec![],
        letters: vec![],
        problems,
    }))
}

fn failure(task: &ListMessageMoveTasksResultEntry) -> Option<String> {
    let reason = task.failure_reason.as_deref().unwrap_or("SQS does not say why");
    (task.status.as_deref() == Some("FAILED")).then(|| format!("the move has failed: {reason}"))
}

fn is_absent(code: Option<&str>) -> bool {
    code.is_some_and(|it| ABSENT.contains(&it))
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

async fn arn(system: &System) -> anyhow::Result<String> {
    let name = &system.names.dead_letters;
    let answer = system
        .sqs
        .get_queue_attributes()
        .queue_url(system.queue_url(name).await?)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .aws_context(|| format!("the queue {name} cannot be asked"))?;
    let arn = answer.attributes.and_then(|mut it| it.remove(&QueueAttributeName::QueueArn));
    arn.with_context(|| format!("the queue {name} has no ARN"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_absent_call_is_done_by_hand() {
        fn check(code: Option<&str>, absent: bool) {
            assert_eq!(is_absent(code), absent, "{code:?}");
        }
        check(Some("InvalidAction"), true);
        check(Some("AWS.SimpleQueueService.UnsupportedOperation"), true);
        check(Some("AccessDenied"), false);
        check(Some("ResourceNotFoundException"), false);
        check(None, false);
    }

    #[test]
    fn a_task_that_failed_says_why() {
        fn check(status: &str, reason: Option<&str>, expected: Option<&str>) {
            let task = ListMessageMoveTasksResultEntry::builder()
                .status(status)
                .set_failure_reason(reason.map(str::to_owned))
                .build();
            assert_eq!(failure(&task).as_deref(), expected);
        }
        check("COMPLETED", None, None);
        check("FAILED", Some("X"), Some("the move has failed: X"));
        check("FAILED", None, Some("the move has failed: SQS does not say why"));
    }
}
