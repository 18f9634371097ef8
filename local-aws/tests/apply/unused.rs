//! The rights of the roles that plan and apply which no call of the test needs, each with its reason.

use std::{collections::BTreeSet, path::Path};

use infra_core::model::delivery::rights::Does;
use infra_gen::config::Environment::{self, Dev, Prod};

use crate::support::rights::{needed, rights};

/// A right that no call needs.
struct Unused {
    does: Does,
    environments: &'static [Environment],
    /// As [`rights`] has it.
    right: &'static str,
    /// The call that needs it, and the reason why no call here does.
    why: &'static str,
    /// AWS's page.
    page: &'static str,
}

const fn apply(
    environments: &'static [Environment],
    right: &'static str,
    why: &'static str,
    page: &'static str,
) -> Unused {
    Unused { does: Does::Apply, environments, right, why, page }
}

const UNUSED: &[Unused] = &[
    apply(
        &[Dev, Prod],
        "iam:PutRolePermissionsBoundary on arn:aws:iam::{account}:role/dofs-{env}-* if \
         {\"StringEquals\":{\"iam:PermissionsBoundary\":[\"arn:aws:iam::{account}:policy/dofs-boundary-{env}\"]}}",
        "gives a boundary to a role that was created before roles had one; all roles here are created with theirs",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html",
    ),
    apply(
        &[Dev],
        "kms:UpdateAlias on arn:aws:kms:ap-south-1:{account}:alias/dofs-{env}-*",
        "replaces the key of an alias; dev has no second key",
        ALIAS,
    ),
    apply(
        &[Dev],
        "kms:UpdateAlias on arn:aws:kms:ap-south-1:{account}:key/*",
        "replaces the key of an alias; dev has no second key",
        ALIAS,
    ),
    apply(
        &[Dev],
        "lambda:DeleteFunctionConcurrency on arn:aws:lambda:ap-south-1:{account}:function:dofs-{env}-*",
        "ends a reservation of concurrency; dev has none to end",
        "https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html",
    ),
    apply(
        &[Dev, Prod],
        "logs:AssociateKmsKey on arn:aws:logs:ap-south-1:{account}:log-group:/aws/*dofs-{env}-*",
        "replaces the key of a log; the emulator lacks the call",
        ASSOCIATE,
    ),
    apply(
        &[Prod],
        "logs:AssociateKmsKey on arn:aws:logs:ap-south-1:{account}:log-group:aws-waf-logs-dofs-{env}*",
        "replaces the key of a log; the emulator lacks the call",
        ASSOCIATE,
    ),
    apply(
        &[Dev, Prod],
        "logs:DisassociateKmsKey on arn:aws:logs:ap-south-1:{account}:log-group:/aws/*dofs-{env}-*",
        "removes the key of a log; the emulator lacks the call",
        DISASSOCIATE,
    ),
    apply(
        &[Prod],
        "logs:DisassociateKmsKey on arn:aws:logs:ap-south-1:{account}:log-group:aws-waf-logs-dofs-{env}*",
        "removes the key of a log; the emulator lacks the call",
        DISASSOCIATE,
    ),
];

const ALIAS: &str = "https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html";
const ASSOCIATE: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html";
const DISASSOCIATE: &str = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DisassociateKmsKey.html";

/// Requires that a call in the log needed each right of the roles that plan and apply an environment, or that the right is
/// listed.
pub(super) fn check(log: &Path, environment: Environment) {
    let wrong: Vec<String> = [Does::Plan, Does::Apply]
        .into_iter()
        .flat_map(|does| {
            let listed: Vec<&Unused> = UNUSED
                .iter()
                .filter(|it| it.does == does && it.environments.contains(&environment))
                .collect();
            let role = format!("dofs-delivery-{}-{environment}", does.as_str());
            let (all, needed) = (rights(environment, does), needed(log, environment, does));
            differences(&all, &needed, &listed).into_iter().map(move |it| format!("{role}: {it}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Returns the problems of the list for a role that has `all` rights, of which calls needed some.
fn differences(
    all: &BTreeSet<String>,
    needed: &BTreeSet<String>,
    listed: &[&Unused],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for right in all.difference(needed) {
        if !listed.iter().any(|it| it.right == right) {
            wrong.push(format!(
                "no call needs {right}; remove it from crates/infra-core/src/model/delivery/table.rs, or list it in unused.rs"
            ));
        }
    }
    for Unused { right, why, page, .. } in listed {
        let problem = match (all.contains(*right), needed.contains(*right)) {
            (true, false) => continue,
            (true, true) => "a call needs it",
            (false, _) => "the role does not have it",
        };
        wrong.push(format!("{right} is listed as unused ({why}, {page}), but {problem}"));
    }
    // The log and the files write each right the same way.
    wrong.extend(needed.difference(all).map(|it| format!("a call needs {it}, which it has not")));
    wrong
}

#[test]
fn an_unused_right_and_a_used_one_that_is_listed_are_found() {
    #[track_caller]
    fn check(all: &[&str], needed: &[&str], expected: &str) {
        let [all, needed] = [all, needed].map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        let listed = apply(&[Dev], "sqs:UntagQueue on *", "untags a queue", "page");
        let found = differences(&all, &needed, &[&listed]);
        assert_eq!(found.len(), usize::from(!expected.is_empty()), "{found:#?}");
        assert!(found.concat().contains(expected), "{found:#?}");
    }
    let all = ["sqs:TagQueue on *", "sqs:UntagQueue on *"];
    check(&all, &["sqs:TagQueue on *"], "");
    check(&all, &[], "no call needs sqs:TagQueue on *");
    check(&all, &all, "but a call needs it");
    check(&all[..1], &all[..1], "but the role does not have it");
    check(&all, &["sqs:TagQueue on *", "sqs:SendMessage on *"], "which it has not");
}
