//! The roles that deploy, with their trust policies and boundaries, under the emulator's IAM: what they may, what they may
//! not, and what a mistake in one of them leads to.

use std::{collections::BTreeMap, path::Path};

use local_aws::Tools;

use crate::generated;

const ROLES: &str = "bootstrap/dev/modules/delivery/main.tf.json";
const ROLES_OF_PROD: &str = "bootstrap/prod/modules/delivery/main.tf.json";

/// The denied actions, by the call.
type Said = BTreeMap<String, Vec<String>>;

fn ask(folder: &Path) -> Said {
    let tools = Tools::prepare(&generated::tools_folder()).unwrap_or_else(|err| panic!("{err}"));
    generated::ask(&tools, "roles.py", folder).unwrap_or_else(|err| panic!("{err}"))
}

/// A call was denied once, with these words.
#[track_caller]
fn denied(said: &Said, call: &str, words: &[&str]) {
    let [line] = &said[call][..] else { panic!("{call}: {said:#?}") };
    for it in words {
        assert!(line.contains(it), "{call}: no {it} in {line}");
    }
}

#[test]
fn a_role_may_do_its_own_and_nothing_else() {
    let said = ask(&generated::committed());
    for call in [
        "apply assumes apply",
        "apply makes a queue",
        "apply makes a role",
        "apply makes a firewall",
        "apply makes an encrypted table",
    ] {
        assert_eq!(said[call], [""; 0], "{call}");
    }
    denied(&said, "plan assumes apply", &["sts:AssumeRole", "role/dofs-cicd-plan-dev"]);
    denied(&said, "plan makes a queue", &["sqs:CreateQueue", "role/dofs-delivery-plan-dev"]);
    denied(&said, "apply makes a role without a boundary", &["iam:CreateRole"]);
}

#[test]
fn a_right_that_is_gone_is_missed() {
    let gone =
        (ROLES, "\"sqs:CreateQueue\",\n              \"sqs:DeleteQueue\"", "\"sqs:DeleteQueue\"");
    let said = ask(&generated::with("roles-right", [gone]));
    let words = [
        "User: arn:aws:sts::111111111111:assumed-role/dofs-delivery-apply-dev/session is not authorized to perform: \
         sqs:CreateQueue on resource: arn:aws:sqs:ap-south-1:111111111111:dofs-dev-queue because no identity-based policy \
         allows the sqs:CreateQueue action",
        "missing in the policies of role/dofs-delivery-apply-dev: {\"Effect\": \"Allow\", \"Action\": \"sqs:CreateQueue\"",
    ];
    denied(&said, "apply makes a queue", &words);
}

/// Rights that only prod's role has: on the rule groups of AWS that its firewall names, and on the key of its tables.
#[test]
fn a_right_that_is_gone_from_prod_is_missed() {
    let groups = (
        ROLES_OF_PROD,
        ":regional/managedruleset/*",
        ":regional/managedruleset/AWS/AWSManagedRulesKnownBadInputsRuleSet",
    );
    let grant = (ROLES_OF_PROD, "\"kms:CreateGrant\",\n              ", "");
    let said = ask(&generated::with("roles-right-of-prod", [groups, grant]));
    let words = [
        "assumed-role/dofs-delivery-apply-prod/session is not authorized to perform: wafv2:CreateWebACL on resource: \
         arn:aws:wafv2:ap-south-1:333333333333:regional/managedruleset/AWS/AWSManagedRulesCommonRuleSet",
        "missing in the policies of role/dofs-delivery-apply-prod: ",
    ];
    denied(&said, "apply makes a firewall", &words);
    let words = [
        "assumed-role/dofs-delivery-apply-prod/session is not authorized to perform: kms:CreateGrant on resource: \
         arn:aws:kms:ap-south-1:333333333333:key/",
        "missing in the policies of role/dofs-delivery-apply-prod: ",
    ];
    denied(&said, "apply makes an encrypted table", &words);
    assert_eq!(said["apply makes a queue"], [""; 0]);
}

#[test]
fn a_role_that_trusts_another_build_is_not_assumed() {
    let other = (
        ROLES,
        "\"arn:aws:iam::444444444444:role/dofs-cicd-apply-dev\"",
        "\"arn:aws:iam::444444444444:role/dofs-cicd-apply-prod\"",
    );
    let said = ask(&generated::with("roles-trust", [other]));
    let words = [
        "assumed-role/dofs-cicd-apply-dev/session is not authorized to perform: sts:AssumeRole",
        "missing in the trust policy of arn:aws:iam::111111111111:role/dofs-delivery-apply-dev",
    ];
    denied(&said, "apply assumes apply", &words);
}

#[test]
fn a_boundary_forbids_what_the_role_allows() {
    let narrow = (ROLES, "\\\"sns:*\\\",\\\"sqs:*\\\"", "\\\"sns:*\\\"");
    let said = ask(&generated::with("roles-boundary", [narrow]));
    let words = [
        "sqs:CreateQueue",
        "because no permissions boundary allows",
        "missing in the permissions boundary",
    ];
    denied(&said, "apply makes a queue", &words);
    assert_eq!(said["apply assumes apply"], [""; 0]);
}
