//! Task states: what can fail, until every failure has a route.

use std::{marker::PhantomData, rc::Rc};

use contracts::{
    Contract,
    error::{ErrorNames, NoError},
    kind::{Function, Invoke, Queue, SendMessage},
    path::{Builds, Caught},
};

use super::{Catch, Ended, Exit, Flow, State, jsonata, output};
use crate::{
    model::{
        expr::Body,
        iam::Grant,
        limits::{BackoffRate, MaxAttempts, MaxDelay, RetryInterval, StateTimeout},
        name::StateName,
        stack::Handle,
    },
    violation::Violation,
};

/// How long a task may take, and how often it is tried.
#[derive(Debug, Clone, Copy)]
pub struct TaskSpec {
    /// After which the attempt counts as failed.
    pub timeout: StateTimeout,
    /// Within which a task that reports progress must do so.
    pub heartbeat: Option<StateTimeout>,
    /// What is done about failures that may pass.
    pub retry: Retry,
}

/// Attempts with growing, jittered waits between them.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// The wait before the first new attempt.
    pub interval: RetryInterval,
    /// How many new attempts.
    pub max_attempts: MaxAttempts,
    /// How much longer each wait is than the one before.
    pub backoff: BackoffRate,
    /// The longest wait.
    pub max_delay: MaxDelay,
}

/// A state that turns an `I` into an `O`, or raises an `E`. It becomes a [`Flow`] once every error
/// has a route.
#[must_use]
pub struct Task<I, O, E> {
    pub(super) name: StateName,
    pub(super) fields: Vec<(&'static str, Body)>,
    pub(super) retry: Retry,
    pub(super) grant: Grant,
    pub(super) violations: Vec<Violation>,
    _io: PhantomData<fn(I) -> Result<O, E>>,
}

/// Where an error leads: it becomes a `P`, which a flow turns into an `O`.
pub struct Route<I, O> {
    output: Body,
    states: Vec<Rc<State>>,
    grant: Grant,
    violations: Vec<Violation>,
    _io: PhantomData<fn(I) -> O>,
}

/// Leads an error to `flow`, whose input is built from the input of the state that failed and from
/// the error.
pub fn route<I, P, O>(with: impl Builds<Caught<I>, P>, flow: &Flow<P, O>) -> Route<I, O> {
    let Flow { states, grant, violations, .. } = flow.clone();
    Route { output: output(with.shape()), states, grant, violations, _io: PhantomData }
}

/// Leads an error to an end, for good: nothing comes back to where it happened.
pub fn leave<I, P, O>(with: impl Builds<Caught<I>, P>, to: &Flow<P, Ended>) -> Route<I, O> {
    route(with, &to.clone().instead_of())
}

impl<I, O, E: ErrorNames> Task<I, O, E> {
    pub(super) fn new(name: StateName, fields: Vec<(&'static str, Body)>, spec: TaskSpec) -> Self {
        let mut all = vec![("TimeoutSeconds", Body::from(spec.timeout))];
        all.extend(spec.heartbeat.map(|it| ("HeartbeatSeconds", it.into())));
        all.extend(fields);
        Task {
            name,
            fields: all,
            retry: spec.retry,
            grant: Grant::none(),
            violations: Vec::new(),
            _io: PhantomData,
        }
    }

    pub(super) fn granting(mut self, grant: Grant) -> Self {
        self.grant.and(grant);
        self
    }

    /// Gives every error a route: `each` is a `match` over `E`, so that a new error does not
    /// compile until it has one; `otherwise` takes whatever else goes wrong, after all attempts.
    pub fn catching(self, each: impl Fn(E) -> Route<I, O>, otherwise: Route<I, O>) -> Flow<I, O> {
        let Task { name, mut fields, retry, mut grant, mut violations, .. } = self;
        let named = E::ALL.iter().map(|error| (error.name(), each(*error)));
        let mut catches = Vec::new();
        for (error, route) in named.chain([("States.ALL", otherwise)]) {
            grant.and(route.grant);
            violations.extend(route.violations);
            catches.push(Catch { error, output: route.output, to: route.states });
        }
        fields.push(("Retry", retriers::<E>(retry)));
        let state = State { name, body: Body::map(fields), exit: Exit::Next(catches) };
        Flow::new(vec![Rc::new(state)], grant, violations)
    }
}

/// Errors that will come again are not tried again; everything else is.
fn retriers<E: ErrorNames>(retry: Retry) -> Body {
    let final_errors: Vec<&'static str> =
        E::ALL.iter().filter(|it| !it.may_pass()).map(|it| it.name()).collect();
    let mut retriers = Vec::new();
    if !final_errors.is_empty() {
        retriers.push(Body::map([
            ("ErrorEquals", Body::list(final_errors)),
            ("MaxAttempts", 0_u32.into()),
        ]));
    }
    retriers.push(Body::map([
        ("ErrorEquals", Body::list(["States.ALL"])),
        ("IntervalSeconds", retry.interval.into()),
        ("MaxAttempts", retry.max_attempts.into()),
        ("BackoffRate", retry.backoff.get().into()),
        ("MaxDelaySeconds", retry.max_delay.into()),
        ("JitterStrategy", "FULL".into()),
    ]));
    Body::List(retriers)
}

/// Calls a function with the whole input, and goes on with what it answers.
pub fn invoke<C: Contract>(
    name: impl Into<StateName>,
    function: &Handle<Function<C>>,
    spec: TaskSpec,
) -> Task<C::Input, C::Output, C::Error> {
    let name = name.into();
    let arguments = Body::map([
        ("FunctionName", function.alias("arn").into()),
        ("Payload", jsonata::live("$states.input")),
    ]);
    let mut task = Task::new(
        name,
        vec![
            ("Type", "Task".into()),
            ("Resource", "arn:aws:states:::lambda:invoke".into()),
            ("Arguments", arguments),
            ("Output", jsonata::live("$states.result.Payload")),
        ],
        spec,
    )
    .granting(function.grant::<Invoke>());
    let own = u32::from(function.facts().timeout.get());
    if spec.timeout.get() <= own {
        task.violations.push(Violation::new(
            "limit/state-timeout",
            format!("{}, called by state {}", function.address(), name.as_str()),
            format!(
                "the state waits {} s, but the function may run for {own} s: the state could \
                 time out while the function still works",
                spec.timeout.get()
            ),
            format!(
                "raise the timeout of the state above {own} s, or lower the timeout of the function"
            ),
        ));
    }
    task
}

/// Puts the whole input on a queue that carries it, and goes on with it.
pub fn send_message<M: 'static>(
    name: impl Into<StateName>,
    queue: &Handle<Queue<M>>,
    spec: TaskSpec,
) -> Task<M, M, NoError> {
    let arguments = Body::map([
        ("QueueUrl", queue.attribute("url").into()),
        ("MessageBody", jsonata::live("$string($states.input)")),
    ]);
    Task::new(
        name.into(),
        vec![
            ("Type", "Task".into()),
            ("Resource", "arn:aws:states:::sqs:sendMessage".into()),
            ("Arguments", arguments),
            ("Output", jsonata::live("$states.input")),
        ],
        spec,
    )
    .granting(queue.grant::<SendMessage>())
}
