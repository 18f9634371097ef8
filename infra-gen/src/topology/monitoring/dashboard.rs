//! The dashboard: one row for each module.

use contracts::metric::{MessageMetric, OrderMetric};

use super::{super::Shared, Watched};
use infra_core::model::{
    Stack,
    dashboard::{Row, Widget},
};

pub(super) fn rows(stack: &Stack, shared: &Shared, on: &Watched) -> Vec<Row> {
    let orders = OrderMetric::ALL.iter().map(|it| shared.metrics.metric(*it).sum());
    let messages = MessageMetric::ALL.iter().map(|it| shared.messages.metric(*it).sum());
    vec![
        Row {
            title: "Orders",
            widgets: vec![
                Widget::new("Orders", orders),
                Widget::new("Messages in trouble", messages),
            ],
        },
        Row::of("api_gateway", [&on.api]),
        Row::of("stepfunctions", [&on.machine]),
        Row::of("lambdas", &stack.functions()),
        Row::of("sqs", &stack.queues()).and(&stack.dead_letter_queues()),
        Row::of("dynamodb", &stack.tables()),
    ]
}
