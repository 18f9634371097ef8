//! Topologies that compile, but break a rule: each is refused, with the address and the rule.

mod alarms;
mod api;
mod firewall;
mod flow;
mod functions;
mod queues;
mod stack;
mod tables;
mod unused;

use infra_core::{
    check,
    model::{Stack, limits::FunctionTimeout},
};

use crate::kit::*;

/// The stack breaks exactly this rule, there.
#[track_caller]
fn check(rule: &str, address: &str, broken: impl FnOnce(&mut Stack)) {
    check_named("dofs-test", rule, address, broken);
}

#[track_caller]
fn check_named(prefix: &str, rule: &str, address: &str, broken: impl FnOnce(&mut Stack)) {
    let mut stack = stack(prefix);
    broken(&mut stack);
    let found = violations(&stack.finish());
    let listed: Vec<String> = found.iter().map(ToString::to_string).collect();
    let listed = listed.join("\n");
    assert!(
        found.iter().any(|it| it.rule == rule && it.address.starts_with(address)),
        "expected {rule} at {address}, found:\n{listed}"
    );
    assert!(found.iter().all(|it| it.rule == rule), "and nothing else, found:\n{listed}");
    assert!(found.iter().all(|it| !it.fix.is_empty() && !it.problem.is_empty()));
}

/// The problems that a rule finds. The stack may break other rules, too.
#[track_caller]
fn problems(rule: &str, built: impl FnOnce(&mut Stack)) -> Vec<String> {
    let mut stack = stack("dofs-test");
    built(&mut stack);
    let found = check::stack(&stack.finish());
    found.into_iter().filter(|it| it.rule == rule).map(|it| it.problem).collect()
}

/// The rule finds one problem, which has this text, or none.
#[track_caller]
fn check_problem(rule: &str, expected: Option<&str>, built: impl FnOnce(&mut Stack)) {
    let found = problems(rule, built);
    match expected {
        Some(text) => assert!(found.len() == 1 && found[0].contains(text), "{text:?}: {found:#?}"),
        None => assert_eq!(found, [""; 0]),
    }
}

#[test]
fn a_whole_topology_is_fine() {
    let mut stack = stack("dofs-test");
    fulfill_order(&mut stack.module(A), FunctionTimeout::new(30), source());
    assert_eq!(violations(&stack.finish()), []);
}

/// The example of the README.
pub(crate) fn too_soon() -> infra_core::model::stack::Finished {
    let mut stack = stack("dofs-test");
    fulfill_order(&mut stack.module(A), LONG, source());
    stack.finish()
}
