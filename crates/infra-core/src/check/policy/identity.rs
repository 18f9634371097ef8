//! Policies for IAM: trust, principals and managed policies.

use serde_json::Value;

use super::{Blocks, Broken, Policy, Severity, many};
use crate::model::policy::{Posture, Rule};

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::ConfusedDeputy,
        severity: Severity::High,
        from: Posture::Development,
        reason: "another account could make the service act in this account (the confused deputy problem)",
        fix: "add a condition on aws:SourceAccount or aws:SourceArn",
        page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        also: &[],
        find: confused_deputy,
    },
    Policy {
        rule: Rule::PublicPrincipal,
        severity: Severity::High,
        from: Posture::Development,
        reason: "everybody with an AWS account would have the permission",
        fix: "name the principal",
        page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        also: &[
            "CKV_AWS_33",
            "CKV_AWS_49",
            "CKV_AWS_60",
            "CKV_AWS_72",
            "CKV_AWS_168",
            "CKV_AWS_283",
            "CKV_AWS_358",
            "CKV_AWS_387",
            "CKV_AWS_393",
            "CKV2_AWS_70",
        ],
        find: public_principal,
    },
    Policy {
        rule: Rule::ManagedPolicy,
        severity: Severity::High,
        from: Posture::Development,
        reason: "AWS can add permissions to it without a review in this repository",
        fix: "grant the actions in use through the handle of the resource",
        page: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        also: &["CKV_AWS_274", "CKV2_AWS_56", "IAM4"],
        find: managed_policy,
    },
];

/// A policy statement, as far as it concerns who may act.
struct Statement<'v> {
    allows: bool,
    /// The types and identifiers of the principals.
    principals: Vec<(&'v str, &'v str)>,
    /// The condition keys.
    conditions: Vec<&'v str>,
}

/// Every statement in which `problem` finds a problem: of policy documents, and of policies that are JSON text.
fn broken(blocks: &Blocks, problem: impl Fn(&Statement<'_>) -> Option<String>) -> Vec<Broken> {
    let mut all = Vec::new();
    for block in blocks.each("aws_iam_policy_document") {
        for (at, it) in many(&block.body["statement"]).iter().enumerate() {
            if let Some(problem) = problem(&of_document(it)) {
                let address = format!("{}.statement[{at}]", block.address);
                all.push(Broken { address, problem });
            }
        }
    }
    for block in blocks.all() {
        for (at, it) in many(&block.body.policy()["Statement"]).iter().enumerate() {
            if let Some(problem) = problem(&of_text(it)) {
                let address = format!("{}.policy.Statement[{at}]", block.address);
                all.push(Broken { address, problem });
            }
        }
    }
    all
}

/// A statement of an `aws_iam_policy_document`.
fn of_document(it: &Value) -> Statement<'_> {
    let mut principals = Vec::new();
    for who in many(&it["principals"]) {
        let kind = who["type"].as_str().unwrap_or_default();
        principals.extend(many(&who["identifiers"]).iter().map(|it| principal(kind, it)));
    }
    let conditions = many(&it["condition"]).iter();
    Statement {
        allows: it["effect"] != "Deny",
        principals,
        conditions: conditions.filter_map(|it| it["variable"].as_str()).collect(),
    }
}

/// A statement of a policy in IAM's JSON.
fn of_text(it: &Value) -> Statement<'_> {
    let mut principals = Vec::new();
    match &it["Principal"] {
        Value::Object(kinds) => {
            for (kind, names) in kinds {
                principals.extend(many(names).iter().map(|it| principal(kind, it)));
            }
        }
        other => principals.extend(many(other).iter().map(|it| principal("AWS", it))),
    }
    let tests = it["Condition"].as_object().into_iter().flatten();
    let conditions = tests.filter_map(|(_, it)| it.as_object()).flatten();
    Statement {
        allows: it["Effect"] != "Deny",
        principals,
        conditions: conditions.map(|(variable, _)| variable.as_str()).collect(),
    }
}

fn principal<'v>(kind: &'v str, name: &'v Value) -> (&'v str, &'v str) {
    (kind, name.as_str().unwrap_or_default())
}

/// Services that set neither `aws:SourceAccount` nor `aws:SourceArn` when they assume a role. Only the service itself can
/// assume such a role, and only for a resource of this account.
const SILENT: &[&str] = &["lambda.amazonaws.com", "apigateway.amazonaws.com"];

fn confused_deputy(blocks: &Blocks) -> Vec<Broken> {
    const SOURCES: &[&str] =
        &["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", LOG_GROUP_OF];
    const LOG_GROUP_OF: &str = "kms:EncryptionContext:aws:logs:arn";
    broken(blocks, |it| {
        let lets_in_for_others =
            |(kind, name): &&(&str, &str)| *kind == "Service" && !SILENT.contains(name);
        let deputy = it.principals.iter().find(lets_in_for_others)?;
        let held = it.conditions.iter().any(|it| SOURCES.contains(it));
        (it.allows && !held)
            .then(|| format!("it allows {} without a condition on the source account", deputy.1))
    })
}

fn public_principal(blocks: &Blocks) -> Vec<Broken> {
    broken(blocks, |it| {
        let everybody = it.principals.iter().any(|(_, name)| *name == "*");
        let open = it.allows && it.conditions.is_empty() && everybody;
        open.then(|| "it allows every principal".to_owned())
    })
}

/// The managed policies that are allowed: AWS maintains this one for the logs of API Gateway alone.
const KEPT_BY_AWS: &[&str] =
    &["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"];

fn managed_policy(blocks: &Blocks) -> Vec<Broken> {
    super::each(
        blocks,
        "aws_iam_role_policy_attachment",
        "it attaches a policy that AWS manages",
        |it| {
            it.body["policy_arn"].as_str().is_none_or(|arn| {
                !arn.starts_with("arn:aws:iam::aws:policy/") || KEPT_BY_AWS.contains(&arn)
            })
        },
    )
}
