//! Measures how many orders our own code decides in a second, and the time of each code.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::{
    clause::Violation,
    facts::Facts,
    fault::{FaultPlan, Rates},
    many::workers,
    plan::Plan,
    run::run,
    spent::{Spent, metered},
};

/// The number of orders of one run. Each run has a separate world.
const ORDERS: u32 = 100;

/// The results of many plain orders.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// The number of decided orders.
    pub orders: u64,
    /// The time in seconds from the first order to the last decision.
    pub seconds: f64,
    /// The time of each code, summed over all cores. Empty if it was not measured.
    pub spent: Spent,
}

/// Runs plain orders on every core: without faults, and without duplicates except those of customers. The seeds
/// begin at 0.
///
/// # Errors
///
/// The invariant that a run breaks, because a figure of wrong results means nothing.
pub fn pace(facts: &Facts, runs: u64, with_shares: bool) -> Result<Pace, Violation> {
    let (next, all) = (AtomicU64::new(0), Mutex::new(Ok(Pace::default())));
    let began = Instant::now();
    let work = || {
        let done = match with_shares {
            true => metered(|| decided(facts, &next, runs)),
            false => (decided(facts, &next, runs), Spent::default()),
        };
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        match (&mut *all, done) {
            (Ok(all), (Ok(orders), spent)) => {
                all.orders += orders;
                all.spent += spent;
            }
            (Ok(_), (Err(violation), _)) => *all = Err(violation),
            (Err(_), _) => {}
        }
    };
    std::thread::scope(|scope| {
        (0..workers()).for_each(|_| drop(scope.spawn(work)));
    });
    let seconds = began.elapsed().as_secs_f64();
    let all = all.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    Ok(Pace { seconds, ..all })
}

/// Runs one seed after the other, and counts the orders.
fn decided(facts: &Facts, next: &AtomicU64, runs: u64) -> Result<u64, Violation> {
    let mut orders = 0;
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= runs {
            return Ok(orders);
        }
        let outcome = run(facts, &plain(), seed, false);
        if let Some(violation) = outcome.violation {
            return Err(violation);
        }
        orders += outcome.ends.values().map(|it| u64::from(*it)).sum::<u64>();
    }
}

/// The plan of one run: orders within a minute.
fn plain() -> Plan {
    Plan { within: 60_000, ..Plan::calm(ORDERS, FaultPlan::random(Rates::NONE)) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::spent::Code;

    fn facts() -> Facts {
        Facts::of_dev().expect("infra-gen wrote it")
    }

    #[test]
    fn every_order_is_decided_and_every_code_has_a_time() {
        let pace = pace(&facts(), 3, true).expect("nothing goes wrong");
        assert_eq!(pace.orders, 3 * u64::from(ORDERS));
        let spent = Code::ALL.map(|it| (it, pace.spent.of(it)));
        assert!(spent.iter().all(|it| it.1 > Duration::ZERO), "{spent:?}");
        let all: Duration = spent.iter().map(|it| it.1).sum();
        assert!(all.as_secs_f64() <= pace.seconds * workers() as f64, "{all:?} {pace:?}");
    }

    #[test]
    fn a_run_with_wrong_results_is_an_error() {
        let mut facts = facts();
        // The functions draw by another rate than the invariant.
        facts.rate = 0;
        assert_eq!(pace(&facts, 3, false).expect_err("I4").invariant(), "I4");
    }
}
