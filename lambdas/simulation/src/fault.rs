//! Faults: how often and when they occur, and their effect on each call.

use std::{collections::BTreeSet, ops::Range};

use crate::listed::listed;

/// The wrong verdicts of a call, which are kinds of faults, and the kinds that are none.
macro_rules! kinds {
    (
        verdicts { $($(#[$of_call:meta])* $wrong:ident,)* }
        others { $($(#[$of_other:meta])* $other:ident,)* }
    ) => {
        /// The effect on one call that a function or a state makes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Verdict {
            /// It happens, and its answer arrives.
            Happens,
            $($(#[$of_call])* $wrong,)*
        }

        impl Verdict {
            /// Everything that can go wrong.
            pub const WRONG: [Verdict; [$(stringify!($wrong)),*].len()] = [$(Verdict::$wrong),*];
        }

        listed! {
            /// A fault that strikes by chance. The first are the wrong verdicts of a call, in their order.
            pub enum Kind {
                $($(#[$of_call])* $wrong,)*
                $($(#[$of_other])* $other,)*
            }
        }
    };
}

kinds! {
    verdicts {
        /// It does not happen, and fails. A state's transaction is canceled, for each reason that there is.
        Fails,
        /// It happens, but its answer is lost: the caller sees a failure.
        AnswerLost,
        /// The caller crashes before it.
        CrashBefore,
        /// It happens, and the caller crashes before the answer arrives.
        CrashAfter,
        /// It never comes back: the caller is ended by its timeout.
        Hangs,
        /// It happens, and the SDK does not hear of it and sends it once more: the caller sees the second answer.
        Twice,
        /// The caller sees a failure, and the call happens up to [`LATEST`] later.
        Late,
    }
    others {
        /// A function is throttled, or cannot be started.
        NotStarted,
        /// A state's call comes to its function twice.
        Repeated,
        /// The queue delivers a message once more, at once or after it was deleted, any number of times.
        Doubled,
        /// The event source takes a message and does not hand it over: it counts as delivered.
        Burned,
        /// A message is not deleted, because the receipt of its delivery has expired.
        Expired,
        /// The schedule calls the reconciler twice, at the same time.
        Overlaps,
    }
}

/// Milliseconds after which a call that its caller gave up has happened, or never does.
pub const LATEST: u64 = 120_000;

/// How often each fault strikes, of a thousand times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates([u16; Kind::ALL.len()]);

/// Of a thousand calls, no more than so many go wrong outside of an outage.
const MOST: u32 = 950;

impl Rates {
    /// No fault at all.
    pub const NONE: Rates = Rates([0; Kind::ALL.len()]);

    /// So many calls of a thousand go wrong, in each way as often as in the others; the queue doubles a tenth of the
    /// messages.
    pub fn calls(rate: u16) -> Self {
        let each = rate / Verdict::WRONG.len() as u16;
        let rates = Verdict::WRONG.iter().zip(Kind::ALL);
        let rates = rates.fold(Rates::NONE, |rates, (_, kind)| rates.with(kind, each));
        rates.with(Kind::Fails, rate - each * (Verdict::WRONG.len() as u16 - 1))
    }

    /// The same, where one fault strikes so often.
    #[must_use]
    pub fn with(mut self, kind: Kind, rate: u16) -> Self {
        self.0[kind as usize] = rate;
        self
    }

    /// How often a fault strikes.
    pub fn of(&self, kind: Kind) -> u16 {
        self.0[kind as usize]
    }

    /// For each wrong verdict, below which draw of a thousand it is the one.
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
    /// A service that can be out.
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
    /// Every one at once, for [`Outage::services`].
    pub const EACH: u8 = (1 << Service::ALL.len()) - 1;

    /// This one alone, for [`Outage::services`].
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// When nearly all calls of some services go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Which: a sum of [`Service::bit`]s.
    pub services: u8,
    /// Milliseconds since the run began.
    pub when: Range<u64>,
    /// Of a thousand calls, so many go wrong.
    pub share: u32,
}

/// The faults of a run.
#[derive(Debug, Clone)]
pub enum FaultPlan {
    /// Faults at random, until ten minutes after the last order, or the end of an outage.
    Random {
        /// How often each strikes.
        rates: Rates,
        /// Whether services are out for a while.
        outage: Option<Outage>,
        /// The numbers of calls that happen all the same.
        spared: BTreeSet<u32>,
    },
    /// The call of this number, and no other.
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

    /// Nothing goes wrong.
    pub fn none() -> Self {
        FaultPlan::Exactly { number: u32::MAX, verdict: Verdict::Fails }
    }
}

/// Decides what goes wrong, as planned.
#[derive(Debug)]
pub struct Faults {
    plan: FaultPlan,
    rates: Rates,
    thresholds: [u32; Verdict::WRONG.len()],
    chance: fastrand::Rng,
    /// Milliseconds since the Unix epoch: faults end here, so that what they left behind can come to an end.
    pub until: u64,
    begin: u64,
    calls: u32,
    /// The numbers of the calls that went wrong.
    pub fired: Vec<u32>,
    /// How often a fault struck that is none of a call.
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

    /// How many calls there were.
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
                    // Most calls of a service that is out fail, and some are never answered.
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

    /// Whether a fault strikes that is none of a call.
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
    fn faults_strike_as_often_as_planned() {
        let rates = Rates::NONE.with(Kind::AnswerLost, 100).with(Kind::Late, 300);
        let [_, lost, .., late, fine] = shares(FaultPlan::random(rates), Service::Sqs, 0);
        assert!(
            (9_500..10_500).contains(&lost) && (29_300..30_700).contains(&late),
            "{lost} {late}"
        );
        assert_eq!(lost + late + fine, 100_000);
        // All together they leave a call in twenty.
        let all = Kind::ALL.into_iter().fold(Rates::NONE, |rates, it| rates.with(it, 1_000));
        let fine = shares(FaultPlan::random(all), Service::Sqs, 0)[7];
        assert!((4_500..5_500).contains(&fine), "{fine}");
        // Nothing goes wrong once faults have ended.
        assert_eq!(shares(FaultPlan::random(all), Service::Sqs, 1_000_000)[7], 100_000);
    }

    #[test]
    fn an_outage_is_of_its_services_and_its_time() {
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
