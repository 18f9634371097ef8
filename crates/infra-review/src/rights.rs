//! Finds new permissions: of roles, of the principals that may assume them, and of callers of resources.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    block::{Block, items, target, texts},
    compare::Comparison,
    finding::{Found, Rule, Severity},
    identity,
    policy::{self, Right, any_covers, bare},
    root::Root,
};
use infra_core::model::WITHOUT_RESOURCES;

/// The purpose of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The permissions of a role.
    Role,
    /// The principals that may assume a role.
    Trust,
    /// The callers that a resource allows.
    Resource,
    /// A policy that no role of this root attaches: it is a permissions boundary, or others attach it.
    Bound,
}

/// The permissions of each holder, by the purpose of its policy.
pub(super) type Held = BTreeMap<(String, Kind), BTreeSet<Right>>;

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    let (before, after) = (held(compare.before), held(compare.after));
    let none = BTreeSet::new();
    for ((holder, kind), rights) in &after {
        let old = before.get(&(holder.clone(), *kind)).unwrap_or(&none);
        let more = rights.iter().filter(|it| !it.denies && !any_covers(old, it));
        let judged: Vec<_> = more
            .filter_map(|it| {
                let (severity, rule, why) = judge(compare, holder, *kind, it, (old, rights))?;
                Some((severity, rule, format!("{why}: {it}")))
            })
            .collect();
        for rule in [Rule::RightsWidened, Rule::Exposed, Rule::Unjudged] {
            let these = || judged.iter().filter(|it| it.1 == rule);
            let Some(worst) = these().map(|it| it.0).max() else { continue };
            let problem = match (rule, kind) {
                (Rule::Exposed, _) => "open to others",
                (Rule::Unjudged, _) => "its policy has a part that the review cannot read: read it",
                (_, Kind::Role) => "may do more",
                (_, Kind::Bound) => "the roles that it bounds may do more",
                (_, Kind::Trust) => "more principals may assume it",
                (_, Kind::Resource) => "more callers are allowed",
            };
            let lines = these().map(|it| it.2.clone());
            found.push(Found::new(worst, rule, holder, problem).with(lines));
        }
    }
    refusals(compare, &before, &after, found);
    super::lost::check(compare, &before, &after, found);
}

/// Judges a new permission. `None` if a new holder always has such a permission.
fn judge(
    compare: &Comparison<'_>,
    holder: &str,
    kind: Kind,
    right: &Right,
    (old, new): (&BTreeSet<Right>, &BTreeSet<Right>),
) -> Option<(Severity, Rule, &'static str)> {
    if right.is_unread() {
        return Some((Severity::Warning, Rule::Unjudged, "cannot be judged"));
    }
    let is_stranger = is_stranger(compare, &right.principal);
    if kind != Kind::Role && is_stranger {
        let (rule, why) = match kind {
            Kind::Trust => (Rule::RightsWidened, "a principal outside of the account"),
            _ => (Rule::Exposed, "a principal outside of the account"),
        };
        let severity =
            if right.conditions.is_empty() { Severity::Danger } else { Severity::Warning };
        return Some((severity, rule, why));
    }
    // A new resource may allow callers of its own account, and a service may assume a new role. The
    // permissions of a new role are judged.
    if kind != Kind::Role && compare.is_new(holder) {
        return None;
    }
    let without = |it: &Right| {
        let bare = Right { conditions: right.conditions.clone(), ..it.clone() };
        bare.covers(right)
    };
    // An old permission that still exists was not loosened: this one is an addition to it.
    if old.iter().any(|it| without(it) && (!new.contains(it) || right.conditions.is_empty())) {
        let rule = if kind == Kind::Resource && right.principal == "everybody" {
            Rule::Exposed
        } else {
            Rule::RightsWidened
        };
        return Some((Severity::Danger, rule, "a condition is gone or takes more"));
    }
    let is_same_action = |it: &Right| it.principal == right.principal && it.covers_action(right);
    let why = match kind {
        _ if !old.iter().any(|it| it.principal == right.principal) && kind != Kind::Role => {
            "a new principal"
        }
        _ if old.iter().any(without) => "under another condition",
        _ if old.iter().any(is_same_action) => "on another resource",
        _ => "a new action",
    };
    let severity = match kind {
        _ if is_wild(right, kind) => Severity::Danger,
        // The permission reaches no resource that existed before.
        Kind::Role if target(&right.resource).is_some_and(|it| compare.is_new(it)) => {
            Severity::Notice
        }
        Kind::Role if compare.is_new(holder) && !has_resources(&right.action) => Severity::Notice,
        _ => Severity::Warning,
    };
    Some((severity, Rule::RightsWidened, why))
}

/// Whether a principal is everybody, or is of another account.
fn is_stranger(compare: &Comparison<'_>, principal: &str) -> bool {
    if principal == "everybody" || principal.starts_with("everything but") {
        return true;
    }
    let Some(who) = principal.strip_prefix("AWS ") else {
        return principal.starts_with("Federated") || principal.starts_with("CanonicalUser");
    };
    let is_account = |it: &&str| it.len() == 12 && it.bytes().all(|it| it.is_ascii_digit());
    let account = who.split(':').find(is_account);
    let own = compare.after.accounts();
    account.is_some_and(|it| !own.iter().any(|own| own == it))
}

/// Whether the permission has more than one action, or more than one resource.
fn is_wild(right: &Right, kind: Kind) -> bool {
    let every = right.action.contains('*') || right.action.starts_with("everything but");
    let everything = match right.resource.as_str() {
        // In the policy of a resource, `*` is that resource.
        "*" => matches!(kind, Kind::Role | Kind::Bound) && has_resources(&right.action),
        it => it.starts_with("everything but"),
    };
    every || everything
}

