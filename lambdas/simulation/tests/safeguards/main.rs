//! Every safeguard is needed, and for every clause and every fault there is a mistake that breaks a run.
//!
//! - Here: five safeguards. Without one of them, a run breaks the invariant that it protects.
//! - [`clauses`], [`outside`]: mistakes that break each clause of the invariants without a fault.
//! - [`faults`], [`foreign`]: mistakes that break a clause only with one fault.
//! - [`table`]: the checks of each mistake; [`edit`]: deliberate mistakes in writes.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::print_stdout, reason = "what was found belongs to the test's output")]

mod clauses;
#[path = "../common/mod.rs"]
mod common;
mod edit;
mod faults;
mod foreign;
mod outside;
mod table;

use simulation::{
    clause::Clause,
    facts::Facts,
    plan::{Fault, Plan, Safeguard},
    run::run,
    shrink::shortest,
};

/// Runs seeds until one fails, and checks the broken invariant.
#[track_caller]
fn check(safeguard: Safeguard, rate: u16, expected: &[&str]) {
    let facts = Facts::of_dev().unwrap();
    let mut plan = Plan::stormy(rate);
    // With the safeguard, no run fails under the same faults: `seeds` checks that.
    plan.without = Some(safeguard);
    if safeguard == Safeguard::RoundRule {
        // A message without an order is recorded under its id, which this plan would not allow.
        plan.poison = 0;
    }
    let broken = (0..5_000).find_map(|seed| {
        run(&facts, &plan, seed, false).violation.map(|violation| (seed, violation))
    });
    let Some((seed, violation)) = broken else {
        panic!("without {safeguard:?} nothing breaks: it is not needed, or no clause checks it");
    };
    println!("without {safeguard:?}, seed {seed}: {violation}");
    assert!(expected.contains(&violation.invariant()), "{violation}");
    let story = shortest(&facts, &plan, seed, &violation);
    assert!(
        story.contains(&format!("seed {seed}")) && story.contains(violation.invariant()),
        "{story}"
    );
}

#[test]
fn the_condition_of_the_put() {
    // A late put makes a failed order PROCESSING again, although it has a record of failure: that is I3. A repeat moves the
    // order in the index: that is I8.
    check(Safeguard::ConditionOfThePut, 60, &["I1", "I2", "I3", "I8"]);
}

#[test]
fn partial_responses() {
    check(Safeguard::PartialResponses, 20, &["I6"]);
}

#[test]
fn the_round_rule() {
    check(Safeguard::RoundRule, 20, &["I4"]);
}

#[test]
fn the_transaction() {
    check(Safeguard::Transaction, 20, &["I3"]);
}

#[test]
fn the_reconciler() {
    check(Safeguard::Reconciler, 150, &["I1"]);
}

/// A new clause needs a mistake that breaks it, and a new fault a mistake that breaks a clause only with the fault.
#[test]
fn every_clause_and_every_fault_has_a_row() {
    let rows: Vec<_> = [clauses::rows(), outside::rows(), faults::rows(), foreign::rows()]
        .into_iter()
        .flatten()
        .collect();
    let breaks = |clause: &Clause| rows.iter().any(|it| it.breaks.0 == *clause);
    let clauses: Vec<_> = Clause::ALL.iter().filter(|it| !breaks(it)).collect();
    assert!(clauses.is_empty(), "no mistake breaks {clauses:?}: write a row in `tests/safeguards`");
    let needs = |fault: &Fault| rows.iter().any(|it| it.fault == Some(*fault));
    let faults: Vec<_> = Fault::all().into_iter().filter(|it| !needs(it)).collect();
    assert!(faults.is_empty(), "no mistake needs {faults:?}: write a row in `tests/safeguards`");
}
