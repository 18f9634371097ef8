//! What was seen so far, to hold later steps against, and what is said where one does not hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use contracts::{
    domain::{OrderId, OrderStatus, Timestamp},
    metric::OrderMetric,
    order::{OrderAccepted, OrderRecord},
    setting::Percent,
};

use crate::{facts::Facts, reached::Reached, services::sqs::Message};

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{invariant} is broken: {what}")]
pub struct Violation {
    /// Which, as the design numbers them.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, what: String) -> Self {
        Violation { invariant, what }
    }
}

/// What was seen so far, to compare with.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The order machine.
    pub(crate) machine: Arc<asl::Machine>,
    pub(crate) rate: Percent,
    pub(crate) orders: BTreeMap<String, OrderRecord>,
    /// Orders that were answered 202.
    pub(crate) promised: BTreeSet<OrderId>,
    /// The last round of an order that an operator has asked for.
    pub(crate) asked: BTreeMap<String, u32>,
    /// How each order stood, from when on.
    pub(crate) versions: BTreeMap<String, Vec<Version>>,
    /// Orders of which a message was sent.
    pub(crate) sent: BTreeSet<String>,
    /// Orders that nobody had decided when their execution ended in `Stored`, and of which no message was sent until then.
    pub(crate) unsent: BTreeSet<String>,
    /// Rejected orders whose record DynamoDB has deleted.
    pub(crate) expired: BTreeSet<String>,
    /// Orders under whose id somebody else's record stood first.
    pub(crate) foreign: BTreeSet<String>,
    /// Orders that were shown as failed by their executions alone, and when first.
    pub(crate) shown_failed: BTreeMap<String, u64>,
    /// What happened of all that is counted.
    pub(crate) facts: BTreeMap<(OrderMetric, OrderId), u32>,
    /// When an order was decided last, other than by a redrive.
    pub(crate) last_decided: u64,
    /// Milliseconds after which the reconciler closes an order.
    pub(crate) deadline: u64,
    /// Which deliveries there were.
    pub(crate) reached: Reached,
    /// Messages that were handled to their end.
    done: BTreeSet<String>,
    /// Messages that the queue keeps or delivers twice, though it should not.
    pub(crate) ghosts: BTreeSet<String>,
}

/// How an order stood for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// Milliseconds since the Unix epoch.
    pub(crate) from: u64,
    pub(crate) status: OrderStatus,
    pub(crate) updated_at: Timestamp,
}

impl Watch {
    /// One more of what is counted has happened.
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
            foreign: BTreeSet::new(),
            shown_failed: BTreeMap::new(),
            facts: BTreeMap::new(),
            last_decided: 0,
            deadline: facts.deadline,
            reached: Reached::default(),
            done: BTreeSet::new(),
            ghosts: BTreeSet::new(),
        }
    }

    /// An operator has asked for this round of an order.
    pub(crate) fn asked(&mut self, order: String, round: u32) {
        let asked = self.asked.entry(order).or_default();
        *asked = round.max(*asked);
    }

    /// A message was handled to its end.
    pub(crate) fn done(&mut self, message: &str) {
        self.done.insert(message.to_owned());
    }

    /// I6: a message that was handled comes back only where the queue itself makes it so.
    pub(crate) fn delivered(&self, message: &str) -> Result<(), Violation> {
        match self.done.contains(message) && !self.ghosts.contains(message) {
            true => Err(Violation::new(
                "I6",
                format!("{message} was handled, and is delivered again with its neighbours"),
            )),
            false => Ok(()),
        }
    }
}

/// Which order a message is about, if it can be read.
pub(crate) fn order_of(message: &Message) -> Option<String> {
    let message: OrderAccepted = serde_json::from_str(&message.body).ok()?;
    Some(message.order_id.to_string())
}
