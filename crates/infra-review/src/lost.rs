//! Who may do less than before, and what is refused that was not: what needs it stops, mostly without a word.

use std::collections::BTreeSet;

use super::{
    block::target,
    compare::Comparison,
    finding::{Found, Rule, Severity},
    policy::{NOT, Right},
    rights::{Held, Kind},
};

pub(super) fn check(compare: &Comparison<'_>, before: &Held, after: &Held, found: &mut Vec<Found>) {
    for ((holder, kind), old) in before {
        if is_gone(compare, holder) {
            continue;
        }
        let new = held(after, holder, *kind);
        let allowed = old.iter().filter(|it| !it.denies);
        let left: Vec<_> = allowed.filter_map(|it| remaining(compare, it)).collect();
        let lost = left.iter().filter(|it| !new.iter().any(|new| new.covers(it)));
        tell(compare, holder, lost.map(|it| (severity(compare, holder, *kind, it), it)), found);
    }
    for ((holder, kind), new) in after {
        if compare.is_new(holder) {
            continue;
        }
        let old = held(before, holder, *kind);
        let refused = new.iter().filter(|it| it.denies && !old.iter().any(|old| old.covers(it)));
        // Without a condition there is no way round it.
        let severity = |it: &Right| match it.conditions.is_empty() {
            true => Severity::Danger,
            false => Severity::Warning,
        };
        tell(compare, holder, refused.map(|it| (severity(it), it)), found);
    }
}

fn tell<'r>(
    compare: &Comparison<'_>,
    holder: &str,
    rights: impl Iterator<Item = (Severity, &'r Right)>,
    found: &mut Vec<Found>,
) {
    let rights: Vec<_> = rights.collect();
    let Some(worst) = rights.iter().map(|it| it.0).max() else { return };
    let (problem, word) = match rights.iter().any(|it| it.1.denies) {
        true => ("it refuses what was not refused", ""),
        false if is_policy(compare, holder) => ("what it bounds may do less", "no longer: "),
        false => ("something is no longer allowed: what needs it fails", "no longer: "),
    };
    let lines = rights.iter().map(|it| format!("{word}{}", it.1));
    found.push(Found::new(worst, Rule::Stopped, holder, problem).with(lines));
}

/// What a holder has. A policy that is attached now, and was not, is the same policy.
fn held(all: &Held, holder: &str, kind: Kind) -> BTreeSet<Right> {
    let kinds = match kind {
        Kind::Role | Kind::Bound => vec![Kind::Role, Kind::Bound],
        it => vec![it],
    };
    let of = |kind| all.get(&(holder.to_owned(), kind));
    kinds.into_iter().filter_map(of).flatten().cloned().collect()
}

fn is_policy(compare: &Comparison<'_>, holder: &str) -> bool {
    compare.after.blocks.get(holder).is_some_and(|it| it.tf_type == "aws_iam_policy")
}

/// Whether the holder itself goes. A policy of something outside of the root is its own holder: what it
/// belongs to stays.
fn is_gone(compare: &Comparison<'_>, holder: &str) -> bool {
    const POLICIES: &[&str] = &[
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_lambda_permission",
        "aws_s3_bucket_policy",
        "aws_sns_topic_policy",
        "aws_sqs_queue_policy",
    ];
    let block = compare.before.blocks.get(holder);
    compare.is_gone(holder) && !block.is_some_and(|it| POLICIES.contains(&it.tf_type.as_str()))
}

/// A right as far as it is on what stays and of what stays, if any of it is.
fn remaining(compare: &Comparison<'_>, right: &Right) -> Option<Right> {
    // What is but one of all that is meant leaves the others.
    let is_gone =
        |it: &str| !it.starts_with(NOT) && target(it).is_some_and(|it| compare.is_gone(it));
    if [&right.resource, &right.principal].into_iter().any(|it| is_gone(it)) {
        return None;
    }
    let mut right = right.clone();
    for ((test, _), values) in &mut right.conditions {
        // A test that others pass, too, whatever its values are.
        let is_open = ["Not", "IfExists", "ForAllValues:"].iter().any(|it| test.contains(it));
        if is_open || values.is_empty() {
            continue;
        }
        values.retain(|it| !is_gone(it));
        if values.is_empty() {
            return None;
        }
    }
    Some(right)
}

/// A service that a key, a topic or a trust policy no longer lets in says nothing: an alarm is mute, a function
/// does not start.
fn severity(compare: &Comparison<'_>, holder: &str, kind: Kind, right: &Right) -> Severity {
    let block = compare.before.blocks.get(holder);
    let is_mute = kind == Kind::Trust
        || block.is_some_and(|it| matches!(it.tf_type.as_str(), "aws_kms_key" | "aws_sns_topic"));
    match is_mute && right.principal.starts_with("Service ") {
        true => Severity::Danger,
        false => Severity::Warning,
    }
}
