//! The graphs that every resource of a kind should have.

use function_contract::kind::{DeadLetterQueue, Function, Queue, StateMachine, Table};

use super::Widget;
use crate::model::{
    Handle,
    metric::{
        ApiMetric, DeadLetterMetric, FunctionMetric, MachineMetric, Metered, Metric, MetricOf,
        QueueMetric, TableMetric, Values,
    },
    rest_api::RestApi,
};

/// A kind of resource with ready-made graphs.
#[diagnostic::on_unimplemented(
    message = "there are no ready-made graphs of a `{Self}`",
    note = "the graphs of each kind are in `crates/infra-core/src/model/dashboard/shown.rs`"
)]
pub trait Shown: Metered {
    /// The graphs of these resources, each with a line for each of them.
    #[doc(hidden)]
    fn graphs(all: &[&Handle<Self>]) -> Vec<Widget>;
}

fn of<K: Metered, V: Values>(
    all: &[&Handle<K>],
    metric: MetricOf<K::Metrics, V>,
) -> impl Iterator<Item = Metric<V>> {
    all.iter().map(move |it| it.metric(metric))
}

impl<C: 'static> Shown for Function<C> {
    fn graphs(all: &[&Handle<Self>]) -> Vec<Widget> {
        vec![
            Widget::new("Calls", of(all, FunctionMetric::Invocations).map(Metric::sum)),
            Widget::new("Errors", of(all, FunctionMetric::Errors).map(Metric::sum)),
            Widget::new("Throttles", of(all, FunctionMetric::Throttles).map(Metric::sum)),
            Widget::new("Duration p99", of(all, FunctionMetric::Duration).map(Metric::p99)),
        ]
    }
}

impl<M: 'static> Shown for Queue<M> {
    fn graphs(all: &[&Handle<Self>]) -> Vec<Widget> {
        let waiting = [
            QueueMetric::ApproximateNumberOfMessagesVisible,
            QueueMetric::ApproximateNumberOfMessagesNotVisible,
        ];
        let waiting = waiting.into_iter().flat_map(|it| of(all, it)).map(Metric::maximum);
        let oldest = of(all, QueueMetric::ApproximateAgeOfOldestMessage).map(Metric::maximum);
        vec![Widget::new("Messages", waiting), Widget::new("Oldest message", oldest)]
    }
}

impl<M: 'static> Shown for DeadLetterQueue<M> {
    fn graphs(all: &[&Handle<Self>]) -> Vec<Widget> {
        let there = of(all, DeadLetterMetric::ApproximateNumberOfMessagesVisible);
        vec![Widget::new("Dead letters", there.map(Metric::maximum))]
    }
}

impl<I: 'static> Shown for Table<I> {
    fn graphs(all: &[&Handle<Self>]) -> Vec<Widget> {
        let reads = of(all, TableMetric::ConsumedReadCapacityUnits).map(Metric::sum);
        let writes = of(all, TableMetric::ConsumedWriteCapacityUnits).map(Metric::sum);
        let refused = of(all, TableMetric::WriteThrottleEvents).map(Metric::sum);
        vec![
            Widget::new("Read units", reads),
            Widget::new("Write units", writes),
            Widget::new("Refused writes", refused),
        ]
    }
}

impl<I: 'static> Shown for StateMachine<I> {
    fn graphs(all: &[&Handle<Self>]) -> Vec<Widget> {
        let started = of(all, MachineMetric::ExecutionsStarted);
        let succeeded = of(all, MachineMetric::ExecutionsSucceeded);
        let faults = [MachineMetric::ExecutionsFailed, MachineMetric::ExecutionsTimedOut];
        let faults = faults.into_iter().flat_map(|it| of(all, it)).map(Metric::sum);
        let executions = started.chain(succeeded).map(Metric::sum).chain(faults);
        let time = of(all, MachineMetric::ExecutionTime).map(Metric::p99);
        vec![Widget::new("Executions", executions), Widget::new("Time p99", time)]
    }
}

impl Shown for RestApi {
    fn graphs(all: &[&Handle<Self>]) -> Vec<Widget> {
        let errors = [ApiMetric::ClientErrors, ApiMetric::ServerErrors];
        let errors = errors.into_iter().flat_map(|it| of(all, it)).map(Metric::average);
        vec![
            Widget::new("Requests", of(all, ApiMetric::Count).map(Metric::sum)),
            Widget::new("Share of errors", errors),
            Widget::new("Latency p99", of(all, ApiMetric::Latency).map(Metric::p99)),
        ]
    }
}
