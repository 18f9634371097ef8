//! Many seeds: whatever faults occur, and wherever, no invariant breaks.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::{
    io::{self, Write as _},
    time::Instant,
};

use common::{part_of, seeds};
use simulation::{
    facts::Facts,
    many::{Tally, many},
    plan::Plan,
    run::run,
};

/// A seed creates and drops many small JSON values, and the C library's allocator takes a fifth more time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The least number of seeds that reach each state of the machine, each transition of a Choice and of a `Catch`, and each kind of
/// delivery of a message, by the status of its order. With fewer seeds, the required number is smaller in proportion.
const ENOUGH: u64 = 100;

/// Panics with the shortest story of the first seed that failed.
#[track_caller]
fn none_failed(facts: &Facts, tally: &Tally) {
    if let Some((seed, why)) = tally.failed.first_key_value() {
        let failed: Vec<_> = tally.failed.keys().collect();
        panic!("{failed:?} failed. {}", why.story(facts, *seed));
    }
}

#[test]
fn no_seed_breaks_an_invariant() {
    let facts = Facts::of_dev().unwrap();
    if let Some(seed) = chosen() {
        let outcome = run(&facts, &Plan::of(seed), seed, true);
        println!("{}", outcome.story);
        assert_eq!(outcome.violation, None);
        return;
    }
    let began = Instant::now();
    let tally = many(&facts, 0..=seeds() - 1, None, |_| ());
    // Bypasses the test harness, so that `cargo xtask test` can print it.
    let _ = writeln!(
        io::stdout(),
        "measured: {} seeds, {} faults, {:?}, {:?}, {:.1} s",
        tally.runs,
        tally.faults,
        tally.ends,
        tally.last_states,
        began.elapsed().as_secs_f64()
    );
    none_failed(&facts, &tally);
    assert_eq!(tally.runs, seeds());
    let counts = tally.reach.counts(&facts);
    let told: Vec<_> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let _ = writeln!(io::stdout(), "measured: seeds that came to each: {}", told.join(", "));
    let enough = part_of(ENOUGH);
    let seldom: Vec<_> = counts.iter().filter(|(_, count)| *count < enough).collect();
    assert!(seldom.is_empty(), "fewer than {enough} seeds came to each of {seldom:#?}");
}

#[test]
fn no_seed_that_failed_once_fails_again() {
    let facts = Facts::of_dev().unwrap();
    for seed in listed(include_str!("seeds.txt")) {
        none_failed(&facts, &many(&facts, seed..=seed, None, |_| ()));
    }
}

/// The seeds of a list: one in each line, with a comment after `#`.
fn listed(text: &str) -> Vec<u64> {
    let lines = text.lines().map(|it| it.split('#').next().unwrap_or_default().trim());
    let seeds = lines.filter(|it| !it.is_empty());
    seeds.map(|it| it.parse().unwrap_or_else(|_| panic!("`{it}` is not a seed"))).collect()
}

/// A seed decides the whole run, and nothing else affects it.
#[test]
fn a_seed_is_the_same_run_each_time() {
    let facts = Facts::of_dev().unwrap();
    for seed in (0..seeds()).step_by(250) {
        let [one, other] = [(); 2].map(|()| run(&facts, &Plan::of(seed), seed, true));
        assert_eq!(one.story.to_string(), other.story.to_string(), "seed {seed}");
        assert!(!one.story.to_string().is_empty());
        assert_eq!((one.calls, one.fired, one.ends), (other.calls, other.fired, other.ends));
    }
}

#[test]
fn a_list_has_one_seed_in_each_line() {
    assert_eq!(listed("# why\n\n7 # I3 is broken: …\n 18446744073709551614\n"), [7, u64::MAX - 1]);
    assert!(std::panic::catch_unwind(|| listed("7 8")).is_err());
}

/// The seed of `DOFS_SEED`, whose story the test prints.
#[expect(clippy::disallowed_methods, reason = "a developer's choice, which no function reads")]
fn chosen() -> Option<u64> {
    let seed = std::env::var("DOFS_SEED").ok().filter(|it| !it.is_empty())?;
    Some(seed.parse().unwrap_or_else(|_| panic!("DOFS_SEED is a number, not `{seed}`")))
}
