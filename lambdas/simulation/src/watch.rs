//! What was seen so far, to hold later steps against, and what is said where one does not hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use contracts::{
    domain::OrderId,
    order::{OrderAccepted, OrderRecord},
    setting::Percent,
};

use crate::{facts::Facts, services::sqs::Message};

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
    /// How often an operator put a dead letter of an order back.
    pub(crate) redriven: BTreeMap<String, u32>,
    /// Messages that were handled to their end.
    done: BTreeSet<String>,
    /// Messages that the queue keeps or delivers twice, though it should not.
    pub(crate) ghosts: BTreeSet<String>,
}

impl Watch {
    pub(crate) fn new(facts: &Facts) -> Self {
        Watch {
            machine: Arc::clone(&facts.machine),
            rate: Percent::new(facts.rate.min(100)),
            orders: BTreeMap::new(),
            promised: BTreeSet::new(),
            redriven: BTreeMap::new(),
            done: BTreeSet::new(),
            ghosts: BTreeSet::new(),
        }
    }

    /// An operator has put these messages back.
    pub(crate) fn redriven(&mut self, messages: &[Message]) {
        let orders: BTreeSet<String> = messages.iter().filter_map(order_of).collect();
        for order in orders {
            *self.redriven.entry(order).or_default() += 1;
        }
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
