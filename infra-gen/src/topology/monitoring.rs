//! The alarms, the topic that they notify, and the dashboard.

mod chance;
mod dashboard;
mod machine;
mod orders;
mod services;

use contracts::{functions::ApiHandler, order::OrderSubmitted};
use function_contract::kind::{Function, StateMachine};

use self::{
    dashboard::rows,
    machine::{machine_alarms, record_alarm},
    orders::{order_alarms, queue_alarms},
    services::{api_alarms, function_alarms, table_alarms},
};
use super::{
    MONITORING, Shared,
    dynamodb::{KEY_DELETION_WINDOW, Tables},
    lambdas::Workers,
    sqs::Queues,
};
use infra_core::model::{
    Handle, Stack,
    alarm::{AlarmSpec, Signal, Statistic},
    limits::{EvaluationPeriods, Period},
    metric::Metric,
    refactor::{At, Fate},
    rest_api::RestApi,
    topic::AlarmTopic,
};

use crate::resource;

/// The resources that are monitored.
pub(super) struct Watched {
    pub(super) tables: Tables,
    pub(super) queues: Queues,
    pub(super) workers: Workers,
    pub(super) machine: Handle<StateMachine<OrderSubmitted>>,
    pub(super) api_handler: Handle<Function<ApiHandler>>,
    pub(super) api: Handle<RestApi>,
}

const DLQ_DEPTH: At = MONITORING.at("aws_cloudwatch_metric_alarm.dlq_depth");

const MINUTE: Period = Period::seconds(60);
const ONE: EvaluationPeriods = EvaluationPeriods::new(1);
const THREE: EvaluationPeriods = EvaluationPeriods::new(3);
const FIVE: EvaluationPeriods = EvaluationPeriods::new(5);

pub(super) fn monitoring(stack: &mut Stack, shared: &Shared, on: &Watched) {
    let mut module = stack.module(MONITORING);
    let key = module.key(
        resource!(
            /// Encrypts the alarms' topic. It must be a key of ours: with the AWS-managed one,
            /// alarms could not publish, without an error.
            "alarms"
        ),
        KEY_DELETION_WINDOW,
    );
    let topic = module.alarm_topic(
        resource!(
            /// Receives all alarms.
            "alarms"
        ),
        &key,
        shared.config.alarm_emails,
    );
    order_alarms(&mut module, shared, &topic);
    queue_alarms(&mut module, shared, on, &topic);
    machine_alarms(&mut module, on, &topic);
    record_alarm(&mut module, &topic);
    api_alarms(&mut module, on, &topic);
    table_alarms(&mut module, &on.tables.orders, &topic);
    table_alarms(&mut module, &on.tables.failed_orders, &topic);
    function_alarms(&mut module, &on.api_handler, &topic);
    function_alarms(&mut module, &on.workers.validator, &topic);
    function_alarms(&mut module, &on.workers.order_storage, &topic);
    function_alarms(&mut module, &on.workers.fulfill_order, &topic);
    function_alarms(&mut module, &on.workers.reconcile_orders, &topic);
    module.heartbeat(
        resource!(
            /// reconcile_orders was not called for two intervals of its schedule. Until it is, undecided
            /// orders stay PROCESSING. See whether the schedule reconcile_schedule is
            /// enabled and its role may invoke the function, and whether the function is throttled.
            "reconcile_orders_silent"
        ),
        &on.workers.reconcile_schedule,
        &topic,
    );
    module.dashboard(
        resource!(
            /// One row for each module.
            "dofs"
        ),
        rows(shared, on),
    );
    // The removed alarm fired on every order that failed by design.
    stack.removed(DLQ_DEPTH, Fate::Destroyed);
    stack.output("alarm_topic", "The ARN of the topic that all alarms go to.", &topic.arn());
}

/// An alarm that fires at the first event in a minute.
fn any(metric: Metric, notify: &Handle<AlarmTopic>) -> AlarmSpec<'_> {
    let signal = Signal::Of(metric, Statistic::Sum);
    AlarmSpec { signal, above: 0.0, period: MINUTE, periods: ONE, breaching: ONE, notify }
}

/// An alarm that fires if three of five minutes are above the threshold.
fn lasting(
    metric: Metric,
    statistic: Statistic,
    above: f64,
    notify: &Handle<AlarmTopic>,
) -> AlarmSpec<'_> {
    let signal = Signal::Of(metric, statistic);
    AlarmSpec { signal, above, period: MINUTE, periods: FIVE, breaching: THREE, notify }
}
