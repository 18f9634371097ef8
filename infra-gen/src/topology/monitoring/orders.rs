//! The alarms on orders and their messages.

use contracts::metric::{MessageMetric, OrderMetric};

use super::{super::Shared, Watched};
use infra_core::model::{
    Handle, Module,
    alarm::AlarmSpec,
    topic::AlarmTopic,
    unit::{Count, Share},
    watch::QueueWatch,
};

use crate::resource;

/// `orders_failed` fires if more than this part of the share that should be fulfilled fails.
const FAILED_INSTEAD: Share = Share::new(0.3);
/// The same for `most_orders_failed`: among few orders, only a larger share is significant.
const MOST_FAILED_INSTEAD: Share = Share::new(0.7);

pub(super) fn order_alarms(module: &mut Module<'_>, shared: &Shared, topic: &Handle<AlarmTopic>) {
    let (fulfilled, orders) = (shared.config.fulfillment_rate, &shared.metrics);
    let failed = |instead| {
        AlarmSpec::failing_instead(orders, OrderMetric::FAILED, fulfilled, instead, topic)
    };
    module.alarm(
        resource!(
            /// More orders fail than are meant to. Look at failure_reason in the newest items of
            /// failed_orders, and at the log of fulfill_order; put the messages back once the cause
            /// is gone, by `dofs redrive`.
            "orders_failed"
        ),
        failed(FAILED_INSTEAD),
    );
    module.alarm(
        resource!(
            /// Nearly all decided orders failed. This alarm needs fewer orders than orders_failed, and a larger share of
            /// failures. Look at failure_reason in the newest items of failed_orders, and at the log of
            /// fulfill_order. Once the cause is gone, put the messages back by `dofs redrive`.
            "most_orders_failed"
        ),
        failed(MOST_FAILED_INSTEAD),
    );
    module.alarm(
        resource!(
            /// Orders were still PROCESSING past their deadline, and were closed as FAILED. Look for
            /// the order ids in the log of reconcile_orders, then follow one through the log of
            /// fulfill_order.
            "orders_stuck"
        ),
        AlarmSpec::first(shared.metrics.faults(OrderMetric::OrdersStuck), topic),
    );
    module.alarm(
        resource!(
            /// Callers got 503, because Step Functions refused StartExecution or DescribeExecution. One of these
            /// quotas of the account is used up: calls of DescribeExecution (a GET of an order without a record makes
            /// one, also if the order does not exist), calls of StartExecution, or 1,000,000 open executions (in a long
            /// outage of DynamoDB, see orders_unrecorded). No order is lost. If it lasts, lower the API's rate,
            /// or request a higher quota.
            "calls_throttled"
        ),
        AlarmSpec::first(shared.metrics.faults(OrderMetric::CallsThrottled), topic),
    );
}

/// Adds the alarms on failing messages. There is no alarm on dead letters themselves, because each order that fails by
/// design leaves one. These alarms, and `orders_stuck`, find the dead letters of faults.
pub(super) fn queue_alarms(
    module: &mut Module<'_>,
    shared: &Shared,
    on: &Watched,
    topic: &Handle<AlarmTopic>,
) {
    module.alarm(
        resource!(
            /// A message on the order queue cannot be handled. Its item in failed_orders, message-<id>, has the
            /// message and the reason. UnreadableOrder: this version cannot read the order's record, for example after a
            /// rollback; put the message back by `dofs redrive` once a version is deployed that can. Otherwise
            /// the message itself cannot be read or names no order: find its sender, because only order_storage
            /// should send. SQS moves it to the dead letters.
            "messages_unreadable"
        ),
        AlarmSpec::first(shared.messages.faults(MessageMetric::MessagesUnreadable), topic),
    );
    module.alarm(
        resource!(
            /// For minutes, messages went back to the queue, because calls to a service failed. The log
            /// of fulfill_order names the service. A message that goes back too often becomes a dead letter,
            /// and reconcile_orders closes its order as FAILED: put it back by `dofs redrive` once the
            /// service works again.
            "deliveries_faulted"
        ),
        AlarmSpec::lasting(
            shared.messages.faults(MessageMetric::DeliveriesFaulted).sum(),
            Count(0),
            topic,
        ),
    );
    // SQS counts a message that fails by design for at most 210 s (fulfill_order's `delay`).
    module.watch_as("queue", &on.stores.queues.orders, QueueWatch::default(), topic);
}
