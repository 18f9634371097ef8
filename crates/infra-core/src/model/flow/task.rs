//! Task states. A task becomes a flow only when every error has a route.

use std::{marker::PhantomData, rc::Rc};

use function_contract::{
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

/// The timeouts and the retries of a task.
#[derive(Debug, Clone, Copy)]
pub struct TaskSpec {
    /// The timeout of an attempt.
    pub timeout: StateTimeout,
    /// The longest time between two heartbeats of a task that sends them.
    pub heartbeat: Option<StateTimeout>,
    /// The retries of transient errors.
    pub retry: Retry,
}

/// Retries with growing delays and jitter.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// The delay before the first retry.
    pub interval: RetryInterval,
    /// The largest number of retries.
    pub max_attempts: MaxAttempts,
    /// The factor by which the delay grows after each retry.
    pub backoff: BackoffRate,
    /// The longest delay.
    pub max_delay: MaxDelay,
}

/// A state with the input `I`, the output `O` and the errors `E`. It becomes a [`Flow`] when every error has a route.
#[must_use]
pub struct Task<I, O, E> {
    pub(super) name: StateName,
    pub(super) fields: Vec<(&'static str, Body)>,
    pub(super) retry: Retry,
    pub(super) grant: Grant,
    pub(super) violations: Vec<Violation>,
    _io: PhantomData<fn(I) -> Result<O, E>>,
}

/// The route of an error: a flow whose output is the `O` of the task.
pub struct Route<I, O> {
    output: Body,
    states: Vec<Rc<State>>,
    grant: Grant,
    violations: Vec<Violation>,
    _io: PhantomData<fn(I) -> O>,
}

/// Routes an error to `flow`. The input of the flow is built from the failed state's input and from the error.
pub fn route<I, P, O>(with: impl Builds<Caught<I>, P>, flow: &Flow<P, O>) -> Route<I, O> {
    let Flow { states, grant, violations, .. } = flow.clone();
    Route { output: output(with.shape()), states, grant, violations, _io: PhantomData }
}

/// Routes an error to a flow that ends the execution.
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

    /// Gives every error a route. `each` is a `match` over `E`, so that a new error does not compile without a route.
    /// `otherwise` handles all other errors after their retries (`States.ALL`).
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

/// The retriers. Permanent errors are not retried. All other errors are.
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

/// Invokes a function with the whole input. The output is the function's answer.
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

/// Sends the whole input to a queue of that type. The output is the input.
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
