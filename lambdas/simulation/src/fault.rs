//! Faults: how often and when they occur, and their effect on each call.

use std::{collections::BTreeSet, ops::Range};

use crate::listed::listed;

/// The kinds of faults: the wrong verdicts of a call, and those that do not concern a call.
macro_rules! kinds {
    (
        verdicts { $($(#[$of_call:meta])* $wrong:ident,)* }
        others { $($(#[$of_other:meta])* $other:ident,)* }
    ) => {
        /// The effect on one call that a function or a state makes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Verdict {
            /// The call takes effect, and its answer arrives.
            Happens,
            $($(#[$of_call])* $wrong,)*
        }

        impl Verdict {
            /// All kinds of faults.
            pub const WRONG: [Verdict; [$(stringify!($wrong)),*].len()] = [$(Verdict::$wrong),*];
        }

        listed! {
            /// A random fault. The first ones are the wrong verdicts of a call, in their order.
            pub enum Kind {
                $($(#[$of_call])* $wrong,)*
                $($(#[$of_other])* $other,)*
            }
        }
    };
}

kinds! {
    verdicts {
        /// The call fails without an effect. A state's transaction is canceled, for each possible reason.
        Fails,
        /// The call takes effect, but its answer is lost: the caller gets an error.
        AnswerLost,
        /// The caller crashes before the call.
        CrashBefore,
        /// The call takes effect, and the caller crashes before the answer arrives.
        CrashAfter,
        /// The call never returns: the timeout ends the caller.
        Hangs,
        /// The call takes effect, and the SDK gets no answer and repeats it: the caller gets the second answer.
        Twice,
        /// The caller gets an error, and the call takes effect up to [`LATEST`] later.
        Late,
    }
    others {
        /// A function is throttled, or cannot be started.
        NotStarted,
        /// A state's call reaches its function twice.
        Repeated,
        /// The queue delivers a message again, immediately or after it was deleted, any number of times.
        Doubled,
        /// The event source mapping receives a message and does not pass it on: it counts as delivered.
        Burned,
        /// A message is not deleted, because the receipt of its delivery has expired.
        Expired,
        /// The schedule calls the reconciler twice, at the same time.
        Overlaps,
    }
}

/// The longest delay of a call whose caller has stopped waiting, in milliseconds.
pub const LATEST: u64 = 120_000;

/// The rate of each fault, in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates([u16; Kind::ALL.len()]);

/// The largest number of calls in a thousand that fail outside of an outage.
const MOST: u32 = 950;

impl Rates {
    /// No fault at all.
    pub const NONE: Rates = Rates([0; Kind::ALL.len()]);

    /// So many calls of a thousand fail, equally often by each fault, and the queue duplicates a tenth of the
    /// messages.
    pub fn calls(rate: u16) -> Self {
        let each = rate / Verdict::WRONG.len() as u16;
        let rates = Verdict::WRONG.iter().zip(Kind::ALL);
        let rates = rates.fold(Rates::NONE, |rates, (_, kind)| rates.with(kind, each));
        rates.with(Kind::Fails, rate - each * (Verdict::WRONG.len() as u16 - 1))
    }

    /// The same rates, with another rate of one fault.
    #[must_use]
    pub fn with(mut self, kind: Kind, rate: u16) -> Self {
        self.0[kind as usize] = rate;
        self
    }

    /// The rate of a fault.
    pub fn of(&self, kind: Kind) -> u16 {
        self.0[kind as usize]
    }

    /// For each wrong verdict, the upper limit of its draws in a thousand.
    fn thresholds(&self) -> [u32; Verdict::WRONG.len()] {
        let rates = Kind::ALL.map(|it| u32::from(self.of(it)));
        let rates = &rates[..Verdict::WRONG.len()];
        let all: u32 = rates.iter().sum();
        let mut sum = 0;
        std::array::from_fn(|at| {
            sum += rates[at];
            if all > MOST { sum * MOST / all } else { sum }
        })
    }
}

listed! {
    /// A service that can have an outage.
    pub enum Service {
        /// The tables.
        DynamoDb,
        /// The queues.
        Sqs,
        /// Executions cannot be started or read. Running ones continue.
        StepFunctions,
        /// No function starts.
        Lambda,
    }
}

impl Service {
    /// All services, for [`Outage::services`].
    pub const EACH: u8 = (1 << Service::ALL.len()) - 1;

    /// Only this service, for [`Outage::services`].
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A time in which nearly all calls of some services fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// The services: a sum of [`Service::bit`]s.
    pub services: u8,
    /// The time, in milliseconds since the run began.
    pub when: Range<u64>,
    /// The number of failing calls in a thousand.
    pub share: u32,
}

/// The faults of a run.
#[derive(Debug, Clone)]
pub enum FaultPlan {
    /// Faults at random, until ten minutes after the last order, or the end of an outage.
    Random {
        /// The rates of the faults.
        rates: Rates,
        /// The outage, if there is one.
        outage: Option<Outage>,
        /// The numbers of calls that are spared.
        spared: BTreeSet<u32>,
    },
    /// Only the call with this number fails.
    Exactly {
        /// Calls are counted from 0.
        number: u32,
        /// The effect on the call.
        verdict: Verdict,
    },
}

impl FaultPlan {
    /// Faults at these rates, and no outage.
    pub fn random(rates: Rates) -> Self {
        FaultPlan::Random { rates, outage: None, spared: BTreeSet::new() }
    }

    /// No faults.
    pub fn none() -> Self {
        FaultPlan::Exactly { number: u32::MAX, verdict: Verdict::Fails }
    }
}

/// Decides the faults, by the plan.
#[derive(Debug)]
pub struct Faults {
    plan: FaultPlan,
    rates: Rates,
    thresholds: [u32; Verdict::WRONG.len()],
    chance: fastrand::Rng,
    /// Milliseconds since the Unix epoch: faults end here, so that the system can recover from them.
    pub until: u64,
    begin: u64,
    calls: u32,
    /// The numbers of the calls with a fault.
    pub fired: Vec<u32>,
    /// The number of faults that do not concern a call.
    pub struck: u32,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan, seed: u64, begin: u64, until: u64) -> Self {
        let (rates, end) = match &plan {
            FaultPlan::Random { rates, outage, .. } => {
                (*rates, outage.as_ref().map_or(0, |it| begin + it.when.end))
            }
            FaultPlan::Exactly { .. } => (Rates::NONE, 0),
        };
        Faults {
            plan,
            rates,
            thresholds: rates.thresholds(),
            chance: fastrand::Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15),
            until: until.max(end),
            begin,
            calls: 0,
            fired: Vec::new(),
            struck: 0,
        }
    }

    /// Returns the number of calls so far.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// Returns the effect on the next call. The same random number is drawn whether or not it is used, so sparing
    /// one call does not change the others.
    pub(crate) fn next(&mut self, service: Service, now: u64) -> Verdict {
        let number = self.calls;
        self.calls += 1;
        let verdict = match &self.plan {
            FaultPlan::Exactly { number: wrong, verdict } if *wrong == number => *verdict,
            FaultPlan::Exactly { .. } => Verdict::Happens,
            FaultPlan::Random { outage, spared, .. } => {
                let draw = self.chance.u32(..1_000);
                let out = out(outage.as_ref(), service, now - self.begin);
                let wrong = match out {
                    // During an outage, most calls of the service fail, and some are never answered.
                    Some(share) if draw < share => Some(usize::from(draw.is_multiple_of(16)) * 4),
                    Some(_) => None,
                    None => self.thresholds.iter().position(|it| draw < *it),
                };
                match wrong {
                    Some(at) if now < self.until && !spared.contains(&number) => Verdict::WRONG[at],
                    _ => Verdict::Happens,
                }
            }
        };
        if verdict != Verdict::Happens {
            self.fired.push(number);
        }
        verdict
    }

    /// Whether a fault that does not concern a call occurs now.
    pub(crate) fn strikes(&mut self, kind: Kind, now: u64) -> bool {
        let out = match &self.plan {
            FaultPlan::Random { outage, .. } if kind == Kind::NotStarted => {
                out(outage.as_ref(), Service::Lambda, now - self.begin)
            }
            _ => None,
        };
        let rate = out.unwrap_or_else(|| u32::from(self.rates.of(kind)));
        let strikes = rate > 0 && now < self.until && self.chance.u32(..1_000) < rate;
        self.struck += u32::from(strikes);
        strikes
    }
}

/// How many of a thousand calls fail during an outage of a service.
fn out(outage: Option<&Outage>, service: Service, since: u64) -> Option<u32> {
    let of_it = |it: &&Outage| it.services & service.bit() != 0 && it.when.contains(&since);
    outage.filter(of_it).map(|it| it.share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(plan: FaultPlan, service: Service, now: u64) -> [u32; 8] {
        let mut faults = Faults::new(plan, 1, 0, 1_000_000);
        let mut shares = [0; 8];
        for _ in 0..100_000 {
            let verdict = faults.next(service, now);
            let at = Verdict::WRONG.iter().position(|it| *it == verdict);
            shares[at.map_or(7, |it| it)] += 1;
        }
        shares
    }

    #[test]
    fn faults_occur_at_the_planned_rate() {
        let rates = Rates::NONE.with(Kind::AnswerLost, 100).with(Kind::Late, 300);
        let [_, lost, .., late, fine] = shares(FaultPlan::random(rates), Service::Sqs, 0);
        assert!(
            (9_500..10_500).contains(&lost) && (29_300..30_700).contains(&late),
            "{lost} {late}"
        );
        assert_eq!(lost + late + fine, 100_000);
        // All faults together leave one call in twenty without a fault.
        let all = Kind::ALL.into_iter().fold(Rates::NONE, |rates, it| rates.with(it, 1_000));
        let fine = shares(FaultPlan::random(all), Service::Sqs, 0)[7];
        assert!((4_500..5_500).contains(&fine), "{fine}");
        // No fault occurs after the end of faults.
        assert_eq!(shares(FaultPlan::random(all), Service::Sqs, 1_000_000)[7], 100_000);
    }

    #[test]
    fn an_outage_affects_only_its_services_and_its_time() {
        let outage = Outage { services: Service::DynamoDb.bit(), when: 5..2_000_000, share: 980 };
        let plan =
            FaultPlan::Random { rates: Rates::NONE, outage: Some(outage), spared: BTreeSet::new() };
        let check = |service, now, fine: Range<u32>| {
            let found = shares(plan.clone(), service, now)[7];
            assert!(fine.contains(&found), "{service:?} {now}: {found}");
        };
        check(Service::DynamoDb, 4, 100_000..100_001);
        check(Service::DynamoDb, 5, 1_500..2_500);
        check(Service::DynamoDb, 1_999_999, 1_500..2_500);
        check(Service::DynamoDb, 2_000_000, 100_000..100_001);
        check(Service::Sqs, 5, 100_000..100_001);
    }
}
