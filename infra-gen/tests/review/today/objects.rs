//! Lifecycle rules: objects that are deleted, or that cannot be read.

use serde_json::{Value, json};

use super::{add, check};

const ROOT: &str = "bootstrap/prod";
const RULES: &str = "aws_s3_bucket_lifecycle_configuration.state";

/// The bucket holds Terraform's state: without it Terraform makes everything anew.
fn rule(severity: &str, edit: impl Fn(&mut Vec<Value>)) {
    let told = format!("{severity} data-loss {ROOT} module.account.{RULES}");
    check(
        |tree| {
            tree.block(ROOT, "account", RULES, |it| edit(it["rule"].as_array_mut().unwrap()));
        },
        &[&told],
    );
}

fn new(body: Value) -> impl Fn(&mut Vec<Value>) {
    move |all| {
        let mut rule = json!({ "id": "more", "status": "Enabled", "filter": [{ "prefix": "" }] });
        rule.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        all.push(rule);
    }
}

#[test]
fn objects_that_expire_at_a_date_are_a_finding() {
    let date = json!([{ "date": "2026-01-01T00:00:00Z" }]);
    rule("danger", new(json!({ "expiration": date })));
    rule("danger", |all| all[0]["expiration"] = date.clone());
}

#[test]
fn fewer_versions_are_a_finding() {
    let kept = |count: u64| json!([{ "noncurrent_days": 90, "newer_noncurrent_versions": count }]);
    let of = |severity: &str, before: Value, after: Value| {
        let told = format!("{severity} data-loss {ROOT} module.account.{RULES}");
        let set = |value: Value| {
            move |tree: &mut super::Tree| {
                tree.block(ROOT, "account", RULES, |it| {
                    it["rule"] = json!([{ "id": "a", "status": "Enabled",
                        "filter": [{ "prefix": "" }], "noncurrent_version_expiration": value }]);
                });
            }
        };
        super::between(set(before), set(after), &[&told]);
    };
    of("warning", kept(100), kept(1));
    of("warning", kept(100), json!([{ "noncurrent_days": 90 }]));
    rule("warning", new(json!({ "noncurrent_version_expiration": kept(1) })));
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html>
#[test]
fn objects_that_must_be_restored_before_they_are_read_are_a_finding() {
    for (class, severity) in
        [("DEEP_ARCHIVE", "danger"), ("GLACIER", "danger"), ("GLACIER_IR", "warning")]
    {
        let transition = json!([{ "days": 0, "storage_class": class }]);
        rule(severity, new(json!({ "transition": transition })));
        rule(severity, |all| all[0]["transition"] = transition.clone());
        let older = json!([{ "noncurrent_days": 1, "storage_class": class }]);
        rule("warning", new(json!({ "noncurrent_version_transition": older })));
    }
    // A second configuration of the same bucket.
    let transition = json!([{ "days": 0, "storage_class": "DEEP_ARCHIVE" }]);
    let tf_type = "aws_s3_bucket_lifecycle_configuration";
    let body = json!({ "bucket": "${aws_s3_bucket.state.id}",
        "rule": [{ "id": "more", "status": "Enabled", "transition": transition }] });
    check(
        add(ROOT, "account", tf_type, body),
        &[&format!("danger data-loss {ROOT} module.account.{tf_type}.more")],
    );
}
