//! The dashboard: one row for each module.

use contracts::metric::{MessageMetric, OrderMetric};

use super::{super::Shared, Watched};
use infra_core::model::{
    Handle, Stack,
    dashboard::{Row, Widget},
    metric::{
        ApiMetric, DeadLetterMetric, FunctionMetric, MachineMetric, Metered, Metric, MetricOf,
        QueueMetric, TableMetric, Values,
    },
};

pub(super) fn rows(stack: &Stack, shared: &Shared, on: &Watched) -> Vec<Row> {
    let orders = OrderMetric::ALL.iter().map(|it| shared.metrics.metric(*it).sum());
    let messages = MessageMetric::ALL.iter().map(|it| shared.messages.metric(*it).sum());
    let (functions, queues, dead) = (stack.functions(), stack.queues(), stack.dead_letter_queues());
    let waiting = [
        QueueMetric::ApproximateNumberOfMessagesVisible,
        QueueMetric::ApproximateNumberOfMessagesNotVisible,
    ];
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
                Widget::new("Calls", of(&functions, FunctionMetric::Invocations).map(Metric::sum)),
                Widget::new("Errors", of(&functions, FunctionMetric::Errors).map(Metric::sum)),
                Widget::new(
                    "Throttles",
                    of(&functions, FunctionMetric::Throttles).map(Metric::sum),
                ),
                Widget::new(
                    "Duration p99",
                    of(&functions, FunctionMetric::Duration).map(Metric::p99),
                ),
            ],
        },
        Row {
            title: "sqs",
            widgets: vec![
                Widget::new(
                    "Messages",
                    waiting.into_iter().flat_map(|it| of(&queues, it)).map(Metric::maximum),
                ),
                Widget::new(
                    "Oldest message",
                    of(&queues, QueueMetric::ApproximateAgeOfOldestMessage).map(Metric::maximum),
                ),
                Widget::new(
                    "Dead letters",
                    of(&dead, DeadLetterMetric::ApproximateNumberOfMessagesVisible)
                        .map(Metric::maximum),
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

fn of<K: Metered, V: Values>(
    all: &[Handle<K>],
    metric: MetricOf<K::Metrics, V>,
) -> impl Iterator<Item = Metric<V>> {
    all.iter().map(move |it| it.metric(metric))
}

fn tables<V: Values>(on: &Watched, metric: MetricOf<TableMetric, V>) -> [Metric<V>; 2] {
    [on.stores.tables.orders.metric(metric), on.stores.tables.failed_orders.metric(metric)]
}
