//! DynamoDB has an outage of hours, in which every call fails.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
};

use simulation::{
    facts::Facts,
    fault::{FaultPlan, Outage, Rates, Service},
    plan::Plan,
    run::run,
};

/// How often an operator redrives an execution.
fn check(hours: u64, seeds: std::ops::Range<u64>) -> u32 {
    let facts = Facts::of_dev().unwrap();
    let when = 0..hours * 3_600_000;
    let outage = Outage { services: Service::DynamoDb.bit(), when, share: 1_000 };
    let (rates, spared) = (Rates::NONE, BTreeSet::new());
    let faults = FaultPlan::Random { rates, outage: Some(outage), spared };
    let plan = Plan { invalid: 400, faults, ..Plan::stormy(0) };
    let (mut resumed, mut orders) = (0, 0);
    for seed in seeds {
        let outcome = run(&facts, &plan, seed, false);
        if let Some(violation) = outcome.violation {
            panic!("{violation}\nseed {seed}\n{}", run(&facts, &plan, seed, true).story);
        }
        resumed += outcome.resumed;
        orders += outcome.ends.values().sum::<u32>();
    }
    // Bypasses the test harness, so that `cargo xtask test` can print it.
    let _ = writeln!(
        io::stdout(),
        "measured: DynamoDB is out for {hours} h: {orders} orders, all decided; {resumed} resumed"
    );
    resumed
}

#[test]
fn an_outage_of_twelve_hours_loses_no_order_and_needs_no_operator() {
    assert_eq!(check(12, 0..60), 0);
}

#[test]
fn orders_that_two_days_leave_unrecorded_are_resumed() {
    let resumed = check(48, 0..40);
    assert!(resumed > 40, "{resumed}");
}
