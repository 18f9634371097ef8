//! How a failing run becomes a short one.

use std::collections::BTreeSet;

use crate::{facts::Facts, fault::FaultPlan, many::again, plan::Plan, run::run, watch::Violation};

/// A failing run with as little in it as still fails, told.
///
/// Orders, duplicates and faults are taken away one after the other, as long as the same invariant
/// breaks.
pub fn shortest(facts: &Facts, plan: &Plan, seed: u64, violation: &Violation) -> String {
    let breaks = |plan: &Plan| {
        let outcome = run(facts, plan, seed, false);
        let same = outcome.violation.as_ref().is_some_and(|it| it.invariant == violation.invariant);
        same.then_some(outcome.fired)
    };
    let mut plan = plan.clone();
    for smaller in simpler(&plan) {
        let mut candidate = plan.clone();
        smaller(&mut candidate);
        if breaks(&candidate).is_some() {
            plan = candidate;
        }
    }
    // Each fault that can be spared is; sparing one may let others fire.
    let mut fired: BTreeSet<u32> = breaks(&plan).unwrap_or_default().into_iter().collect();
    while let Some(number) = fired.pop_last() {
        let mut candidate = plan.clone();
        if let FaultPlan::Random { spared, .. } = &mut candidate.faults {
            spared.insert(number);
        }
        if breaks(&candidate).is_some() {
            plan = candidate;
        }
    }
    let told = run(facts, &plan, seed, true);
    let broken = told.violation.map(|it| it.to_string()).unwrap_or_default();
    format!("{broken}\nseed {seed}, {plan:?}\n{}{}", told.story, again(seed))
}

type Simpler = fn(&mut Plan);

/// Ways to make a plan simpler.
fn simpler(plan: &Plan) -> Vec<Simpler> {
    let mut all: Vec<Simpler> = vec![
        |it| it.poison = 0,
        |it| it.redrives = 0,
        |it| it.duplicates = 0,
        |it| it.invalid = 0,
        |it| it.orders = 1,
    ];
    if plan.orders > 2 {
        all.push(|it| it.orders = it.orders.min(2));
    }
    all
}
