//! The alarms that every resource of a kind should have.

use function_contract::kind::{DeadLetterQueue, Function, Queue, StateMachine, Table};

use super::{
    alarm::AlarmSpec,
    limits::{EvaluationPeriods, Period},
    metric::{ApiMetric, DeadLetterMetric, FunctionMetric, MachineMetric, QueueMetric},
    rest_api::RestApi,
    stack::{Handle, Kind, Module},
    topic::AlarmTopic,
    unit::{Count, Milliseconds, Seconds, Share, Unit},
};

/// A kind of resource with alarms of its own.
#[diagnostic::on_unimplemented(
    message = "there are no ready-made alarms for a `{Self}`",
    note = "the alarms of each kind are in `crates/infra-core/src/model/watch.rs`"
)]
pub trait Watched: Kind {
    /// The thresholds and instructions that may differ between two resources of this kind.
    type Watch: Default;

    /// Adds the alarms.
    #[doc(hidden)]
    #[track_caller]
    fn alarms(on: &Handle<Self>, watch: Self::Watch, alarms: &mut Alarms<'_, '_>);
}

/// Adds alarms whose names begin with the name of their resource.
pub struct Alarms<'m, 's> {
    module: &'m mut Module<'s>,
    name: &'m str,
    notify: &'m Handle<AlarmTopic>,
}

impl Alarms<'_, '_> {
    #[track_caller]
    fn add<U: Unit>(&mut self, what: &str, doc: impl Into<String>, spec: AlarmSpec<'_, U>) {
        self.module.named_alarm(&format!("{}_{what}", self.name), doc.into(), spec);
    }
}

impl Module<'_> {
    /// Adds the alarms that every resource of this kind should have, under the name of the resource.
    #[track_caller]
    pub fn watch<K: Watched>(&mut self, on: &Handle<K>, notify: &Handle<AlarmTopic>) {
        self.watch_as(on.address().name(), on, K::Watch::default(), notify);
    }

    /// The same under another name, and with other thresholds or instructions.
    #[track_caller]
    pub fn watch_as<K: Watched>(
        &mut self,
        name: &str,
        on: &Handle<K>,
        watch: K::Watch,
        notify: &Handle<AlarmTopic>,
    ) {
        K::alarms(on, watch, &mut Alarms { module: self, name, notify });
    }
}

/// When the alarms of a function fire.
pub struct FunctionWatch {
    /// Above this share of its timeout, a call is slow.
    pub slow: Share,
}

impl Default for FunctionWatch {
    fn default() -> Self {
        const SLOW: Share = Share::new(0.8);
        FunctionWatch { slow: SLOW }
    }
}

impl<C: 'static> Watched for Function<C> {
    type Watch = FunctionWatch;

    #[track_caller]
    fn alarms(on: &Handle<Self>, watch: FunctionWatch, alarms: &mut Alarms<'_, '_>) {
        let (name, timeout) = (on.address().name(), on.timeout().get());
        let errors = AlarmSpec::first(on.metric(FunctionMetric::Errors), alarms.notify);
        alarms.add(
            "errors",
            format!(
                "{name} ended in errors. Its log group has each error with the trace id. A caller that \
                 repeats its call succeeds once the cause is gone."
            ),
            errors,
        );
        let throttles = AlarmSpec::first(on.metric(FunctionMetric::Throttles), alarms.notify);
        alarms.add(
            "throttles",
            format!(
                "{name} was refused for want of concurrency. Raise what is reserved for it, or the \
                 account's share."
            ),
            throttles,
        );
        // A timeout is at most 900 s, so the product fits.
        let slow = Milliseconds((f64::from(timeout) * 1000.0 * watch.slow.get()).round() as u32);
        let duration =
            AlarmSpec::lasting(on.metric(FunctionMetric::Duration).p99(), slow, alarms.notify);
        alarms.add(
            "duration",
            format!(
                "{name} comes close to its timeout of {timeout} s. Its traces split the time into start and work; \
                 its log names a service that did not answer in time."
            ),
            duration,
        );
    }
}

impl<I: 'static> Watched for Table<I> {
    type Watch = ();

    #[track_caller]
    fn alarms(on: &Handle<Self>, (): (), alarms: &mut Alarms<'_, '_>) {
        let name = on.address().name();
        let throttles = AlarmSpec::lasting(on.throttles(), Count(0), alarms.notify);
        alarms.add(
            "throttles",
            format!(
                "DynamoDB refuses calls to {name}, or to an index of it. On demand it grows by itself within \
                 minutes; where it lasts, look for one key of the table or of the index that takes all the calls."
            ),
            throttles,
        );
    }
}

/// When the alarm of a queue fires.
pub struct QueueWatch {
    /// Above this age of the oldest message, messages wait too long.
    pub oldest: Seconds,
}

/// A message usually waits seconds, so five minutes mean that no function takes the messages. SQS leaves out messages that
/// were received more than three times.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
impl Default for QueueWatch {
    fn default() -> Self {
        QueueWatch { oldest: Seconds(300) }
    }
}

