//! I4: the share of fulfilled orders is the configured rate, whatever messages are delivered twice.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::io::{self, Write as _};

use common::part_of;
use simulation::{
    facts::Facts,
    fault::{FaultPlan, Kind, Rates},
    plan::Plan,
    run::run,
};

#[test]
fn ten_thousand_orders() {
    let facts = Facts::of_dev().unwrap();
    let orders = u32::try_from(part_of(10_000)).unwrap();
    let plan = Plan {
        orders,
        within: 3_600_000,
        faults: FaultPlan::random(Rates::calls(5).with(Kind::Doubled, 100)),
        invalid: 0,
        poison: 10,
        redrives: 0,
        ..Plan::stormy(0)
    };
    let first = run(&facts, &plan, 1, false);
    assert_eq!(first.violation, None);
    let count = |status: &str| f64::from(first.ends.get(status).copied().unwrap_or_default());
    let share = 100.0 * count("FULFILLED") / (count("FULFILLED") + count("FAILED"));
    // Bypasses the test harness, so that `cargo xtask test` can print it.
    let _ = writeln!(
        io::stdout(),
        "measured: {orders} orders: {:?}, {share:.2} % fulfilled, {} faults",
        first.ends,
        first.fired.len()
    );
    let rate = f64::from(facts.rate);
    // Three standard deviations of so many draws.
    let most = 1.5 * (10_000.0 / f64::from(orders)).sqrt();
    assert!((share - rate).abs() <= most, "{share:.2} % are fulfilled, {rate} % should be");
    // A second run of the draws, without faults and in another sequence, has the same results. Orders
    // without a key get another id, and so another draw.
    let again = Plan { faults: FaultPlan::random(Rates::NONE), ..plan };
    let again = run(&facts, &again, 1, false);
    assert_eq!(again.violation, None);
    let both = || first.drawn.iter().filter(|(order, _)| again.drawn.contains_key(*order));
    assert!(both().count() > part_of(6_000) as usize);
    assert!(both().all(|(order, fulfilled)| again.drawn[order] == *fulfilled));
}
