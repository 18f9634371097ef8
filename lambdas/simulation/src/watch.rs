//! The observations so far, to compare later steps with.

use function_contract::time::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use contracts::{
    domain::{OrderId, OrderStatus},
    metric::OrderMetric,
    order::{OrderAccepted, OrderRecord},
};
use function_contract::setting::Percent;

use crate::{
    branch::Stands,
    clause::{Clause, Violation},
    facts::Facts,
    reached::Reached,
};

/// The observations so far, to compare with.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The order machine.
    pub(crate) machine: Arc<asl::Machine>,
    pub(crate) rate: Percent,
    pub(crate) orders: BTreeMap<String, OrderRecord>,
    /// Orders that got the answer 202.
    pub(crate) promised: BTreeSet<OrderId>,
    /// The last round of each order that an operator requested.
    pub(crate) asked: BTreeMap<String, u32>,
    /// The statuses of each order, with the time from which it had them.
    pub(crate) versions: BTreeMap<String, Vec<Version>>,
    /// Orders for which a message was sent.
    pub(crate) sent: BTreeSet<String>,
    /// Orders that were undecided when their execution ended in `Stored`, and for which no message was sent until then.
    pub(crate) unsent: BTreeSet<String>,
    /// Rejected orders whose record DynamoDB has deleted.
    pub(crate) expired: BTreeSet<String>,
    /// Records of other orders, by the id that has them.
    pub(crate) foreign: BTreeMap<String, Foreign>,
    /// Executions that succeeded although the record was another order's.
    pub(crate) misled: BTreeSet<String>,
    /// Orders that were shown as failed only because of their executions, with the first time.
    pub(crate) shown_failed: BTreeMap<String, u64>,
    /// The events that metrics count.
    pub(crate) facts: BTreeMap<(OrderMetric, OrderId), u32>,
    /// The time of the last decision of an order, except by a redrive.
    pub(crate) last_decided: u64,
    /// Milliseconds after which the reconciler closes an order.
    pub(crate) deadline: u64,
    /// The deliveries and the branches of handlers that the run reached.
    pub(crate) reached: Reached,
    /// The status of the order at each delivery, by the receipt.
    pub(crate) delivered: BTreeMap<String, Stands>,
    /// How often each message was counted as faulted at its last handling.
    pub(crate) faulted: BTreeMap<String, u32>,
    /// Messages that were handled to their end.
    done: BTreeSet<String>,
    /// Messages that the queue keeps or delivers twice by a fault.
    pub(crate) ghosts: BTreeSet<String>,
}

/// A status of an order, and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// Milliseconds since the Unix epoch.
    pub(crate) from: u64,
    /// The status and the time in its record, if it has one.
    pub(crate) record: Option<(OrderStatus, Timestamp)>,
}

/// Another order's record under the id of an order.
#[derive(Debug)]
pub(crate) struct Foreign {
    /// The record as it was stored.
    pub(crate) record: OrderRecord,
    /// Whether it still exists.
    pub(crate) stands: bool,
}

impl Watch {
    /// Counts an event of a metric.
    pub(crate) fn happened(&mut self, metric: OrderMetric, order: &OrderId) {
        *self.facts.entry((metric, order.clone())).or_default() += 1;
    }

    pub(crate) fn new(facts: &Facts) -> Self {
        Watch {
            machine: Arc::clone(&facts.machine),
            rate: Percent::new(facts.rate.min(100)),
            orders: BTreeMap::new(),
            promised: BTreeSet::new(),
            asked: BTreeMap::new(),
            versions: BTreeMap::new(),
            sent: BTreeSet::new(),
            unsent: BTreeSet::new(),
            expired: BTreeSet::new(),
            foreign: BTreeMap::new(),
            misled: BTreeSet::new(),
            shown_failed: BTreeMap::new(),
            facts: BTreeMap::new(),
            last_decided: 0,
            deadline: facts.deadline,
            reached: Reached::default(),
            delivered: BTreeMap::new(),
            faulted: BTreeMap::new(),
            done: BTreeSet::new(),
            ghosts: BTreeSet::new(),
        }
    }

    /// Notes that an operator has requested this round of an order.
    pub(crate) fn asked(&mut self, order: String, round: u32) {
        let asked = self.asked.entry(order).or_default();
        *asked = round.max(*asked);
    }

    /// Notes that a message was handled.
    pub(crate) fn done(&mut self, message: &str) {
        self.done.insert(message.to_owned());
    }

    /// I6: a handled message is delivered again only by a fault of the queue.
    pub(crate) fn delivered(&self, message: &str) -> Result<(), Violation> {
        match self.done.contains(message) && !self.ghosts.contains(message) {
            true => Err(Violation::new(
                Clause::HandledOnce,
                format!("{message} was handled, and is delivered again with its neighbours"),
            )),
            false => Ok(()),
        }
    }
}

/// Returns the order of a message, if its body can be read.
pub(crate) fn order_of(body: &str) -> Option<String> {
    let message: OrderAccepted = serde_json::from_str(body).ok()?;
    Some(message.order_id.to_string())
}
