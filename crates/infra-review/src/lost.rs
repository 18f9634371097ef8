//! Finds lost permissions and new denials. The callers that they affect fail, mostly without a notification.

use std::collections::BTreeSet;

use super::{
    block::target,
    compare::Comparison,
    finding::{Found, Rule, Severity},
    policy::{NOT, Right, any_covers},
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
        let lost = left.iter().filter(|it| !any_covers(&new, it));
        tell(compare, holder, lost.map(|it| (severity(compare, holder, *kind, it), it)), found);
    }
    for ((holder, kind), new) in after {
        if compare.is_new(holder) {
            continue;
        }
        let old = held(before, holder, *kind);
        let refused = new.iter().filter(|it| it.denies && !any_covers(&old, it));
        // A denial without a condition applies to every request.
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
        true => ("it denies something that was not denied before", ""),
        false if is_policy(compare, holder) => {
            ("the roles that it bounds may do less", "no longer: ")
        }
        false => ("something is no longer allowed: calls that need it fail", "no longer: "),
    };
    let lines = rights.iter().map(|it| format!("{word}{}", it.1));
    found.push(Found::new(worst, Rule::Stopped, holder, problem).with(lines));
}

/// The permissions of a holder. A policy keeps them if it was not attached before and is attached now.
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

/// Whether the holder itself is removed. A policy for something outside the root is its own holder, and does not count,
/// because its owner stays.
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

/// A permission without the resources that are removed. `None` if nothing of it remains.
fn remaining(compare: &Comparison<'_>, right: &Right) -> Option<Right> {
    // An exclusion still covers all other resources if an excluded one is removed.
    let is_gone =
        |it: &str| !it.starts_with(NOT) && target(it).is_some_and(|it| compare.is_gone(it));
    if [&right.resource, &right.principal].into_iter().any(|it| is_gone(it)) {
        return None;
    }
    let mut right = right.clone();
    for ((test, _), values) in &mut right.conditions {
        // Other requests pass such a test, too, whatever its values are.
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

/// If a key, a topic or a trust policy no longer allows a service, the failure is silent: an alarm sends no message, or
/// a function does not start.
fn severity(compare: &Comparison<'_>, holder: &str, kind: Kind, right: &Right) -> Severity {
    let block = compare.before.blocks.get(holder);
    let is_mute = kind == Kind::Trust
        || block.is_some_and(|it| matches!(it.tf_type.as_str(), "aws_kms_key" | "aws_sns_topic"));
    match is_mute && right.principal.starts_with("Service ") {
        true => Severity::Danger,
        false => Severity::Warning,
    }
}
