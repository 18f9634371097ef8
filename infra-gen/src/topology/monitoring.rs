//! The alarms, the topic that they notify, and the dashboard.

mod dashboard;
mod machine;
mod orders;

use contracts::order::OrderSubmitted;
use function_contract::kind::StateMachine;

use self::{
    dashboard::rows,
    machine::machine_alarms,
    orders::{order_alarms, queue_alarms},
};
use super::{MONITORING, Shared, Stores, dynamodb::KEY_DELETION_WINDOW, lambdas::Workers};
use infra_core::model::{
    Handle, Stack,
    refactor::{At, Fate},
    rest_api::RestApi,
    watch::ApiWatch,
};

use crate::resource;

/// The resources that are monitored.
pub(super) struct Watched {
    pub(super) stores: Stores,
    pub(super) workers: Workers,
    pub(super) machine: Handle<StateMachine<OrderSubmitted>>,
    pub(super) api: Handle<RestApi>,
}

const DLQ_DEPTH: At = MONITORING.at("aws_cloudwatch_metric_alarm.dlq_depth");

pub(super) fn monitoring(stack: &mut Stack, shared: &Shared, on: &Watched) {
    let (functions, queues, dead) = (stack.functions(), stack.queues(), stack.dead_letter_queues());
    let rows = rows(stack, shared, on);
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
    module.watch(&on.stores.tables.orders, &topic);
    module.watch(&on.stores.tables.failed_orders, &topic);
    functions.iter().for_each(|it| module.watch(it, &topic));
    // `order_alarms` and `queue_alarms` watch the queues of orders.
    let others = queues.iter().filter(|it| it.address() != on.stores.queues.orders.address());
    others.for_each(|it| module.watch(it, &topic));
    let others = dead.iter().filter(|it| it.address() != on.stores.queues.dead_letters.address());
    others.for_each(|it| module.watch(it, &topic));
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
        rows,
    );
    // The removed alarm fired on every order that failed by design.
    stack.removed(DLQ_DEPTH, Fate::Destroyed);
}
