//! Many seeds: whatever goes wrong, wherever it goes wrong, no invariant breaks.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use simulation::{facts::Facts, plan::Plan, run::run, shrink::shortest};

/// How many runs there are, if nobody asks for others.
const SEEDS: u64 = 20_000;

type Counts = BTreeMap<String, u32>;

fn add(to: &mut Counts, more: Counts) {
    more.into_iter().for_each(|(name, count)| *to.entry(name).or_default() += count);
}

#[test]
fn no_seed_breaks_an_invariant() {
    let facts = Facts::of_dev().unwrap();
    // Light weather finds what needs a long calm after a fault, a storm what needs three in a row.
    let plans = [20, 60, 150].map(Plan::stormy);
    let plan = |seed: u64| &plans[usize::try_from(seed).unwrap() % plans.len()];
    if let Some(seed) = chosen() {
        let outcome = run(&facts, plan(seed), seed, true);
        println!("{}", outcome.story);
        assert_eq!(outcome.violation, None);
        return;
    }
    let (next, began) = (AtomicU64::new(0), Instant::now());
    let failed = std::thread::scope(|scope| {
        let worker = || {
            let (mut ends, mut states) = (Counts::new(), Counts::new());
            let mut faults = 0;
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= SEEDS {
                    return Ok((ends, states, faults));
                }
                let outcome = run(&facts, plan(seed), seed, false);
                if let Some(violation) = outcome.violation {
                    next.store(SEEDS, Ordering::Relaxed);
                    return Err((seed, violation));
                }
                faults += outcome.fired.len();
                add(&mut ends, outcome.ends);
                add(&mut states, outcome.last_states);
            }
        };
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let (mut ends, mut states, mut faults) = (Counts::new(), Counts::new(), 0);
        let mut failed = None;
        for worker in workers {
            match worker.join().unwrap() {
                Ok((some_ends, some_states, more)) => {
                    add(&mut ends, some_ends);
                    add(&mut states, some_states);
                    faults += more;
                }
                Err(found) => failed = Some(found),
            }
        }
        // Past the harness, so that `cargo xtask test` can tell it.
        let _ = writeln!(
            io::stdout(),
            "measured: {SEEDS} seeds, {faults} faults, {ends:?}, {states:?}, {:.1} s",
            began.elapsed().as_secs_f64()
        );
        // Executions came to every end that an order can bring about.
        for state in ["AlreadyDecided", "OrderFailed", "Rejected", "Stored"] {
            assert!(failed.is_some() || states.contains_key(state), "none ended in {state}");
        }
        failed
    });
    if let Some((seed, violation)) = failed {
        panic!("{}", shortest(&facts, plan(seed), seed, &violation));
    }
}

/// The seed of `DOFS_SEED`, to see one run told.
#[expect(clippy::disallowed_methods, reason = "a developer's choice, which no function reads")]
fn chosen() -> Option<u64> {
    let seed = std::env::var("DOFS_SEED").ok().filter(|it| !it.is_empty())?;
    Some(seed.parse().unwrap_or_else(|_| panic!("DOFS_SEED is a number, not `{seed}`")))
}
