//! Who may do less than before, and what is refused that was not: what needs it stops, mostly without a word.

use std::collections::BTreeSet;

use super::{
    block::target,
    compare::Comparison,
    finding::{Found, Rule, Severity},
    policy::Right,
    rights::{Held, Kind},
};

pub(super) fn check(compare: &Comparison<'_>, before: &Held, after: &Held, found: &mut Vec<Found>) {
    for ((holder, kind), old) in before {
        if is_gone(compare, holder) {
            continue;
        }
        let new = held(after, holder, *kind);
        let lost = old.iter().filter(|it| {
            !it.denies && !new.iter().any(|new| new.covers(it)) && !is_about_gone(compare, it)
        });
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

/// Whether it is a right on what goes, or of what goes.
fn is_about_gone(compare: &Comparison<'_>, right: &Right) -> bool {
    let values = right.conditions.values().flatten();
    let texts = values.chain([&right.resource, &right.principal, &right.action]);
    texts.map(String::as_str).filter_map(target).any(|it| compare.is_gone(it))
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
