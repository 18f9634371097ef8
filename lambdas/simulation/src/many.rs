//! Many runs, on every core.

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    ops::RangeInclusive,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::{
    clause::Violation,
    facts::Facts,
    plan::Plan,
    reached::Reach,
    run::{Outcome, run},
    shrink::shortest,
};

/// The number of failures after which no further seeds are run.
const MOST_FAILED: usize = 10;

/// Counts by name.
pub type Counts = BTreeMap<String, u64>;

/// The results of many runs.
#[derive(Debug, Default)]
pub struct Tally {
    /// The number of runs.
    pub runs: u64,
    /// The number of calls with a fault.
    pub faults: u64,
    /// Orders, by their status in the end.
    pub ends: Counts,
    /// Executions, by the state that they ended in.
    pub last_states: Counts,
    /// States, transitions and deliveries, and how many runs reached each.
    pub reach: Reach,
    /// Runs that failed, by their seed.
    pub failed: BTreeMap<u64, Failed>,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// An invariant broke.
    Broken(Violation),
    /// The code panicked, with this message.
    Panicked(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Broken(violation) => violation.fmt(f),
            Failed::Panicked(message) => write!(f, "it panicked: {message}"),
        }
    }
}

impl Failed {
    /// The run in short, as far as it can be repeated, and the command that prints all of it.
    pub fn story(&self, facts: &Facts, seed: u64) -> String {
        match self {
            Failed::Broken(violation) => shortest(facts, &Plan::of(seed), seed, violation),
            Failed::Panicked(_) => format!("seed {seed}: {self}\n{}", again(seed)),
        }
    }
}

/// Returns the command that prints the whole run of a seed.
pub fn again(seed: u64) -> String {
    format!(
        "the whole run: DOFS_SEED={seed} cargo test -p simulation --test seeds -- --nocapture\n"
    )
}

/// An event that is reported immediately, while seeds run.
#[derive(Debug)]
pub enum News<'a> {
    /// A worker begins with a seed, or has no more to do.
    Runs {
        /// Workers are counted from 0.
        worker: usize,
        /// The seed that it runs.
        seed: Option<u64>,
    },
    /// A run has failed.
    Failed {
        /// Its seed.
        seed: u64,
        /// The reason.
        why: &'a Failed,
    },
}

