//! Metrics that the functions write and the alarms watch.

use function_contract::metric::{MetricName, Outcome};

/// A count of orders, written in CloudWatch's embedded metric format into the namespace that the
/// variable `METRICS_NAMESPACE` names, without dimensions.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderMetric {
    /// Orders that the API accepted with 202. An order is not counted if the call that started its execution got no
    /// answer.
    OrdersAccepted,
    /// Orders that break a business rule. Each call of the validator counts, and the state machine calls it again if an
    /// answer is lost.
    VerdictsInvalid,
    /// Fulfilled orders. An order is not counted if the function ended between the write and the count.
    OrdersFulfilled,
    /// Orders that failed, with a record of the reason. Each round counts. As with the other metrics, the count is
    /// never too high. Step Functions counts an order that the order machine gave up on, as a failed execution.
    OrdersFailed,
    /// Orders that were still PROCESSING after their deadline.
    OrdersStuck,
    /// Orders that could not be started or read, because Step Functions throttled the call: the account's quota was
    /// used up. The caller got the response 503.
    CallsThrottled,
}

impl OrderMetric {
    /// Every metric, once.
    pub const ALL: &'static [OrderMetric] = &[
        OrderMetric::OrdersAccepted,
        OrderMetric::VerdictsInvalid,
        OrderMetric::OrdersFulfilled,
        OrderMetric::OrdersFailed,
        OrderMetric::OrdersStuck,
        OrderMetric::CallsThrottled,
    ];

    /// The decided orders that failed.
    pub const FAILED: Outcome<OrderMetric> =
        Outcome { part: OrderMetric::OrdersFailed, rest: OrderMetric::OrdersFulfilled };
}

impl MetricName for OrderMetric {
    fn name(self) -> &'static str {
        match self {
            OrderMetric::OrdersAccepted => "OrdersAccepted",
            OrderMetric::VerdictsInvalid => "VerdictsInvalid",
            OrderMetric::OrdersFulfilled => "OrdersFulfilled",
            OrderMetric::OrdersFailed => "OrdersFailed",
            OrderMetric::OrdersStuck => "OrdersStuck",
            OrderMetric::CallsThrottled => "CallsThrottled",
        }
    }

    fn is_fault(self) -> bool {
        match self {
            OrderMetric::OrdersStuck | OrderMetric::CallsThrottled => true,
            // Orders fail and break rules by design.
            OrderMetric::OrdersAccepted
            | OrderMetric::VerdictsInvalid
            | OrderMetric::OrdersFulfilled
            | OrderMetric::OrdersFailed => false,
        }
    }
}

/// A count of messages on the order queue that could not be processed, written to the same namespace as
/// [`OrderMetric`]. A message whose order could not be fulfilled is not counted: that is a regular result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageMetric {
    /// Messages that cannot be read, or that name no readable order. Each delivery counts.
    MessagesUnreadable,
    /// Messages that returned to the queue, because a call to an AWS service failed. Each delivery counts.
    DeliveriesFaulted,
}

impl MessageMetric {
    /// Every metric, once.
    pub const ALL: &'static [MessageMetric] =
        &[MessageMetric::MessagesUnreadable, MessageMetric::DeliveriesFaulted];
}

impl MetricName for MessageMetric {
    fn name(self) -> &'static str {
        match self {
            MessageMetric::MessagesUnreadable => "MessagesUnreadable",
            MessageMetric::DeliveriesFaulted => "DeliveriesFaulted",
        }
    }

    fn is_fault(self) -> bool {
        true
    }
}
