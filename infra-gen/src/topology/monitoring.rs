//! The alarms, the topic that they notify, and the dashboard.

mod chance;
mod dashboard;
mod machine;
mod orders;

use contracts::{functions::ApiHandler, order::OrderSubmitted};
use function_contract::kind::{Function, StateMachine};

use self::{
    dashboard::rows,
    machine::machine_alarms,
    orders::{order_alarms, queue_alarms},
};
use super::{
    MONITORING, Shared,
    dynamodb::{KEY_DELETION_WINDOW, Tables},
    lambdas::Workers,
    sqs::Queues,
};
use infra_core::model::{
    Handle, Stack,
    refactor::{At, Fate},
    rest_api::RestApi,
    watch::ApiWatch,
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
    module.watch_as("api", &on.api, ApiWatch::default(), &topic);
    module.watch(&on.tables.orders, &topic);
    module.watch(&on.tables.failed_orders, &topic);
    module.watch(&on.api_handler, &topic);
    module.watch(&on.workers.validator, &topic);
    module.watch(&on.workers.order_storage, &topic);
    module.watch(&on.workers.fulfill_order, &topic);
    module.watch(&on.workers.reconcile_orders, &topic);
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
}
