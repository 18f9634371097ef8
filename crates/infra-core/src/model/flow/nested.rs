//! States with flows inside: Parallel and Map.

use function_contract::{error::NoError, path::Expr};
use serde::{Deserialize, Serialize};

use super::{Flow, Retry, Task, TaskSpec, jsonata, lower};
use crate::model::{
    expr::Body,
    limits::{BackoffRate, MapConcurrency, MaxAttempts, MaxDelay, RetryInterval, StateTimeout},
    name::StateName,
};

/// The output of two branches: in JSON, a list of two values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Both<A, B>(pub A, pub B);

/// Runs both branches on the same input, and waits for both.
pub fn parallel<I, A, B>(
    name: impl Into<StateName>,
    first: Flow<I, A>,
    second: Flow<I, B>,
    spec: TaskSpec,
) -> Task<I, Both<A, B>, NoError> {
    let (first, second) = (lower::nested(first), lower::nested(second));
    let fields = vec![
        ("Type", "Parallel".into()),
        ("Branches", Body::List(vec![first.document, second.document])),
    ];
    let mut task = without_timeout(Task::new(name.into(), fields, spec))
        .granting(first.grant)
        .granting(second.grant);
    task.violations.extend(first.violations);
    task.violations.extend(second.violations);
    task
}

/// One attempt: each of the tasks inside has retries of its own.
const ONCE: TaskSpec = TaskSpec {
    timeout: StateTimeout::new(1),
    heartbeat: None,
    retry: Retry {
        interval: RetryInterval::new(1),
        max_attempts: MaxAttempts::new(1),
        backoff: BackoffRate::hundredths(200),
        max_delay: MaxDelay::new(30),
    },
};

/// Runs a flow for every item of a list, with a limit of concurrency.
pub fn map<I, T, U>(
    name: impl Into<StateName>,
    items: &Expr<I, Vec<T>>,
    each: Flow<T, U>,
    at_once: MapConcurrency,
) -> Task<I, Vec<U>, NoError> {
    let each = lower::nested(each);
    let inline = Body::map([("Mode", "INLINE".into())]);
    let fields = vec![
        ("Type", "Map".into()),
        ("Items", jsonata::value(items.source().clone())),
        ("MaxConcurrency", at_once.into()),
        ("ItemProcessor", each.document.with("ProcessorConfig", Some(inline))),
    ];
    let mut task = without_timeout(Task::new(name.into(), fields, ONCE)).granting(each.grant);
    task.violations.extend(each.violations);
    task
}

/// Parallel and Map have no timeout of their own. The tasks inside of them have.
fn without_timeout<I, O>(mut task: Task<I, O, NoError>) -> Task<I, O, NoError> {
    task.fields.retain(|(key, _)| !matches!(*key, "TimeoutSeconds" | "HeartbeatSeconds"));
    task
}
