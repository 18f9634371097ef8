//! Every call of one order, and of two orders at the same time, fails in every possible way.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::io::{self, Write as _};

use common::part_of;
use simulation::{
    facts::Facts,
    fault::{FaultPlan, Verdict},
    plan::Plan,
    run::run,
};

#[track_caller]
fn check(orders: u32, invalid: u32, seeds: u64) {
    let facts = Facts::of_dev().unwrap();
    let (mut runs, mut most) = (0, 0);
    for seed in 0..part_of(seeds) {
        // No call has this number, so no call fails.
        let plan = |number, verdict| Plan {
            invalid,
            ..Plan::calm(orders, FaultPlan::Exactly { number, verdict })
        };
        let calm = run(&facts, &plan(u32::MAX, Verdict::Fails), seed, false);
        assert_eq!(calm.violation, None);
        assert_eq!(calm.ends.values().sum::<u32>(), orders);
        most = most.max(calm.calls);
        for number in 0..calm.calls {
            for verdict in Verdict::WRONG {
                let outcome = run(&facts, &plan(number, verdict), seed, false);
                if let Some(violation) = outcome.violation {
                    let told = run(&facts, &plan(number, verdict), seed, true);
                    panic!("{violation}\nseed {seed}, call {number}: {verdict:?}\n{}", told.story);
                }
                assert_eq!(outcome.fired, [number], "seed {seed}: it went wrong as planned");
                runs += 1;
            }
        }
    }
    // Bypasses the test harness, so that `cargo xtask test` can print it.
    let _ = writeln!(
        io::stdout(),
        "measured: every crash point, {orders} at once ({invalid} invalid): {most} calls, {runs} runs"
    );
}

#[test]
fn one_order() {
    check(1, 0, 50);
}

#[test]
fn two_orders() {
    check(2, 0, 50);
}

#[test]
fn two_orders_some_of_which_are_invalid() {
    check(2, 700, 50);
}
