//! Triggers of functions: event sources and schedules.

use std::collections::BTreeSet;

use function_contract::{
    Contract,
    event::{SqsBatchResponse, SqsEvent, Tick},
    kind::{Function, Invoke, Queue, ReceiveMessage},
};

use super::{
    expr::{Arn, Body, Ref, Term},
    function::rights_of,
    key,
    limits::{BatchSize, BatchWindow, MaximumConcurrency, Schedule},
    metric::{FunctionMetric, Metric},
    name::Id,
    role::Service,
    stack::{Handle, Meta, Module},
    statement::{Condition, Statement},
    unit::Count,
};
use crate::violation::Violation;

/// The configuration of an event source.
pub struct EventSourceSpec {
    /// The largest batch of messages.
    pub batch_size: BatchSize,
    /// How long Lambda gathers a batch.
    pub batch_window: BatchWindow,
    /// The maximum concurrency: how many instances of the function the queue may invoke.
    pub maximum_concurrency: MaximumConcurrency,
}

/// A function that a schedule calls.
#[must_use = "a schedule that stops causes no error: give it to `Module::heartbeat`"]
pub struct Scheduled {
    /// The metric of the function's invocations.
    pub(in crate::model) calls: Metric<Count>,
    /// When it is called.
    pub(in crate::model) when: Schedule,
}

impl Module<'_> {
    /// Adds an event source from a queue to a function, with partial batch responses. The function's input must be the
    /// queue's message type.
    #[track_caller]
    pub fn on_messages<M, C>(
        &mut self,
        id: Id,
        queue: &Handle<Queue<M>>,
        function: &Handle<Function<C>>,
        spec: EventSourceSpec,
    ) where
        M: 'static,
        C: Contract<Input = SqsEvent<M>, Output = SqsBatchResponse>,
    {
        let name = self.enter(id);
        self.let_function::<C, _, ReceiveMessage>(function, queue);
        let scaling = Body::map([("maximum_concurrency", spec.maximum_concurrency.into())]);
        let body = Body::map([
            ("event_source_arn", queue.attribute("arn").into()),
            ("function_name", function.alias("arn").into()),
            ("batch_size", spec.batch_size.into()),
            ("maximum_batching_window_in_seconds", spec.batch_window.into()),
            ("function_response_types", Body::list(["ReportBatchItemFailures"])),
            ("scaling_config", Body::List(vec![scaling])),
        ]);
        // Lambda checks the permission to receive when the mapping is created.
        let meta = Meta { depends_on: BTreeSet::from([rights_of(function)]), ..Meta::default() };
        let address = self.push("aws_lambda_event_source_mapping", name, id.doc(), body, meta);
        for violation in limits(&address.to_string(), queue, function, &spec) {
            self.stack.violate(violation);
        }
    }

    /// Adds a schedule of EventBridge Scheduler that invokes a function. The function's input must be a [`Tick`].
    #[track_caller]
    pub fn on_schedule<C>(
        &mut self,
        id: Id,
        when: Schedule,
        function: &Handle<Function<C>>,
    ) -> Scheduled
    where
        C: Contract<Input = Tick>,
    {
        let name = self.enter(id);
        let role = self.role(name, Service::Scheduler, &format!("the schedule {name}"));
        self.stack.allow(role.address(), function.grant::<Invoke>().into_statements());
        let schedule_key = self.stack.schedule_key().cloned();
        // The scheduler assumes the role before it reads the schedule.
        let arns = key::schedules(self.stack.scope(), &self.aws_name(id.name()));
        let of_this = Condition {
            test: "ArnLike",
            variable: key::SCHEDULE,
            values: arns.into_iter().map(Term::Text).collect(),
        };
        let reads = schedule_key
            .as_ref()
            .map(|it| Statement::new(&["kms:Decrypt"], [it.clone()]).when(of_this));
        self.stack.allow(role.address(), reads);
        // The next tick does the work of a lost one, so an old tick need not be retried.
        let retry = Body::map([
            ("maximum_event_age_in_seconds", 60_u32.into()),
            ("maximum_retry_attempts", 2_u32.into()),
        ]);
        let alias: Ref<Arn<Function<C>>> = Ref::new(function.alias("arn"));
        let target = Body::map([
            ("arn", (&alias).into()),
            ("role_arn", role.attribute("arn").into()),
            ("input", Body::map::<&str>([]).json()),
            ("retry_policy", Body::List(vec![retry])),
        ]);
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("description", id.doc().into()),
            ("schedule_expression", when.expression().into()),
            ("flexible_time_window", Body::List(vec![Body::map([("mode", "OFF".into())])])),
            ("target", Body::List(vec![target])),
        ])
        .with("kms_key_arn", schedule_key);
        self.push("aws_scheduler_schedule", name, id.doc(), body, Meta::default());
        Scheduled { calls: function.metric(FunctionMetric::Invocations), when }
    }
}

/// Checks the recommendations of AWS for queues as event sources.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
fn limits<M: 'static, C: Contract>(
    address: &str,
    queue: &Handle<Queue<M>>,
    function: &Handle<Function<C>>,
    spec: &EventSourceSpec,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let timeout = u32::from(function.facts().timeout.get());
    let window = u32::from(spec.batch_window.get());
    let due = 6 * timeout + window;
    let visibility = queue.facts().visibility.get();
    if visibility < due {
        found.push(Violation::new(
            "limit/visibility",
            queue.address().to_string(),
            format!(
                "its visibility timeout is {visibility} s, less than 6 x the function's timeout \
                 + the batch window (6 x {timeout} + {window} = {due} s), so a message can come \
                 back while it is still worked on"
            ),
            format!("raise the visibility timeout to {due} s, or lower the function's timeout"),
        ));
    }
    if spec.batch_size.get() > 10 && window == 0 {
        found.push(Violation::new(
            "limit/batch-window",
            address,
            format!("a batch of {} needs a batch window of at least 1 s", spec.batch_size.get()),
            "set a batch window, or a batch size of 10 or less",
        ));
    }
    found
}
