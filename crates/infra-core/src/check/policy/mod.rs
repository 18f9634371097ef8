//! The policy pack: rules on security and operation, which are checked over the whole stack before anything is written.
//!
//! Each policy is a value with its name, severity, posture, reason, page, and its names in other packs.
//! [`Stack::suppress`] sets a policy aside for single resources, with a reason. A suppression that suppresses nothing
//! is a violation, too.

mod api;
mod blocks;
mod data;
mod firewall;
mod function;
mod identity;
mod queue;
mod watch;

pub(super) use blocks::Clash;
pub use blocks::{Block, Blocks};

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::Violation;
use crate::{
    model::{
        Stack,
        policy::{Posture, Rule, Suppression},
    },
    parallel,
};

/// How serious a broken policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Data can be read, changed or lost.
    High,
    /// A failure is noticed late, or spreads.
    Medium,
    /// One of several safeguards is missing.
    Low,
}

impl Severity {
    /// The name in a violation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}

/// A policy of the pack.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Its name.
    pub rule: Rule,
    /// How serious it is to break it.
    pub severity: Severity,
    /// The lowest posture that it applies to.
    pub from: Posture,
    /// Why it matters, in one sentence.
    pub reason: &'static str,
    /// How to fix a violation, in one sentence.
    pub fix: &'static str,
    /// The page of AWS, or the control of CIS, that it follows.
    pub page: &'static str,
    /// Its names in checkov (`CKV…`), cdk-nag (`SQS4`) and serverless-rules (`lambda-tracing`).
    pub also: &'static [&'static str],
    find: fn(&Blocks) -> Vec<Broken>,
}

/// The address that breaks a policy, and the problem.
struct Broken {
    address: String,
    problem: String,
}

impl Broken {
    fn of(block: &Block<'_>, problem: &str) -> Self {
        Broken { address: block.address.to_owned(), problem: problem.to_owned() }
    }
}

/// All policies of the pack.
pub fn pack() -> impl Iterator<Item = &'static Policy> {
    let themes = [
        identity::RULES,
        data::RULES,
        queue::RULES,
        function::RULES,
        api::RULES,
        firewall::RULES,
        watch::RULES,
    ];
    themes.into_iter().flatten()
}

/// Checks only the policy pack, on these blocks. [`super::stack`] checks all rules of a stack.
pub fn judge(blocks: &Blocks, posture: Posture, suppressions: &[Suppression]) -> Vec<Violation> {
    let aside = suppressions
        .iter()
        .flat_map(|it| it.on().iter().map(|address| (it.rule(), address.to_string())));
    check(blocks, posture, &aside.collect())
}

/// Every violation of a policy that is not suppressed, and every suppression that suppresses nothing.
pub(super) fn check(
    blocks: &Blocks,
    posture: Posture,
    aside: &BTreeSet<(Rule, String)>,
) -> Vec<Violation> {
    let mut idle = aside.clone();
    let mut found = Vec::new();
    let asked: Vec<_> = pack().filter(|it| it.from <= posture).collect();
    let broken = parallel::few(&asked, blocks.all().len(), |policy| (policy.find)(blocks));
    for (policy, broken) in asked.into_iter().zip(broken) {
        for broken in broken {
            let at = (policy.rule, block_of(blocks, &broken.address));
            if aside.contains(&at) {
                idle.remove(&at);
                continue;
            }
            found.push(Violation::new(
                policy.rule.id(),
                broken.address,
                format!("{} ({}): {}", broken.problem, policy.severity.as_str(), policy.reason),
                format!("{}; see {}", policy.fix, policy.page),
            ));
        }
    }
    found.extend(idle.into_iter().map(|(rule, address)| {
        Violation::new(
            "policy/idle-suppression",
            address,
            format!("{} is suppressed for this resource, which does not break it", rule.id()),
            "remove this resource from the suppression in infra-gen/src/topology/accepted.rs, or remove the suppression",
        )
    }));
    found
}

/// The address of the block in `place`, which may continue with a path inside of the block.
fn block_of(blocks: &Blocks, place: &str) -> String {
    let ends = place.match_indices('.').map(|(at, _)| at).rev();
    let starts = std::iter::once(place.len()).chain(ends).map(|end| &place[..end]);
    starts.into_iter().find(|it| blocks.get(it).is_some()).unwrap_or(place).to_owned()
}

/// The suppression of a policy for one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetAside {
    /// The rule's name.
    pub rule: &'static str,
    /// The resource's Terraform address.
    pub address: String,
    /// Why the policy is suppressed.
    pub reason: &'static str,
}

/// The suppressions of a stack, sorted by policy, then by address.
pub fn set_aside(stack: &Stack) -> Vec<SetAside> {
    let mut all: Vec<SetAside> = stack
        .suppressions()
        .iter()
        .flat_map(|it| {
            let (rule, reason) = (it.rule().id(), it.reason());
            it.on().iter().map(move |on| SetAside { rule, address: on.to_string(), reason })
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Every block of a type for which `holds` is false.
fn each(
    blocks: &Blocks,
    tf_type: &str,
    problem: &str,
    holds: impl Fn(&Block) -> bool,
) -> Vec<Broken> {
    let broken = blocks.each(tf_type).filter(|it| !holds(it));
    broken.map(|it| Broken::of(it, problem)).collect()
}

/// Whether an argument is set and not empty.
fn is_set(value: &Value) -> bool {
    !matches!(value, Value::Null) && value != "" && value != &Value::Array(Vec::new())
}

/// The items of a list. A single value counts as a list of one item.
fn many(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_in_the_pack_once_with_a_reason_and_a_page() {
        let names: Vec<Rule> = pack().map(|it| it.rule).collect();
        for rule in Rule::ALL {
            assert_eq!(names.iter().filter(|it| *it == rule).count(), 1, "{}", rule.id());
        }
        for it in pack() {
            let page = it.page.starts_with("https://docs.aws.amazon.com/")
                || it.page.starts_with("CIS AWS Foundations ");
            assert!(page, "{}: {}", it.rule.id(), it.page);
            assert!(it.reason.len() > 20 && it.fix.len() > 10, "{}", it.rule.id());
        }
    }
}
