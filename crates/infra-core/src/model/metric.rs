//! CloudWatch metrics, as an enum for each service. Only metrics that a service has can be named, and each has its
//! dimensions.

use std::borrow::Cow;

use function_contract::{
    Contract,
    kind::{Function, Queue, StateMachine, Table},
    metric::MetricName,
};

use super::{
    expr::{Body, Term},
    rest_api::RestApi,
    stack::{Handle, Kind},
};

/// One metric of one resource.
#[derive(Debug, Clone)]
pub struct Metric {
    pub(in crate::model) namespace: Cow<'static, str>,
    pub(in crate::model) name: &'static str,
    pub(in crate::model) dimensions: Dimensions,
}

impl Metric {
    /// The metric's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(in crate::model) fn fields(&self) -> Vec<(&'static str, Body)> {
        let dimensions = self.dimensions.0.iter().map(|(key, it)| (*key, it.clone().into()));
        let mut fields =
            vec![("namespace", self.namespace.clone().into()), ("metric_name", self.name.into())];
        if !self.dimensions.0.is_empty() {
            fields.push(("dimensions", Body::map(dimensions)));
        }
        fields
    }
}

/// The dimensions of a metric: names and values.
#[derive(Debug, Clone)]
pub struct Dimensions(pub(in crate::model) Vec<(&'static str, Term)>);

/// A kind of resource with metrics.
#[diagnostic::on_unimplemented(
    message = "CloudWatch has no metrics of a `{Self}` that the model knows",
    note = "the metrics of each service are in `crates/infra-core/src/model/metric.rs`"
)]
pub trait Metered: Kind {
    /// Its metrics.
    type Metric: MetricName;
    /// CloudWatch's namespace.
    const NAMESPACE: &'static str;

    /// The dimensions of this resource.
    #[doc(hidden)]
    fn dimensions(on: &Handle<Self>) -> Dimensions;
}

impl<K: Kind> Handle<K> {
    /// One of this resource's metrics.
    pub fn metric(&self, metric: K::Metric) -> Metric
    where
        K: Metered,
    {
        Metric {
            namespace: K::NAMESPACE.into(),
            name: metric.name(),
            dimensions: K::dimensions(self),
        }
    }
}

/// Defines the metrics of a service.
macro_rules! metrics {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $metric_doc:literal])* $metric:ident $(= $wire:literal)?),* $(,)? })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $metric_doc])* $metric),* }

        impl $name {
            /// Every metric, once.
            pub const ALL: &'static [$name] = &[$($name::$metric),*];
        }

        impl MetricName for $name {
            fn name(self) -> &'static str {
                match self { $($name::$metric => metrics!(@ $metric $($wire)?)),* }
            }
        }
    )*};
    (@ $metric:ident) => { stringify!($metric) };
    (@ $metric:ident $wire:literal) => { $wire };
}

metrics! {
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
    QueueMetric {
        /// Messages that can be received.
        ApproximateNumberOfMessagesVisible,
        /// Messages that were received and not deleted.
        ApproximateNumberOfMessagesNotVisible,
        /// How long the oldest message has waited, in seconds.
        ApproximateAgeOfOldestMessage,
        /// Messages that were sent, without those that a redrive policy moved.
        NumberOfMessagesSent,
        /// Messages that were deleted.
        NumberOfMessagesDeleted,
    }

    /// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>
    FunctionMetric {
        /// Calls.
        Invocations,
        /// Calls that ended in an error.
        Errors,
        /// Calls that were throttled because no concurrency was free.
        Throttles,
        /// Milliseconds.
        Duration,
        /// Instances that run at the same time.
        ConcurrentExecutions,
    }

    /// <https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html>
    MachineMetric {
        /// Executions that began.
        ExecutionsStarted,
        /// Executions that succeeded.
        ExecutionsSucceeded,
        /// Executions that failed.
        ExecutionsFailed,
        /// Executions that timed out.
        ExecutionsTimedOut,
        /// Executions that a user or a program stopped.
        ExecutionsAborted,
        /// States, and new attempts of states, that had to wait for the account's quota of transitions.
        ExecutionThrottled,
        /// Milliseconds.
        ExecutionTime,
    }

    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
    TableMetric {
        /// Reads that were refused.
        ReadThrottleEvents,
        /// Writes that were refused.
        WriteThrottleEvents,
        /// Read units.
        ConsumedReadCapacityUnits,
        /// Write units.
        ConsumedWriteCapacityUnits,
    }

    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>
    ApiMetric {
        /// Calls.
        Count,
        /// Requests with a 4xx response. The average is their share.
        ClientErrors = "4XXError",
        /// Requests with a 5xx response. The average is their share.
        ServerErrors = "5XXError",
        /// Milliseconds from request to answer.
        Latency,
    }
}

impl<M: 'static> Metered for Queue<M> {
    type Metric = QueueMetric;
    const NAMESPACE: &'static str = "AWS/SQS";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("QueueName", on.attribute("name"))])
    }
}

impl<C: Contract> Metered for Function<C> {
    type Metric = FunctionMetric;
    const NAMESPACE: &'static str = "AWS/Lambda";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("FunctionName", on.attribute("function_name"))])
    }
}

impl<I: 'static> Metered for StateMachine<I> {
    type Metric = MachineMetric;
    const NAMESPACE: &'static str = "AWS/States";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("StateMachineArn", on.attribute("arn"))])
    }
}

impl<I: 'static> Metered for Table<I> {
    type Metric = TableMetric;
    const NAMESPACE: &'static str = "AWS/DynamoDB";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("TableName", on.attribute("name"))])
    }
}

impl<I: 'static> Handle<Table<I>> {
    /// Throttled reads and writes of the table and of each index, which DynamoDB counts separately. If an index is
    /// throttled, DynamoDB throttles writes to the table, too.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
    pub fn throttles(&self) -> Vec<Metric> {
        let refused = [TableMetric::ReadThrottleEvents, TableMetric::WriteThrottleEvents];
        let mut all: Vec<_> = refused.map(|it| self.metric(it)).into();
        for index in &self.facts().indexes {
            all.extend(refused.map(|it| {
                let mut metric = self.metric(it);
                metric.dimensions.0.push(("GlobalSecondaryIndexName", Term::from(*index)));
                metric
            }));
        }
        all
    }
}

impl Metered for RestApi {
    type Metric = ApiMetric;
    const NAMESPACE: &'static str = "AWS/ApiGateway";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("ApiName", on.attribute("name")), ("Stage", on.stage("stage_name"))])
    }
}

/// A namespace for custom metrics of the functions, without dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace<N> {
    name: String,
    _names: std::marker::PhantomData<fn() -> N>,
}

impl<N: MetricName> Namespace<N> {
    /// The namespace `<prefix>/<of>`.
    pub fn new(scope: &super::Scope, of: &'static str) -> Self {
        Namespace { name: format!("{}/{of}", scope.prefix), _names: std::marker::PhantomData }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One of its metrics.
    pub fn metric(&self, metric: N) -> Metric {
        Metric {
            namespace: self.name.clone().into(),
            name: metric.name(),
            dimensions: Dimensions(Vec::new()),
        }
    }
}