fn has_resources(action: &str) -> bool {
    !WITHOUT_RESOURCES.iter().any(|it| it.contains(&action))
}

/// Finds removed denials.
fn refusals(compare: &Comparison<'_>, before: &Held, after: &Held, found: &mut Vec<Found>) {
    let none = BTreeSet::new();
    for ((holder, kind), old) in before {
        if compare.is_gone(holder) {
            continue;
        }
        let new = after.get(&(holder.clone(), *kind)).unwrap_or(&none);
        let gone = old.iter().filter(|it| it.denies && !any_covers(new, it));
        let lines: Vec<_> = gone.map(|it| format!("removed: {it}")).collect();
        if lines.is_empty() {
            continue;
        }
        let rule = if *kind == Kind::Resource { Rule::Exposed } else { Rule::RightsWidened };
        let problem = "something was denied, and no longer is";
        found.push(Found::new(Severity::Danger, rule, holder, problem).with(lines));
    }
}

/// The permissions of every holder in a root.
fn held(root: &Root) -> Held {
    let mut held = Held::new();
    let mut add = |holder: Option<&str>, kind, rights: BTreeSet<Right>| {
        if let Some(holder) = holder {
            held.entry((holder.to_owned(), kind)).or_default().extend(rights);
        }
    };
    for block in root.blocks.values() {
        let own = Some(block.address.as_str());
        let of = |argument: &str, tf_type| {
            let named = || identity::block(root, tf_type, &block.body[argument]);
            let by_name = || named().map(|it| it.address.as_str());
            block.refers(&[argument]).or_else(by_name).or(own)
        };
        match block.tf_type.as_str() {
            "aws_iam_role" => {
                add(own, Kind::Trust, read(root, block, "assume_role_policy"));
                for it in items(&block.body["inline_policy"]) {
                    add(own, Kind::Role, policy::of_attribute(root, &it["policy"]));
                }
                for it in texts(&block.body["managed_policy_arns"]) {
                    add(own, Kind::Role, managed(it));
                }
            }
            "aws_iam_policy" => {
                let kind = if is_attached(root, block) { Kind::Role } else { Kind::Bound };
                add(own, kind, read(root, block, "policy"));
            }
            "aws_iam_role_policy" => {
                add(of("role", "aws_iam_role"), Kind::Role, read(root, block, "policy"));
            }
            "aws_iam_role_policy_attachment" => {
                let policy = block.text(&["policy_arn"]).unwrap_or("an unknown policy");
                add(of("role", "aws_iam_role"), Kind::Role, managed(policy));
            }
            "aws_sqs_queue_policy" => {
                add(of("queue_url", "aws_sqs_queue"), Kind::Resource, read(root, block, "policy"));
            }
            "aws_sns_topic_policy" => {
                add(of("arn", "aws_sns_topic"), Kind::Resource, read(root, block, "policy"));
            }
            "aws_s3_bucket_policy" => {
                add(of("bucket", "aws_s3_bucket"), Kind::Resource, read(root, block, "policy"));
            }
            "aws_kms_key" => add(own, Kind::Resource, read(root, block, "policy")),
            "aws_lambda_permission" => {
                add(of("function_name", "aws_lambda_function"), Kind::Resource, invocation(block));
            }
            _ => (),
        }
    }
    held
}

/// Every holder in a root, with its permissions.
#[cfg(test)]
pub(super) fn all(root: &Root) -> impl Iterator<Item = (String, BTreeSet<Right>)> {
    held(root).into_iter().map(|((holder, kind), it)| (format!("{holder} ({kind:?})"), it))
}

/// Whether a role of the root attaches a policy.
fn is_attached(root: &Root, policy: &Block) -> bool {
    let refers = |it: &str| target(it) == Some(policy.address.as_str());
    root.blocks.values().any(|it| {
        it.text(&["policy_arn"]).is_some_and(refers)
            || texts(&it.body["managed_policy_arns"]).into_iter().any(refers)
    })
}

/// The policy in an attribute.
fn read(root: &Root, block: &Block, attribute: &str) -> BTreeSet<Right> {
    policy::of_attribute(root, &block.body[attribute])
}

/// The permission that represents a policy by its ARN, because the content is not known here.
fn managed(policy: &str) -> BTreeSet<Right> {
    let policy = bare(policy);
    let is_everything =
        policy.ends_with("/AdministratorAccess") || policy.ends_with("/PowerUserAccess");
    BTreeSet::from([Right {
        denies: false,
        principal: String::new(),
        action: format!("{}what {policy} allows", if is_everything { "*: " } else { "" }),
        resource: String::new(),
        conditions: policy::Conditions::new(),
    }])
}

/// The permission that an `aws_lambda_permission` adds to the policy of a function.
fn invocation(block: &Block) -> BTreeSet<Right> {
    let text = |name: &str| block.text(&[name]).unwrap_or_default().to_owned();
    let principal = match text("principal").as_str() {
        "*" => "everybody".to_owned(),
        it if it.contains(".amazonaws.com") => format!("Service {it}"),
        it => format!("AWS {it}"),
    };
    let mut conditions = policy::Conditions::new();
    for (attribute, test, variable) in [
        ("source_arn", "ArnLike", "aws:SourceArn"),
        ("source_account", "StringEquals", "aws:SourceAccount"),
        ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
    ] {
        if let Some(value) = block.text(&[attribute]) {
            conditions.insert((test.to_owned(), variable.to_owned()), [value.to_owned()].into());
        }
    }
    let resource = match block.text(&["qualifier"]) {
        Some(it) => format!("{}:{it}", text("function_name")),
        None => text("function_name"),
    };
    let action = text("action");
    BTreeSet::from([Right { denies: false, principal, action, resource, conditions }])
}
