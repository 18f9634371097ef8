//! What happens in a run, apart from its seed.

use std::collections::BTreeSet;

use crate::fault::FaultPlan;

/// A run's plan. Together with a seed it is the whole run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many orders customers place.
    pub orders: u32,
    /// Milliseconds in which they place them.
    pub within: u64,
    /// What goes wrong.
    pub faults: FaultPlan,
    /// Of a thousand deliveries, how many happen twice or again after the message was deleted.
    pub duplicates: u32,
    /// Of a thousand orders, how many break a rule.
    pub invalid: u32,
    /// How many messages are put on the queue that lead to no order.
    pub poison: u32,
    /// How often an operator puts all dead letters back.
    pub redrives: u32,
    /// Which safeguard is taken away.
    pub without: Option<Safeguard>,
}

/// Something that keeps orders safe. Without it, a run must break an invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safeguard {
    /// order_storage writes only where there is no record.
    ConditionOfThePut,
    /// A batch's answer names the messages that failed.
    PartialResponses,
    /// Redeliveries and duplicates are no new rounds.
    RoundRule,
    /// An order's status and its record of failure are written together.
    Transaction,
    /// Somebody closes what nobody decided.
    Reconciler,
}

impl Plan {
    /// A small run in which everything can go wrong: of a thousand calls, so many.
    pub fn stormy(rate: u32) -> Self {
        Plan {
            orders: 3,
            within: 20_000,
            faults: FaultPlan::Random { rate, spared: BTreeSet::new() },
            duplicates: 100,
            invalid: 200,
            poison: 1,
            redrives: 1,
            without: None,
        }
    }

    /// The plan of a seed among many. Light weather finds what needs a long calm after a fault, a storm what
    /// needs three in a row.
    pub fn of(seed: u64) -> Self {
        Plan::stormy(match seed % 3 {
            0 => 20,
            1 => 60,
            _ => 150,
        })
    }

    /// A run in which nothing goes wrong but what is in `faults`.
    pub fn calm(orders: u32, faults: FaultPlan) -> Self {
        Plan {
            orders,
            within: 1,
            faults,
            duplicates: 0,
            invalid: 0,
            poison: 0,
            redrives: 0,
            without: None,
        }
    }
}
