//! How a failing run becomes a short one.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    facts::Facts,
    fault::FaultPlan,
    many::again,
    plan::Plan,
    run::{Outcome, run},
    watch::Violation,
};

/// A failing run with as little in it as still fails, told.
///
/// Orders, duplicates and faults are taken away one after the other, as long as the same invariant
/// breaks. A run that panics breaks something else. Where the shortest run cannot be told, only its seed is.
pub fn shortest(facts: &Facts, plan: &Plan, seed: u64, violation: &Violation) -> String {
    let breaks = |plan: &Plan| {
        broken(facts, plan, seed, violation.invariant, false).map(|(_, outcome)| outcome.fired)
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
    match broken(facts, &plan, seed, violation.invariant, true) {
        Some((broken, told)) => {
            format!("{broken}\nseed {seed}, {plan:?}\n{}{}", told.story, again(seed))
        }
        None => format!("seed {seed}: {violation}\n{}", again(seed)),
    }
}

/// What a run breaks, and what came of it, where it breaks this invariant.
fn broken(
    facts: &Facts,
    plan: &Plan,
    seed: u64,
    invariant: &str,
    told: bool,
) -> Option<(Violation, Outcome)> {
    let outcome = catch_unwind(AssertUnwindSafe(|| run(facts, plan, seed, told))).ok()?;
    let broken = outcome.violation.clone().filter(|it| it.invariant == invariant)?;
    Some((broken, outcome))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_the_way_leaves_the_seed_and_its_violation() {
        let mut facts = Facts::of_dev().expect("infra-gen wrote it");
        let api = facts.functions.get_mut("api_handler").expect("there is an API");
        api.environment.clear();
        let violation = Violation::new("I4", "the draw says otherwise".to_owned());
        let told = shortest(&facts, &Plan::of(3), 3, &violation);
        assert_eq!(told, format!("seed 3: {violation}\n{}", again(3)));
    }
}
