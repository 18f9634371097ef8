//! The metrics of each service, with the names that CloudWatch has for them.

use function_contract::kind::{DeadLetterQueue, Function, Queue, StateMachine, Table};

use super::{CountsCalls, Dimensions, Faults, FaultyCalls, Level, Metered, MetricOf, Range};
use crate::model::{
    expr::Term,
    rest_api::{INTEGRATION_TIMEOUT, RestApi},
    signal::{Form, Signal},
    stack::Handle,
    unit::{Count, Milliseconds, Seconds},
};

/// Defines the metrics of a service.
macro_rules! metrics {
    ($($(#[doc = $doc:literal])* $service:ident { $($(#[doc = $metric_doc:literal])* $metric:ident $(= $wire:literal)?: $values:ty,)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $service {}

        #[allow(non_upper_case_globals, reason = "the names are CloudWatch's")]
        impl $service {
            $(
                $(#[doc = $metric_doc])*
                pub const $metric: MetricOf<$service, $values> = MetricOf::named(metrics!(@ $metric $($wire)?));
            )*
        }
    )*};
    (@ $metric:ident) => { stringify!($metric) };
    (@ $metric:ident $wire:literal) => { $wire };
}

metrics! {
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
    QueueMetric {
        /// Messages that can be received.
        ApproximateNumberOfMessagesVisible: Level,
        /// Messages that were received and not deleted.
        ApproximateNumberOfMessagesNotVisible: Level,
        /// How long the oldest message has waited.
        ApproximateAgeOfOldestMessage: Seconds,
        /// Messages that were sent.
        NumberOfMessagesSent: Count,
        /// Messages that were deleted.
        NumberOfMessagesDeleted: Count,
    }

    /// The metrics of SQS that apply to dead letters. `NumberOfMessagesSent` does not count the messages that SQS moves, and
    /// dead letters grow old until an operator redrives them.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
    DeadLetterMetric {
        /// Dead letters that can be received.
        ApproximateNumberOfMessagesVisible: Level,
        /// Dead letters that were received and not deleted.
        ApproximateNumberOfMessagesNotVisible: Level,
    }

    /// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>
    FunctionMetric {
        /// Calls.
        Invocations: Count,
        /// Calls that ended in an error.
        Errors: FaultyCalls,
        /// Calls that were throttled because no concurrency was free. Lambda does not count them as invocations.
        Throttles: Faults,
        /// The time that the code ran.
        Duration: Milliseconds,
        /// Instances that run at the same time.
        ConcurrentExecutions: Level,
    }

    /// <https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html>
    MachineMetric {
        /// Executions that began.
        ExecutionsStarted: Count,
        /// Executions that succeeded.
        ExecutionsSucceeded: Count,
        /// Executions that failed.
        ExecutionsFailed: Faults,
        /// Executions that timed out.
        ExecutionsTimedOut: Faults,
        /// Executions that a user or a program stopped.
        ExecutionsAborted: Faults,
        /// States, and new attempts of states, that had to wait for the account's quota of transitions.
        ExecutionThrottled: Faults,
        /// The time from start to end.
        ExecutionTime: Milliseconds,
    }

    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
    TableMetric {
        /// Reads that were refused.
        ReadThrottleEvents: Faults,
        /// Writes that were refused.
        WriteThrottleEvents: Faults,
        /// Read units.
        ConsumedReadCapacityUnits: Count,
        /// Write units.
        ConsumedWriteCapacityUnits: Count,
    }

    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>
    ApiMetric {
        /// Requests.
        Count: Count,
        /// Requests with a 4xx response.
        ClientErrors = "4XXError": FaultyCalls,
        /// Requests with a 5xx response.
        ServerErrors = "5XXError": FaultyCalls,
        /// The time from request to answer.
        Latency: Milliseconds,
    }
}

impl CountsCalls for ApiMetric {
    const ALL_CALLS: MetricOf<Self, Count> = ApiMetric::Count;
}

impl CountsCalls for FunctionMetric {
    const ALL_CALLS: MetricOf<Self, Count> = FunctionMetric::Invocations;
}

impl<M: 'static> Metered for Queue<M> {
    type Metrics = QueueMetric;
    const NAMESPACE: &'static str = "AWS/SQS";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("QueueName", on.attribute("name"))])
    }

    fn range(on: &Handle<Self>, metric: &'static str, range: Range) -> Range {
        if metric != QueueMetric::ApproximateAgeOfOldestMessage.name {
            return range;
        }
        let kept = on.facts().retention.get();
        range.most(kept, format!("{} keeps a message for {kept} s", on.address()))
    }
}

