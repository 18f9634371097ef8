//! Metrics that the functions write and the alarms watch.

/// A count of orders, written in CloudWatch's embedded metric format into the namespace that the
/// variable `METRICS_NAMESPACE` names, without dimensions.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderMetric {
    /// Answered 202 by the call that started its execution. Where that call was not answered, the order is not counted.
    OrdersAccepted,
    /// Was found by the validator to break a rule of the business. Each call of the validator counts, and a state calls it
    /// again where an answer is lost.
    VerdictsInvalid,
    /// Fulfilled. An order whose function ended between the write and the count is not counted.
    OrdersFulfilled,
    /// Failed, with a record that says why: each round counts. As with the others, never more than there were. What the
    /// order machine gave up on is counted by Step Functions, as a failed execution.
    OrdersFailed,
    /// Were found PROCESSING past their deadline.
    OrdersStuck,
    /// Could not be started or looked up, since Step Functions throttled the call: the account's quota was
    /// used up. The caller was answered 503.
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

    /// The metric's name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            OrderMetric::OrdersAccepted => "OrdersAccepted",
            OrderMetric::VerdictsInvalid => "VerdictsInvalid",
            OrderMetric::OrdersFulfilled => "OrdersFulfilled",
            OrderMetric::OrdersFailed => "OrdersFailed",
            OrderMetric::OrdersStuck => "OrdersStuck",
            OrderMetric::CallsThrottled => "CallsThrottled",
        }
    }
}

/// A count of messages on the order queue that are in trouble, written beside [`OrderMetric`]. A message
/// whose order could not be fulfilled is not in trouble: that is an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageMetric {
    /// Cannot be read, or leads to no order. Each delivery counts.
    MessagesUnreadable,
    /// Went back to the queue, since a service did not do its part. Each delivery counts.
    DeliveriesFaulted,
}

impl MessageMetric {
    /// Every metric, once.
    pub const ALL: &'static [MessageMetric] =
        &[MessageMetric::MessagesUnreadable, MessageMetric::DeliveriesFaulted];

    /// The metric's name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            MessageMetric::MessagesUnreadable => "MessagesUnreadable",
            MessageMetric::DeliveriesFaulted => "DeliveriesFaulted",
        }
    }
}
