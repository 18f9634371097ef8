//! The baseline of checkov has what the topology suppresses, and nothing else.

use infra_core::{
    baseline::{checks, file},
    check::policy,
    model::policy::Rule,
};
use infra_gen::{config::Environment, topology};
use serde_json::Value;

#[test]
fn the_baseline_has_exactly_the_suppressions() {
    let stack = topology::dofs(Environment::Prod);
    let file: Value = serde_json::from_str(&file(&stack).unwrap()).unwrap();
    let findings = file["failed_checks"][0]["findings"].as_array().unwrap();
    let found: Vec<(&str, &str)> = findings
        .iter()
        .map(|it| (it["rule"].as_str().unwrap(), it["resource"].as_str().unwrap()))
        .collect();
    let mut expected: Vec<_> = policy::set_aside(&stack)
        .into_iter()
        // checkov has no check for alarms on dead letters.
        .filter(|it| it.rule != Rule::DeadLetterAlarm.id())
        .map(|it| (it.rule.to_owned(), it.address))
        .collect();
    let mut found: Vec<_> =
        found.into_iter().map(|(rule, at)| (rule.to_owned(), at.to_owned())).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert!(findings.iter().all(|it| !it["reason"].as_str().unwrap().is_empty()));
}

#[test]
fn a_check_is_listed_only_for_types_that_checkov_checks() {
    fn check(rule: Rule, name: &str, expected: &[&str]) {
        let stack = topology::dofs(Environment::Prod);
        let suppressions = stack.suppressions().iter().flat_map(|it| it.on());
        let on = suppressions.clone().find(|it| it.tf_type() == name);
        let on = on.unwrap_or_else(|| panic!("nothing is suppressed at a {name}"));
        assert_eq!(checks(rule, on), expected);
    }
    check(Rule::ApiCache, "aws_api_gateway_stage", &["CKV_AWS_120"]);
    check(Rule::ApiCache, "aws_api_gateway_method_settings", &["CKV_AWS_225"]);
    check(Rule::FunctionInVpc, "aws_lambda_function", &["CKV_AWS_117"]);
    // The names of cdk-nag and serverless-rules are left out.
    check(Rule::FunctionDeadLetters, "aws_lambda_function", &["CKV_AWS_116"]);
}

#[test]
fn a_stack_without_suppressions_has_no_file() {
    assert_eq!(file(&topology::dofs(Environment::Dev)), None);
}
