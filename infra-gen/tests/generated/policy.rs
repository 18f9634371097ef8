//! Checks the policy pack on prod, unchanged and with one change that breaks a policy.
//!
//! The fixtures are data, because `local-aws/tests/checkov.rs` runs checkov on the same ones. Each has a policy, a
//! block, and the arguments that are set (`null` removes one), or the block that is removed.

use std::collections::{BTreeMap, BTreeSet};

use infra_core::{
    check::{
        Violation,
        policy::{self, Blocks},
    },
    model::{
        Stack,
        policy::{Posture, Rule},
    },
};
use infra_gen::{config::Environment, topology};
use serde::Deserialize;
use serde_json::Value;

use crate::snapshot::snapshot;

#[derive(Debug, Deserialize)]
struct Fixture {
    rule: String,
    address: String,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    drop: Option<String>,
}

fn fixtures() -> Vec<Fixture> {
    serde_json::from_str(include_str!("policy_fixtures.json")).unwrap()
}

/// Sets what a pointer points at. `null` takes it away.
#[track_caller]
fn set(body: &mut Value, pointer: &str, value: &Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {pointer}")) {
        Value::Object(fields) if value.is_null() => {
            assert!(fields.remove(last).is_some(), "nothing at {pointer}");
        }
        Value::Object(fields) => drop(fields.insert(last.to_owned(), value.clone())),
        Value::Array(items) if value.is_null() => drop(items.remove(last.parse().unwrap())),
        other => panic!("{pointer} goes into {other}"),
    }
}

fn judge(stack: &Stack, blocks: &Blocks) -> Vec<Violation> {
    policy::judge(blocks, stack.posture(), stack.suppressions())
}

fn check(stack: &Stack, blocks: &Blocks, fixture: &Fixture) {
    let mut blocks = blocks.clone();
    for (pointer, value) in &fixture.set {
        let body = blocks.body_mut(&fixture.address);
        set(body.unwrap_or_else(|| panic!("no block {}", fixture.address)), pointer, value);
    }
    if let Some(dropped) = &fixture.drop {
        assert!(blocks.remove(dropped), "no block {dropped}");
    }
    let found = judge(stack, &blocks);
    let hit =
        found.iter().any(|it| it.rule == fixture.rule && it.address.starts_with(&fixture.address));
    assert!(hit, "{fixture:?}\nfound: {found:#?}");
}

#[test]
fn each_broken_fixture_is_flagged_by_its_rule() {
    let stack = topology::dofs(Environment::Prod);
    let blocks = Blocks::of(&stack);
    assert_eq!(judge(&stack, &blocks), []);
    let fixtures = fixtures();
    assert!(fixtures.len() >= 30);
    fixtures.iter().for_each(|it| check(&stack, &blocks, it));
}

/// Without its suppressions, prod breaks exactly those rules; bootstrap attaches a policy
/// that AWS keeps for one purpose, and no other.
#[test]
fn a_suppressed_rule_is_broken_without_its_suppression() {
    let stack = topology::dofs(Environment::Prod);
    let found = policy::judge(&Blocks::of(&stack), Posture::Production, &[]);
    let found: BTreeSet<(&str, String)> =
        found.into_iter().map(|it| (it.rule, it.address)).collect();
    let set_aside = policy::set_aside(&stack);
    assert!(set_aside.is_sorted());
    let set_aside: BTreeSet<(&str, String)> =
        set_aside.into_iter().map(|it| (it.rule, it.address)).collect();
    assert_eq!(found, set_aside);
    let rules: BTreeSet<&str> = set_aside.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(stack.suppressions().len(), rules.len());
    snapshot("suppressed", set_aside.iter().map(|(rule, address)| format!("{rule}: {address}")));
    assert!(stack.suppressions().iter().all(|it| it.reason().len() > 40));

    let prod = topology::bootstraps().into_iter().find(|it| it.name == "prod").unwrap();
    let mut blocks = Blocks::of(&prod.stack);
    let attachment = "module.account.aws_iam_role_policy_attachment.api_gateway_logs";
    let body = blocks.body_mut(attachment).unwrap();
    body["policy_arn"] = "arn:aws:iam::aws:policy/AdministratorAccess".into();
    let found = policy::judge(&blocks, Posture::Development, &[]);
    assert_eq!(found[0].rule, "policy/managed-policy");
    assert_eq!(found[0].address, attachment);
}

#[test]
fn a_suppression_that_does_nothing_is_a_violation() {
    let mut stack = crate::kit::stack("dofs-test");
    let orders = crate::kit::table(&mut stack.module(crate::kit::A));
    let reason = "A table of a test has backups, so this sets nothing aside.";
    stack.suppress(Rule::TableRecovery, &[orders.address()], reason);
    let found = crate::kit::violations(&stack.finish());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].rule, "policy/idle-suppression");
    assert_eq!(found[0].address, "module.a.aws_dynamodb_table.orders");
    assert!(found[0].source.as_deref().is_some_and(|it| it.contains("kit.rs:")));
}

#[test]
fn every_rule_has_a_fixture() {
    let set_aside = policy::set_aside(&topology::dofs(Environment::Prod));
    let set_aside: BTreeSet<&str> = set_aside.iter().map(|it| it.rule).collect();
    let broken: BTreeSet<String> = fixtures().into_iter().map(|it| it.rule).collect();
    for rule in Rule::ALL {
        let held = broken.contains(rule.id())
            || set_aside.contains(&rule.id())
            || *rule == Rule::ManagedPolicy;
        assert!(held, "{}", rule.id());
    }
}

#[test]
fn development_is_asked_less() {
    let stack = topology::dofs(Environment::Dev);
    let asked = |posture| -> BTreeSet<&str> {
        policy::judge(&Blocks::of(&stack), posture, &[]).iter().map(|it| it.rule).collect()
    };
    // Dead letters are an outcome, so no alarm is on the first one.
    assert_eq!(asked(Posture::Development), BTreeSet::from(["policy/dead-letter-alarm"]));
    let beyond = asked(Posture::Production);
    for rule in ["policy/api-any-origin", "policy/api-firewall", "policy/table-encryption"] {
        assert!(beyond.contains(rule), "{rule}");
    }
}
