//! The plan of a run: everything that decides the run, apart from its seed.

mod fault;

use std::collections::BTreeSet;

pub use fault::{Around, Fault};

use crate::{
    fault::{FaultPlan, Kind, Outage, Rates, Service},
    mistake::Mistake,
};

/// A run's plan. Together with a seed it is the whole run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many orders customers place.
    pub orders: u32,
    /// The milliseconds within which customers place them.
    pub within: u64,
    /// The faults of the run.
    pub faults: FaultPlan,
    /// Milliseconds by which the clock of a function may be ahead or behind.
    pub skew: u64,
    /// Milliseconds by which the index lags behind its table at most.
    pub lag: u64,
    /// Whether DescribeExecution is up to 30 seconds behind.
    pub shown_late: bool,
    /// Of a thousand orders, how many break a rule.
    pub invalid: u32,
    /// How many messages without an existing order are put on the queue.
    pub poison: u32,
    /// How often an operator redrives dead letters: all of them, or one.
    pub redrives: u32,
    /// How many records cannot be read for a while.
    pub unreadable: u32,
    /// Whether customers come back after weeks, when records of rejected orders have expired.
    pub weeks: bool,
    /// Whether the id of an order that was just accepted has the record of another order.
    pub foreign: bool,
    /// The safeguard that is disabled.
    pub without: Option<Safeguard>,
    /// The deliberate mistake of the run.
    pub mistake: Mistake,
}

/// Something that keeps orders safe. Without it, a run must break an invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safeguard {
    /// order_storage writes only if there is no record.
    ConditionOfThePut,
    /// A batch's answer names the messages that failed.
    PartialResponses,
    /// Redeliveries and duplicates are not new rounds.
    RoundRule,
    /// An order's status and its record of failure are written together.
    Transaction,
    /// The reconciler closes orders that were not decided in time.
    Reconciler,
}

const MINUTE: u64 = 60_000;
const DAY: u64 = 1_440 * MINUTE;

impl Plan {
    /// A small run in which so many calls of a thousand fail.
    pub fn stormy(rate: u16) -> Self {
        let rates = Rates::calls(rate).with(Kind::Doubled, 100);
        Plan {
            orders: 3,
            within: 20_000,
            faults: FaultPlan::random(rates),
            skew: 0,
            lag: 30_000,
            shown_late: true,
            invalid: 200,
            poison: 1,
            redrives: 1,
            unreadable: 0,
            weeks: false,
            foreign: false,
            without: None,
            mistake: Mistake::default(),
        }
    }

    /// The plan of a seed among many: a random subset of all faults, each at a random rate. Cases that need a long calm after
    /// one fault, and cases that need the same fault ten times, both have their own seeds.
    ///
    /// <https://users.cs.utah.edu/~regehr/papers/swarm12.pdf>
    pub fn of(seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed ^ 0x5851_f42d_4c95_7f2d);
        // One seed of sixteen has no faults.
        let is_calm = chance.u32(..16) == 0;
        let rates = Kind::ALL.into_iter().fold(Rates::NONE, |rates, kind| {
            let rate = match chance.u32(..32) {
                _ if is_calm => 0,
                0..18 => 0,
                18..23 => chance.u16(1..20),
                23..28 => chance.u16(20..100),
                28..31 => chance.u16(100..400),
                _ => chance.u16(400..=1_000),
            };
            rates.with(kind, rate)
        });
        // A long outage is complete, and begins before any order is recorded.
        let outage = match chance.u32(..64) {
            _ if is_calm => None,
            0..8 => Some((MINUTE..7 * MINUTE, 30_000, 950)),
            8..10 => Some((7 * MINUTE..90 * MINUTE, 30_000, 980)),
            10 => Some((90 * MINUTE..2 * DAY, 1_000, 1_000)),
            _ => None,
        };
        let outage = outage.map(|(spans, latest, share)| {
            let begin = chance.u64(..latest);
            let all = chance.u32(..4) == 0;
            let services = if all { Service::EACH } else { chance.u8(1..=Service::EACH) };
            Outage { services, when: begin..begin + chance.u64(spans), share }
        });
        let mut often = |of: u32| !is_calm && chance.u32(..of) == 0;
        Plan {
            faults: FaultPlan::Random { rates, outage, spared: BTreeSet::new() },
            skew: if often(3) { 30_000 } else { 0 },
            lag: if often(8) { 20 * MINUTE } else { 30_000 },
            unreadable: u32::from(often(8)),
            poison: u32::from(often(4)),
            weeks: often(32),
            foreign: often(8),
            redrives: [0, 1, 1, 2, 4, 8][chance.usize(..6)],
            orders: chance.u32(1..=4),
            ..Plan::stormy(0)
        }
    }

    /// A run with only the faults in `faults`.
    pub fn calm(orders: u32, faults: FaultPlan) -> Self {
        Plan { orders, within: 1, faults, invalid: 0, poison: 0, redrives: 0, ..Plan::stormy(0) }
    }
}
