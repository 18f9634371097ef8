//! Data that is deleted, and protections of data that are removed.

use super::{
    block::{Block, span},
    compare::Comparison,
    finding::{Found, Rule, Severity},
    replace::{self, Loses},
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    removed(compare, found);
    for (before, after) in compare.kept() {
        let mut tell = |severity, problem: String| {
            found.push(Found::new(severity, Rule::DataLoss, &after.address, problem));
        };
        retention(before, after, &mut tell);
        for (path, what, severity) in PROTECTIONS {
            let of = |it: &Block| it.truth(path).unwrap_or(false);
            if of(before) && !of(after) {
                tell(*severity, (*what).to_owned());
            }
        }
        for (path, what) in DANGERS {
            let of = |it: &Block| it.truth(path).unwrap_or(false);
            if !of(before) && of(after) {
                tell(Severity::Danger, (*what).to_owned());
            }
        }
        expiry(before, after, &mut tell);
        versions(before, after, &mut tell);
    }
}

/// Protections that must not be switched off.
const PROTECTIONS: &[(&[&str], &str, Severity)] = &[
    (
        &["deletion_protection_enabled"],
        "deletion protection is off: AWS will delete the table when asked",
        Severity::Danger,
    ),
    (
        &["point_in_time_recovery", "enabled"],
        "point-in-time recovery is off: items that a fault overwrites cannot be restored",
        Severity::Danger,
    ),
    (
        &["lifecycle", "prevent_destroy"],
        "Terraform no longer refuses to destroy it",
        Severity::Danger,
    ),
];

/// Dangerous settings that must not be switched on.
const DANGERS: &[(&[&str], &str)] =
    &[(&["force_destroy"], "Terraform may delete it with everything in it")];

/// Removed resources that hold data.
fn removed(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for block in compare.removed() {
        let Loses::Data(what) = replace::loses(&block.tf_type) else { continue };
        if compare.after.forgotten.contains(&block.address) {
            continue;
        }
        let twin = compare.added().find(|it| it.tf_type == block.tf_type && alike(it, block));
        let hint = twin.map(|it| {
            format!("{} looks like it: if it is the same resource, declare the move", it.address)
        });
        found.push(
            Found::new(
                Severity::Danger,
                Rule::DataLoss,
                &block.address,
                format!("destroyed; lost is {what}"),
            )
            .with(hint)
            .with(replace::protected(compare, &block.address)),
        );
    }
}

/// Whether two blocks are equal except for their names and descriptions.
fn alike(one: &Block, other: &Block) -> bool {
    let differs = super::diff::fields(&one.body, &other.body);
    differs.iter().all(|it| it.is_for_people() || matches!(it.path.as_str(), "name" | "bucket"))
}

/// Shorter retention.
fn retention(before: &Block, after: &Block, tell: &mut impl FnMut(Severity, String)) {
    const DAY: f64 = 86_400.0;
    let kept = |block: &Block| match block.tf_type.as_str() {
        "aws_sqs_queue" => Some(block.number(&["message_retention_seconds"]).unwrap_or(4.0 * DAY)),
        // Without a number, or with 0, logs are kept for ever.
        "aws_cloudwatch_log_group" => {
            let days = block.number(&["retention_in_days"]).filter(|it| *it > 0.0);
            Some(days.map_or(f64::INFINITY, |it| it * DAY))
        }
        "aws_kms_key" => Some(block.number(&["deletion_window_in_days"]).unwrap_or(30.0) * DAY),
        _ => None,
    };
    let Some((old, new)) = kept(before).zip(kept(after)).filter(|(old, new)| new < old) else {
        return;
    };
    let old = if old.is_infinite() { "for ever".to_owned() } else { span(old) };
    let new = span(new);
    tell(
        Severity::Warning,
        match before.tf_type.as_str() {
            "aws_sqs_queue" => {
                format!("messages are kept {new}, not {old}: SQS deletes older ones at once")
            }
            "aws_kms_key" => format!("{new} to cancel a deletion, not {old}"),
            _ => format!("logs are kept {new}, not {old}: older lines are deleted"),
        },
    );
}

/// Items that expire.
fn expiry(before: &Block, after: &Block, tell: &mut impl FnMut(Severity, String)) {
    let by = |block: &Block| {
        let on = block.truth(&["ttl", "enabled"]).unwrap_or(false);
        block.text(&["ttl", "attribute_name"]).filter(|_| on).map(str::to_owned)
    };
    if before.tf_type == "aws_dynamodb_table"
        && let (old, Some(new)) = (by(before), by(after))
        && old.as_deref() != Some(new.as_str())
    {
        tell(
            Severity::Warning,
            format!("items expire by `{new}` now: those whose time has passed are deleted"),
        );
    }
}

/// Older versions of objects.
fn versions(before: &Block, after: &Block, tell: &mut impl FnMut(Severity, String)) {
    let status = |it: &Block| it.text(&["versioning_configuration", "status"]).map(str::to_owned);
    if status(before).as_deref() == Some("Enabled") && status(after).as_deref() != Some("Enabled") {
        let problem = "versions are off: what is overwritten or deleted is gone";
        tell(Severity::Danger, problem.to_owned());
    }
}
