//! DynamoDB is out for hours, and takes nothing at all meanwhile.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
};

use simulation::{
    facts::Facts,
    fault::{FaultPlan, Outage, Rates, Service},
    plan::Plan,
    reached::Reach,
    run::run,
};

/// What seeds come to, and how often an operator has had an execution go on.
fn check(hours: u64, seeds: std::ops::Range<u64>) -> (Vec<(String, u64)>, u32) {
    let facts = Facts::of_dev().unwrap();
    let when = 0..hours * 3_600_000;
    let outage = Outage { services: Service::DynamoDb as u8, when, share: 1_000 };
    let (rates, spared) = (Rates::NONE, BTreeSet::new());
    let faults = FaultPlan::Random { rates, outage: Some(outage), spared };
    let plan = Plan { invalid: 400, faults, ..Plan::stormy(0) };
    let (mut reach, mut resumed, mut orders) = (Reach::default(), 0, 0);
    for seed in seeds {
        let outcome = run(&facts, &plan, seed, false);
        if let Some(violation) = outcome.violation {
            panic!("{violation}\nseed {seed}\n{}", run(&facts, &plan, seed, true).story);
        }
        reach.add(outcome.reached);
        resumed += outcome.resumed;
        orders += outcome.ends.values().sum::<u32>();
    }
    // Past the harness, so that `cargo xtask test` can tell it.
    let _ = writeln!(
        io::stdout(),
        "measured: DynamoDB is out for {hours} h: {orders} orders, all decided; {resumed} resumed"
    );
    (reach.counts(&facts), resumed)
}

#[test]
fn twelve_hours_lose_nothing_and_need_nobody() {
    let (_, resumed) = check(12, 0..500);
    assert_eq!(resumed, 0);
}

#[test]
fn what_two_days_leave_unrecorded_is_resumed() {
    let (reached, resumed) = check(48, 0..500);
    assert!(resumed > 500, "{resumed}");
    let way = "RecordRejection catches States.ALL -> RecordFailure";
    let count = reached.iter().find(|(name, _)| name == way).map(|(_, count)| *count);
    assert!(count.is_some_and(|it| it >= 100), "{way}: {count:?}");
}
