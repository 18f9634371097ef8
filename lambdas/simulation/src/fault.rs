//! What becomes of a call.

use std::{collections::BTreeSet, ops::Range};

use crate::world::BEGIN;

/// What becomes of one call that a function or a state makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It happens, and its answer arrives.
    Happens,
    /// It does not happen, and fails.
    Fails,
    /// It happens, but its answer is lost: the caller sees a failure.
    AnswerLost,
    /// The caller crashes before it.
    CrashBefore,
    /// It happens, and the caller crashes before the answer arrives.
    CrashAfter,
    /// It never comes back: the caller is ended by its timeout.
    Hangs,
}

impl Verdict {
    /// Everything that can go wrong.
    pub const WRONG: [Verdict; 5] = [
        Verdict::Fails,
        Verdict::AnswerLost,
        Verdict::CrashBefore,
        Verdict::CrashAfter,
        Verdict::Hangs,
    ];
}

/// What goes wrong in a run.
#[derive(Debug, Clone)]
pub enum FaultPlan {
    /// Of a thousand calls, so many; but none of those whose number is in `spared`. Where many go wrong, one seed of
    /// eight has an outage besides, which outlasts the attempts of a state that calls a function.
    Random {
        /// How many of a thousand.
        rate: u32,
        /// Which not.
        spared: BTreeSet<u32>,
    },
    /// The call of this number, and no other.
    Exactly {
        /// Calls are counted from 0.
        number: u32,
        /// What becomes of it.
        verdict: Verdict,
    },
}

/// From this rate on there are outages.
const OUTAGES: u32 = 10;

/// Of a thousand calls in an outage, so many go wrong.
const OUTAGE: u32 = 950;

/// Decides what goes wrong, as planned.
#[derive(Debug)]
pub struct Faults {
    plan: FaultPlan,
    chance: fastrand::Rng,
    /// Faults end here, so that what they left behind can come to an end.
    until: u64,
    /// When nearly all calls go wrong.
    outage: Range<u64>,
    calls: u32,
    /// The numbers of the calls that went wrong.
    pub fired: Vec<u32>,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan, seed: u64, until: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15);
        let outage = match &plan {
            FaultPlan::Random { rate: OUTAGES.., .. } if chance.u32(..8) == 0 => {
                let begin = BEGIN + chance.u64(..30_000);
                begin..begin + chance.u64(60_000..400_000)
            }
            _ => 0..0,
        };
        Faults { plan, chance, until, outage, calls: 0, fired: Vec::new() }
    }

    /// How many calls there were.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// What becomes of the next call. The same chance is drawn whether or not it is used, so sparing
    /// one call leaves the others alone.
    pub(crate) fn next(&mut self, now: u64) -> Verdict {
        let number = self.calls;
        self.calls += 1;
        let verdict = match &self.plan {
            FaultPlan::Exactly { number: wrong, verdict } if *wrong == number => *verdict,
            FaultPlan::Exactly { .. } => Verdict::Happens,
            FaultPlan::Random { rate, spared } => {
                let (draw, which) = (self.chance.u32(..1_000), self.chance.usize(..5));
                let rate = if self.outage.contains(&now) { OUTAGE } else { *rate };
                match draw < rate && now < self.until && !spared.contains(&number) {
                    true => Verdict::WRONG[which],
                    false => Verdict::Happens,
                }
            }
        };
        if verdict != Verdict::Happens {
            self.fired.push(number);
        }
        verdict
    }
}