impl<M: 'static> Watched for Queue<M> {
    type Watch = QueueWatch;

    #[track_caller]
    fn alarms(on: &Handle<Self>, watch: QueueWatch, alarms: &mut Alarms<'_, '_>) {
        let age = on.metric(QueueMetric::ApproximateAgeOfOldestMessage).maximum();
        // A renamed queue keeps its text.
        alarms.add(
            "age",
            "Messages wait too long on the queue. See whether the function that takes them runs, is throttled or fails; \
             raise its concurrency where there are simply many messages.",
            AlarmSpec::lasting(age, watch.oldest, alarms.notify),
        );
    }
}

impl<M: 'static> Watched for DeadLetterQueue<M> {
    type Watch = ();

    #[track_caller]
    fn alarms(on: &Handle<Self>, (): (), alarms: &mut Alarms<'_, '_>) {
        const MINUTE: Period = Period::seconds(60);
        const ONE: EvaluationPeriods = EvaluationPeriods::new(1);
        let there = on.metric(DeadLetterMetric::ApproximateNumberOfMessagesVisible).maximum();
        alarms.add(
            "depth",
            "Messages could not be handled, and are dead letters. See why in the log of the function that takes them, \
             correct the cause, and redrive them.",
            AlarmSpec::lasting(there, Count(0), alarms.notify).in_all(ONE, MINUTE),
        );
    }
}

/// The instructions of a state machine's alarms. Each has a type, so one text is not mistaken for another.
pub struct MachineWatch {
    /// An execution failed.
    pub failed: Failed,
    /// An execution timed out.
    pub timed_out: TimedOut,
    /// States wait, because the account enters more states than its quota allows.
    pub throttled: Throttled,
}

/// The instructions for a failed execution.
pub struct Failed(pub &'static str);
/// The instructions for an execution that timed out.
pub struct TimedOut(pub &'static str);
/// The instructions for states that wait for the account's quota.
pub struct Throttled(pub &'static str);

impl Default for MachineWatch {
    fn default() -> Self {
        MachineWatch {
            failed: Failed(
                "An execution failed. Its history names the state and the error. Correct the cause, then redrive \
                 the execution.",
            ),
            timed_out: TimedOut(
                "An execution took longer than its timeout. Its history names the state in which it waited, and \
                 the errors before. Correct the cause, then redrive the execution.",
            ),
            throttled: Throttled(
                "Executions wait between two states, because those of the account enter more states than its \
                 quota allows. If it lasts, start fewer, or request a higher quota StateTransition of Step \
                 Functions.",
            ),
        }
    }
}

impl<I: 'static> Watched for StateMachine<I> {
    type Watch = MachineWatch;

    #[track_caller]
    fn alarms(on: &Handle<Self>, watch: MachineWatch, alarms: &mut Alarms<'_, '_>) {
        let failed = AlarmSpec::first(on.metric(MachineMetric::ExecutionsFailed), alarms.notify);
        alarms.add("failed", watch.failed.0, failed);
        let timed_out =
            AlarmSpec::first(on.metric(MachineMetric::ExecutionsTimedOut), alarms.notify);
        alarms.add("timed_out", watch.timed_out.0, timed_out);
        let throttled = on.metric(MachineMetric::ExecutionThrottled).sum();
        let throttled = AlarmSpec::lasting(throttled, Count(0), alarms.notify);
        alarms.add("throttled", watch.throttled.0, throttled);
    }
}

/// When the alarms of an API fire.
pub struct ApiWatch {
    /// Above this share of responses with a 5xx status, the API is broken.
    pub server_errors: Share,
    /// Above this share of responses with a 4xx status, most requests are refused.
    pub client_errors: Share,
    /// The least number of requests in a minute for which the share of 4xx counts: among fewer, the errors of one client
    /// could be the majority.
    pub fewest_requests: u32,
    /// Above this 99th percentile, the API is slow.
    pub slow: Milliseconds,
}

impl Default for ApiWatch {
    fn default() -> Self {
        const ONE_PERCENT: Share = Share::new(0.01);
        const HALF: Share = Share::new(0.5);
        ApiWatch {
            server_errors: ONE_PERCENT,
            client_errors: HALF,
            fewest_requests: 20,
            slow: Milliseconds(2000),
        }
    }
}

impl Watched for RestApi {
    type Watch = ApiWatch;

    #[track_caller]
    fn alarms(on: &Handle<Self>, watch: ApiWatch, alarms: &mut Alarms<'_, '_>) {
        let ApiWatch { server_errors, client_errors, fewest_requests, slow } = watch;
        let failed = on.metric(ApiMetric::ServerErrors).average();
        alarms.add(
            "5xx",
            "The API answers with server errors. The access log has each with the request id that the caller was \
             shown and a trace id; look up the trace id in the log of the route's function.",
            AlarmSpec::lasting(failed, server_errors, alarms.notify),
        );
        let refused = on.share(ApiMetric::ClientErrors, fewest_requests);
        alarms.add(
            "4xx",
            format!(
                "More than {}% of requests are refused, of {fewest_requests} or more in a minute. The access log has \
                 the route and the status: a wrong deployment, a client that changed, or a scan.",
                client_errors.get() * 100.0
            ),
            AlarmSpec::lasting(refused, client_errors, alarms.notify),
        );
        alarms.add(
            "latency",
            "The API is slow. The access log splits the time into that of the function and API Gateway's; the trace \
             splits the function's into its start and its work.",
            AlarmSpec::lasting(on.metric(ApiMetric::Latency).p99(), slow, alarms.notify),
        );
    }
}
