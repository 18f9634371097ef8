//! The dashboard: one row for each module.

use contracts::metric::{MessageMetric, OrderMetric};

use super::{super::Shared, Watched};
use infra_core::model::{
    alarm::Statistic,
    dashboard::{Row, Widget},
    metric::{ApiMetric, FunctionMetric, MachineMetric, Metric, QueueMetric, TableMetric},
};

pub(super) fn rows(shared: &Shared, on: &Watched) -> Vec<Row> {
    let sum = |metric: Metric| (metric, Statistic::Sum);
    let orders = OrderMetric::ALL.iter().map(|it| sum(shared.metrics.metric(*it))).collect();
    let messages = MessageMetric::ALL.iter().map(|it| sum(shared.messages.metric(*it))).collect();
    let widget = |title: &str, metrics| Widget { title: title.to_owned(), metrics };
    let functions = |metric, statistic| {
        vec![
            (on.api_handler.metric(metric), statistic),
            (on.workers.validator.metric(metric), statistic),
            (on.workers.order_storage.metric(metric), statistic),
            (on.workers.fulfill_order.metric(metric), statistic),
            (on.workers.reconcile_orders.metric(metric), statistic),
        ]
    };
    let api = |metric, statistic| (on.api.metric(metric), statistic);
    let queue = |metric| (on.queues.orders.metric(metric), Statistic::Maximum);
    let dead = |metric| (on.queues.dead_letters.metric(metric), Statistic::Maximum);
    let table = |metric| {
        vec![sum(on.tables.orders.metric(metric)), sum(on.tables.failed_orders.metric(metric))]
    };
    vec![
        Row {
            title: "Orders",
            widgets: vec![widget("Orders", orders), widget("Messages in trouble", messages)],
        },
        Row {
            title: "api_gateway",
            widgets: vec![
                widget("Requests", vec![api(ApiMetric::Count, Statistic::Sum)]),
                widget(
                    "Share of errors",
                    vec![
                        api(ApiMetric::ClientErrors, Statistic::Average),
                        api(ApiMetric::ServerErrors, Statistic::Average),
                    ],
                ),
                widget("Latency p99", vec![api(ApiMetric::Latency, Statistic::P99)]),
            ],
        },
        Row {
            title: "stepfunctions",
            widgets: vec![
                widget(
                    "Executions",
                    vec![
                        sum(on.machine.metric(MachineMetric::ExecutionsStarted)),
                        sum(on.machine.metric(MachineMetric::ExecutionsSucceeded)),
                        sum(on.machine.metric(MachineMetric::ExecutionsFailed)),
                        sum(on.machine.metric(MachineMetric::ExecutionsTimedOut)),
                    ],
                ),
                widget(
                    "Time p99",
                    vec![(on.machine.metric(MachineMetric::ExecutionTime), Statistic::P99)],
                ),
            ],
        },
        Row {
            title: "lambdas",
            widgets: vec![
                widget("Calls", functions(FunctionMetric::Invocations, Statistic::Sum)),
                widget("Errors", functions(FunctionMetric::Errors, Statistic::Sum)),
                widget("Throttles", functions(FunctionMetric::Throttles, Statistic::Sum)),
                widget("Duration p99", functions(FunctionMetric::Duration, Statistic::P99)),
            ],
        },
        Row {
            title: "sqs",
            widgets: vec![
                widget(
                    "Messages",
                    vec![
                        queue(QueueMetric::ApproximateNumberOfMessagesVisible),
                        queue(QueueMetric::ApproximateNumberOfMessagesNotVisible),
                    ],
                ),
                widget("Oldest message", vec![queue(QueueMetric::ApproximateAgeOfOldestMessage)]),
                widget("Dead letters", vec![dead(QueueMetric::ApproximateNumberOfMessagesVisible)]),
            ],
        },
        Row {
            title: "dynamodb",
            widgets: vec![
                widget("Read units", table(TableMetric::ConsumedReadCapacityUnits)),
                widget("Write units", table(TableMetric::ConsumedWriteCapacityUnits)),
                widget("Refused writes", table(TableMetric::WriteThrottleEvents)),
            ],
        },
    ]
}