impl<M: 'static> Metered for DeadLetterQueue<M> {
    type Metrics = DeadLetterMetric;
    const NAMESPACE: &'static str = "AWS/SQS";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("QueueName", on.attribute("name"))])
    }

    fn range(_: &Handle<Self>, _: &'static str, range: Range) -> Range {
        range.unusual()
    }
}

impl<C: 'static> Metered for Function<C> {
    type Metrics = FunctionMetric;
    const NAMESPACE: &'static str = "AWS/Lambda";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("FunctionName", on.attribute("function_name"))])
    }

    fn range(on: &Handle<Self>, metric: &'static str, range: Range) -> Range {
        let at = on.address();
        if metric == FunctionMetric::Duration.name {
            let seconds = u32::from(on.timeout().get());
            return range.most(seconds * 1000, format!("Lambda ends {at} after {seconds} s"));
        }
        match on.facts().reserved {
            Some(most) if metric == FunctionMetric::ConcurrentExecutions.name => {
                let most = most.get();
                range.most(most, format!("{at} has a reserved concurrency of {most}"))
            }
            _ => range,
        }
    }
}

impl<I: 'static> Metered for StateMachine<I> {
    type Metrics = MachineMetric;
    const NAMESPACE: &'static str = "AWS/States";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("StateMachineArn", on.attribute("arn"))])
    }

    fn range(on: &Handle<Self>, metric: &'static str, range: Range) -> Range {
        if metric != MachineMetric::ExecutionTime.name {
            return range;
        }
        let seconds = on.facts().timeout.get();
        let why = format!("an execution of {} times out after {seconds} s", on.address());
        range.most(f64::from(seconds) * 1000.0, why)
    }
}

impl<I: 'static> Metered for Table<I> {
    type Metrics = TableMetric;
    const NAMESPACE: &'static str = "AWS/DynamoDB";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("TableName", on.attribute("name"))])
    }
}

impl<I: 'static> Handle<Table<I>> {
    /// Throttled reads and writes of the table and of each index, which DynamoDB counts separately. If an index is
    /// throttled, DynamoDB throttles writes to the table, too.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
    pub fn throttles(&self) -> Signal<Count> {
        let refused = [TableMetric::ReadThrottleEvents, TableMetric::WriteThrottleEvents];
        let of_the_table = refused.map(|it| self.metric(it).source);
        let mut all = of_the_table.to_vec();
        for index in &self.facts().indexes {
            all.extend(of_the_table.clone().map(|mut it| {
                it.dimensions.push(("GlobalSecondaryIndexName", Term::Text(index.clone())));
                it
            }));
        }
        Signal::faults(Form::Total(all))
    }
}

impl Metered for RestApi {
    type Metrics = ApiMetric;
    const NAMESPACE: &'static str = "AWS/ApiGateway";

    fn dimensions(on: &Handle<Self>) -> Dimensions {
        Dimensions(vec![("ApiName", on.attribute("name")), ("Stage", on.stage("stage_name"))])
    }

    fn range(on: &Handle<Self>, metric: &'static str, range: Range) -> Range {
        if metric != ApiMetric::Latency.name {
            return range;
        }
        let why = format!("API Gateway times out a request after {INTEGRATION_TIMEOUT} s");
        let range = range.most(u32::from(INTEGRATION_TIMEOUT) * 1000, why);
        match on.longest_wait().as_millis() {
            0 => range,
            // A wait is shorter than a minute.
            wait => range.usual(wait as u32, format!("an answer may wait {wait} ms by design")),
        }
    }
}
