//! Checks lifecycle rules: objects that expire, that must be restored, or that are kept longer than before.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    block::{Block, first, items, number, plain},
    compare::Comparison,
    diff,
    finding::{
        Found, Rule,
        Rule::{CostUp, DataLoss},
        Severity,
    },
};

const TYPE: &str = "aws_s3_bucket_lifecycle_configuration";

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed(TYPE) {
        rules(Some(before), after, found);
    }
    for block in compare.added().filter(|it| it.tf_type == TYPE) {
        // A new bucket has no objects to lose.
        let is_of_new = block.refers(&["bucket"]).is_some_and(|it| compare.is_new(it));
        if !is_of_new && !compare.overrides(block) {
            rules(None, block, found);
        }
    }
}

fn rules(before: Option<&Block>, after: &Block, found: &mut Vec<Found>) {
    fn by_id(block: &Block) -> BTreeMap<&str, &Value> {
        let rules = items(&block.body["rule"]).iter();
        rules.map(|it| (it["id"].as_str().unwrap_or_default(), it)).collect()
    }
    let mut tell = |severity, rule, problem| {
        found.push(Found::new(severity, rule, &after.address, problem));
    };
    let (old, new) = (before.map(by_id).unwrap_or_default(), by_id(after));
    let runs = |it: &&&Value| it["status"] == "Enabled";
    for (id, rule) in new.iter().filter(|it| runs(&it.1)) {
        self::rule(id, old.get(id).copied().filter(|it| runs(&it)), rule, &mut tell);
    }
    for id in old.iter().filter(|it| runs(&it.1)).map(|it| it.0) {
        if !new.get(id).is_some_and(|it| runs(&it)) {
            let problem = format!(
                "the rule {id} no longer runs: the objects that it deleted are kept and cost money"
            );
            tell(Severity::Notice, CostUp, problem);
        }
    }
}

/// The storage classes whose objects must be restored before they can be read.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html>
const ARCHIVES: &[&str] = &["GLACIER", "DEEP_ARCHIVE"];

/// Compares an enabled rule with the rule before the change, if that was enabled, too.
fn rule(id: &str, was: Option<&Value>, is: &Value, tell: &mut impl FnMut(Severity, Rule, String)) {
    let old = was.unwrap_or(&Value::Null);
    let at = |rule: &Value, block: &str, name: &str| number(&first(&rule[block])[name]);
    for (block, days, what) in [
        ("expiration", "days", "objects expire"),
        ("noncurrent_version_expiration", "noncurrent_days", "noncurrent versions expire"),
    ] {
        let (old, new) = (at(old, block, days), at(is, block, days));
        match (old, new) {
            (old, Some(new)) if old.is_none_or(|old| new < old) => {
                let before = old.map_or("never".to_owned(), |it| format!("after {}", plain(it)));
                let problem = format!("{what} after {} days, before {before}", plain(new));
                tell(Severity::Warning, DataLoss, problem);
            }
            (Some(_), None) => {
                tell(Severity::Notice, CostUp, format!("{what} no longer by the rule {id}"));
            }
            _ => (),
        }
    }
    let date = |it: &Value| first(&it["expiration"])["date"].clone();
    if !date(is).is_null() && date(old) != date(is) {
        let problem = format!("every object expires on {}", diff::short(&date(is)));
        tell(Severity::Danger, DataLoss, problem);
    }
    const EXPIRY: &str = "noncurrent_version_expiration";
    let kept = |it: &Value| at(it, EXPIRY, "newer_noncurrent_versions").unwrap_or(0.0);
    if kept(is) < kept(old) {
        let (old, new) = (plain(kept(old)), plain(kept(is)));
        let problem = format!("{new} noncurrent versions are kept in any case, before {old}");
        tell(Severity::Warning, DataLoss, problem);
    }
    for (block, of_versions) in [("transition", false), ("noncurrent_version_transition", true)] {
        let before = items(&old[block]);
        for it in items(&is[block]).iter().filter(|it| !before.contains(it)) {
            let class = diff::short(&it["storage_class"]);
            let is_archive = ARCHIVES.contains(&class.as_str());
            let (severity, what) = match (is_archive, of_versions) {
                (true, false) => (Severity::Danger, "they cannot be read until they are restored"),
                (true, true) => (Severity::Warning, "they must be restored before they are read"),
                _ => (Severity::Warning, "it takes or costs more to read them"),
            };
            let who = if of_versions { "noncurrent versions" } else { "objects" };
            tell(severity, DataLoss, format!("{who} move to the class {class}: {what}"));
        }
    }
    const UPLOADS: &str = "abort_incomplete_multipart_upload";
    let aborted = |it: &Value| at(it, UPLOADS, "days_after_initiation");
    if let Some(old) = aborted(old).filter(|old| aborted(is).is_none_or(|new| new > *old)) {
        let problem = format!("incomplete uploads are kept longer than {} days", plain(old));
        tell(Severity::Notice, CostUp, problem);
    }
    // The other arguments that select objects and dates. The code above reports everything that a new rule does.
    let Some(was) = was else { return };
    const TOLD: &[&str] = &[
        "abort_incomplete_multipart_upload",
        "expiration.date",
        "expiration.days",
        "id",
        "noncurrent_version_expiration.newer_noncurrent_versions",
        "noncurrent_version_expiration.noncurrent_days",
        "status",
    ];
    let is_told = |it: &&diff::Field| {
        let path = it.argument();
        let is_block = |name: &&str| matches!(*name, "expiration" | EXPIRY) && path == **name;
        let is = |told: &&str| path == **told || path.starts_with(&format!("{told}."));
        TOLD.iter().any(is)
            || ["expiration", EXPIRY].iter().any(is_block)
            || path.starts_with("transition")
            || path.starts_with("noncurrent_version_transition")
    };
    let others = diff::fields(was, is);
    let others: Vec<_> = others.iter().filter(|it| !is_told(it)).map(ToString::to_string).collect();
    if !others.is_empty() {
        let problem = format!("the rule {id} applies to other objects: {}", others.join("; "));
        tell(Severity::Warning, DataLoss, problem);
    }
}
