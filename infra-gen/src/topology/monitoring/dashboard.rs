//! The dashboard: one row for each module.

use contracts::metric::{MessageMetric, OrderMetric};

use super::{super::Shared, Watched};
use infra_core::model::{
    dashboard::{Row, Widget},
    metric::{
        ApiMetric, DeadLetterMetric, FunctionMetric, MachineMetric, Metric, MetricOf, QueueMetric,
        TableMetric, Values,
    },
};

pub(super) fn rows(shared: &Shared, on: &Watched) -> Vec<Row> {
    let orders = OrderMetric::ALL.iter().map(|it| shared.metrics.metric(*it).sum());
    let messages = MessageMetric::ALL.iter().map(|it| shared.messages.metric(*it).sum());
    let queue = |metric| on.queues.orders.metric(metric).maximum();
    vec![
        Row {
            title: "Orders",
            widgets: vec![
                Widget::new("Orders", orders),
                Widget::new("Messages in trouble", messages),
            ],
        },
        Row {
            title: "api_gateway",
            widgets: vec![
                Widget::new("Requests", [on.api.metric(ApiMetric::Count).sum()]),
                Widget::new(
                    "Share of errors",
                    [ApiMetric::ClientErrors, ApiMetric::ServerErrors]
                        .map(|it| on.api.metric(it).average()),
                ),
                Widget::new("Latency p99", [on.api.metric(ApiMetric::Latency).p99()]),
            ],
        },
        Row {
            title: "stepfunctions",
            widgets: vec![
                Widget::new(
                    "Executions",
                    [
                        on.machine.metric(MachineMetric::ExecutionsStarted).sum(),
                        on.machine.metric(MachineMetric::ExecutionsSucceeded).sum(),
                        on.machine.metric(MachineMetric::ExecutionsFailed).sum(),
                        on.machine.metric(MachineMetric::ExecutionsTimedOut).sum(),
                    ],
                ),
                Widget::new("Time p99", [on.machine.metric(MachineMetric::ExecutionTime).p99()]),
            ],
        },
        Row {
            title: "lambdas",
            widgets: vec![
                Widget::new("Calls", functions(on, FunctionMetric::Invocations).map(Metric::sum)),
                Widget::new("Errors", functions(on, FunctionMetric::Errors).map(Metric::sum)),
                Widget::new("Throttles", functions(on, FunctionMetric::Throttles).map(Metric::sum)),
                Widget::new(
                    "Duration p99",
                    functions(on, FunctionMetric::Duration).map(Metric::p99),
                ),
            ],
        },
        Row {
            title: "sqs",
            widgets: vec![
                Widget::new(
                    "Messages",
                    [
                        queue(QueueMetric::ApproximateNumberOfMessagesVisible),
                        queue(QueueMetric::ApproximateNumberOfMessagesNotVisible),
                    ],
                ),
                Widget::new(
                    "Oldest message",
                    [on.queues.orders.metric(QueueMetric::ApproximateAgeOfOldestMessage).maximum()],
                ),
                Widget::new(
                    "Dead letters",
                    [on.queues
                        .dead_letters
                        .metric(DeadLetterMetric::ApproximateNumberOfMessagesVisible)
                        .maximum()],
                ),
            ],
        },
        Row {
            title: "dynamodb",
            widgets: vec![
                Widget::new(
                    "Read units",
                    tables(on, TableMetric::ConsumedReadCapacityUnits).map(Metric::sum),
                ),
                Widget::new(
                    "Write units",
                    tables(on, TableMetric::ConsumedWriteCapacityUnits).map(Metric::sum),
                ),
                Widget::new(
                    "Refused writes",
                    tables(on, TableMetric::WriteThrottleEvents).map(Metric::sum),
                ),
            ],
        },
    ]
}

fn functions<V: Values>(
    on: &Watched,
    metric: MetricOf<FunctionMetric, V>,
) -> impl Iterator<Item = Metric<V>> {
    let all = [
        on.api_handler.metric(metric),
        on.workers.validator.metric(metric),
        on.workers.order_storage.metric(metric),
        on.workers.fulfill_order.metric(metric),
        on.workers.reconcile_orders.metric(metric),
    ];
    all.into_iter()
}

fn tables<V: Values>(on: &Watched, metric: MetricOf<TableMetric, V>) -> [Metric<V>; 2] {
    [on.tables.orders.metric(metric), on.tables.failed_orders.metric(metric)]
}