/// The number of parallel runs: one on each core.
pub fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Runs the plan of each seed, from the first on without a gap, until all are run, `end` has come, or ten have
/// failed.
pub fn many(
    facts: &Facts,
    seeds: RangeInclusive<u64>,
    end: Option<Instant>,
    hear: impl Fn(News<'_>) + Sync,
) -> Tally {
    let (left, all) = (Mutex::new(Some(seeds)), Mutex::new(Tally::default()));
    let next = || match end.is_some_and(|end| Instant::now() >= end) {
        true => None,
        false => lock(&left).as_mut()?.next(),
    };
    let work = |worker| {
        let mut mine = Tally::default();
        while let Some(seed) = next() {
            hear(News::Runs { worker, seed: Some(seed) });
            mine.runs += 1;
            // A panic is a failure like any other, and does not affect other seeds.
            let ran = catch_unwind(AssertUnwindSafe(|| run(facts, &Plan::of(seed), seed, false)));
            let why = match ran {
                Ok(outcome) => mine.add(outcome).map(Failed::Broken),
                Err(panic) => Some(Failed::Panicked(message(&*panic))),
            };
            if let Some(why) = why {
                let mut all = lock(&all);
                hear(News::Failed { seed, why: &why });
                all.failed.insert(seed, why);
                if all.failed.len() >= MOST_FAILED {
                    *lock(&left) = None;
                }
            }
        }
        hear(News::Runs { worker, seed: None });
        lock(&all).join(mine);
    };
    let work = &work;
    std::thread::scope(|scope| {
        (0..workers()).for_each(|worker| drop(scope.spawn(move || work(worker))));
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    text.or_else(|| panic.downcast_ref().cloned()).unwrap_or_else(|| "without a text".to_owned())
}

impl Tally {
    /// Counts the results of one run, and returns its violation.
    fn add(&mut self, outcome: Outcome) -> Option<Violation> {
        self.faults += outcome.fired.len() as u64;
        let counts = |of: BTreeMap<String, u32>| of.into_iter().map(|(it, n)| (it, n.into()));
        count(&mut self.ends, counts(outcome.ends));
        count(&mut self.last_states, counts(outcome.last_states));
        self.reach.add(outcome.reached);
        outcome.violation
    }

    fn join(&mut self, other: Tally) {
        self.runs += other.runs;
        self.faults += other.faults;
        count(&mut self.ends, other.ends);
        count(&mut self.last_states, other.last_states);
        self.reach.join(&other.reach);
    }
}

fn count(to: &mut Counts, more: impl IntoIterator<Item = (String, u64)>) {
    more.into_iter().for_each(|(name, count)| *to.entry(name).or_default() += count);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn facts() -> Facts {
        Facts::of_dev().expect("infra-gen wrote it")
    }

    /// Returns the results of the seeds, and the failures that were reported.
    fn heard(facts: &Facts, seeds: RangeInclusive<u64>, end: Option<Instant>) -> (Tally, Vec<u64>) {
        let heard = Mutex::new(Vec::new());
        let tally = many(facts, seeds, end, |news| {
            if let News::Failed { seed, .. } = news {
                lock(&heard).push(seed);
            }
        });
        let mut heard = heard.into_inner().expect("no run panics while it is heard");
        heard.sort_unstable();
        (tally, heard)
    }

    #[test]
    fn many_runs_are_the_sum_of_each() {
        let facts = facts();
        let mut one_by_one = Tally::default();
        for seed in 7..13 {
            one_by_one.runs += 1;
            assert_eq!(one_by_one.add(run(&facts, &Plan::of(seed), seed, false)), None);
        }
        let (tally, heard) = heard(&facts, 7..=12, None);
        assert_eq!(heard, [0; 0]);
        assert_eq!(format!("{tally:?}"), format!("{one_by_one:?}"));
        assert!(tally.ends.values().sum::<u64>() > 6, "{tally:?}");
    }

    #[test]
    fn each_failure_is_reported_until_there_are_ten() {
        let mut facts = facts();
        // The functions draw by another rate than the invariant.
        facts.rate = 0;
        let (tally, heard) = heard(&facts, 0..=999, None);
        assert_eq!(heard, tally.failed.keys().copied().collect::<Vec<_>>());
        assert!(heard.len() >= MOST_FAILED && tally.runs < 1_000, "{tally:?}");
        let (seed, why) = tally.failed.first_key_value().expect("ten failed");
        let story = why.story(&facts, *seed);
        assert!(story.contains("the draw says otherwise"), "{story}");
        assert!(story.contains(&format!("DOFS_SEED={seed} cargo test")), "{story}");
    }

    #[test]
    fn a_panic_is_a_failure() {
        let mut facts = facts();
        let api = facts.functions.get_mut("api_handler").expect("there is an API");
        api.environment.clear();
        let (tally, heard) = heard(&facts, 3..=3, None);
        assert_eq!((tally.runs, heard), (1, vec![3]));
        let story = tally.failed[&3].story(&facts, 3);
        assert!(story.starts_with("seed 3: it panicked: api_handler: "), "{story}");
    }

    #[test]
    fn each_worker_reports_its_seeds_and_its_end() {
        let heard = Mutex::new(BTreeMap::<usize, Vec<Option<u64>>>::new());
        let last = u64::MAX;
        let tally = many(&facts(), last - 6..=last, None, |news| {
            if let News::Runs { worker, seed } = news {
                lock(&heard).entry(worker).or_default().push(seed);
            }
        });
        let heard = heard.into_inner().expect("no run panics while it is heard");
        assert_eq!(heard.keys().copied().collect::<Vec<_>>(), (0..workers()).collect::<Vec<_>>());
        let mut seeds = Vec::new();
        for worker in heard.values() {
            let Some((None, ran)) = worker.split_last() else { panic!("{worker:?}") };
            seeds.extend(ran.iter().map(|it| it.expect("it has more to do")));
        }
        seeds.sort_unstable();
        assert_eq!(seeds, (last - 6..=last).collect::<Vec<_>>());
        assert_eq!(tally.runs, 7);
    }

    #[test]
    fn no_seed_begins_after_the_end() {
        let now = Instant::now();
        assert_eq!(heard(&facts(), 0..=999, Some(now)).0.runs, 0);
        let (tally, _) = heard(&facts(), 0..=u64::MAX, Some(now + Duration::from_millis(1)));
        assert!(tally.runs < u64::MAX);
    }
}
