//! `checkov.baseline.json`: the suppressions of a stack in the format of checkov's baseline.
//!
//! A baseline lists known failures, each of a check at one resource, by checkov's own names. checkov also reads
//! suppressions from comments in the source, but here it reads a plan, which has no comments.

use serde_json::{Value, json};

use crate::{
    check::policy,
    model::{Address, Stack, policy::Rule},
    render,
};

/// The file's name inside a root.
pub const FILE: &str = "checkov.baseline.json";

/// Checks that pass for a type of resource, although the policy is broken there. One policy corresponds to several
/// checks, and each check covers only some of the policy's types.
const PASS: &[(&str, &str)] = &[
    ("CKV_AWS_120", "aws_api_gateway_method_settings"),
    ("CKV_AWS_225", "aws_api_gateway_stage"),
    // The check asks whether the cache is encrypted, and there is no cache.
    ("CKV_AWS_308", "aws_api_gateway_method_settings"),
    ("CKV_AWS_308", "aws_api_gateway_stage"),
];

/// The file. `None` if the stack suppresses nothing that checkov checks.
pub fn file(stack: &Stack) -> Option<String> {
    let mut findings = Vec::new();
    for suppression in stack.suppressions() {
        for on in suppression.on() {
            let checks = checks(suppression.rule(), on);
            if !checks.is_empty() {
                findings.push((on.to_string(), checks, suppression));
            }
        }
    }
    findings.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let findings: Vec<Value> = findings
        .into_iter()
        .map(|(resource, check_ids, it)| {
            // checkov reads the first two fields. The others are for people.
            json!({
                "check_ids": check_ids,
                "resource": resource,
                "reason": it.reason(),
                "rule": it.rule().id(),
            })
        })
        .collect();
    let file = json!({ "failed_checks": [{ "file": "/plan.json", "findings": findings }] });
    (!findings.is_empty()).then(|| render::sorted(&file))
}

/// The names of checkov's checks for a policy at a resource.
pub fn checks(rule: Rule, on: &Address) -> Vec<&'static str> {
    let also = policy::pack().filter(|it| it.rule == rule).flat_map(|it| it.also).copied();
    also.filter(|it| it.starts_with("CKV") && !PASS.contains(&(*it, on.tf_type()))).collect()
}
