//! The rights that Terraform needs for a root, which follow from the root's resources.

use std::collections::BTreeSet;

use super::table::{ANY, KEY_USES, KeyUse, Row, TABLE};
use crate::{
    model::{
        BlockKind, Stack,
        attribute::holds_a_secret,
        backend::Backend,
        expr::{Address, Body, Term},
        place::Scope,
        stack::Node,
        statement::{Condition, Statement},
    },
    violation::Violation,
};

/// A task that needs rights on a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Does {
    /// Plan it without a lock: read the state and the deployed resources.
    Plan,
    /// Apply a plan: change the deployed resources and the state, with a lock.
    Apply,
    /// Compare the deployed resources with the files, and follow orders through them.
    Smoke,
}

/// Exactly the rights for a task on a root.
#[derive(Debug)]
pub struct Rights {
    pub(in crate::model) statements: Vec<Statement>,
    pub(in crate::model) violations: Vec<Violation>,
    secret: Option<Address>,
}

impl Rights {
    /// The rights for the task `does` on this root, whose state is in `backend`.
    pub fn on(stack: &Stack, backend: &Backend, does: Does) -> Self {
        let (types, mut violations) = types(stack);
        if does == Does::Apply {
            violations.extend(unbounded(stack));
        }
        let rows = TABLE.iter().filter(|row| row.tf_types.iter().any(|it| types.contains(it)));
        let mut statements: Vec<_> = rows.filter_map(|row| statement(row, stack, does)).collect();
        let (uses, unknown) = key_uses(stack);
        statements.extend(uses.into_iter().filter_map(|it| key_use(it, stack.scope(), does)));
        violations.extend(unknown);
        statements.extend(state(backend, does));
        if does == Does::Apply {
            statements.extend(handed_over(stack));
        }
        let secret = stack.nodes().map(|it| &it.address).find(|it| holds_a_secret(it.tf_type()));
        Rights { statements, violations, secret: secret.cloned() }
    }

    /// A resource of the root whose secret is in the state, so that these rights allow to read the secret.
    pub fn secret(&self) -> Option<&Address> {
        self.secret.as_ref()
    }
}

/// The types of a root's resources, and a violation for each type without a row in the table.
fn types(stack: &Stack) -> (BTreeSet<&'static str>, Vec<Violation>) {
    let mut types = BTreeSet::new();
    let mut violations = Vec::new();
    for node in stack.nodes().filter(|it| it.address.kind() == BlockKind::Resource) {
        let tf_type = node.address.tf_type();
        let known = TABLE.iter().any(|row| row.tf_types.contains(&tf_type));
        if types.insert(tf_type) && !known {
            violations.push(Violation::new(
                "iam/no-deploy-rights",
                node.address.to_string(),
                format!("the calls that Terraform makes for {tf_type} are not known, so the pipeline could not apply it"),
                "add a row for the type, with its calls, to crates/infra-core/src/model/delivery/table.rs",
            ));
        }
    }
    (types, violations)
}

/// A violation if a root has a role without a boundary: the role that applies the root could create a role with all
/// permissions.
fn unbounded(stack: &Stack) -> Option<Violation> {
    let role = stack.nodes().find(|it| it.address.tf_type() == "aws_iam_role")?;
    stack.boundary.is_none().then(|| {
        Violation::new(
            "iam/no-boundary",
            role.address.to_string(),
            "the role that applies this stack may create roles, but no permissions boundary limits those roles",
            "call Stack::bound_roles before the first role is added",
        )
    })
}

fn statement(row: &Row, stack: &Stack, does: Does) -> Option<Statement> {
    let scope = stack.scope();
    let mut actions = row.read.to_vec();
    match does {
        Does::Plan => (),
        Does::Apply => actions.extend(row.change),
        Does::Smoke => actions.extend(row.follow),
    }
    if actions.is_empty() {
        return None;
    }
    if row.on == ANY {
        return Some(Statement::made_or_listed(&actions));
    }
    // A root for several accounts needs the rights in each of them.
    let resources = scope.account_ids().map(|account| {
        let arn = row.on.replace("{region}", scope.region.as_str());
        Term::Text(arn.replace("{account}", account).replace("{prefix}", &scope.prefix))
    });
    let statement = Statement::new(&actions, resources);
    Some(match stack.boundary.as_ref().filter(|_| row.bounded) {
        Some(boundary) => statement.when(boundary.condition()),
        None => statement,
    })
}

/// How a root's resources use customer managed keys, and a violation for each type without a line in [`KEY_USES`].
fn key_uses(stack: &Stack) -> (Vec<&'static KeyUse>, Vec<Violation>) {
    let names_a_key = |node: &&Node| {
        let attributes = node.mentions.attributes();
        node.address.kind() == BlockKind::Resource
            && attributes.iter().any(|it| it.of().tf_type() == "aws_kms_key")
    };
    let (mut types, mut violations) = (BTreeSet::new(), Vec::new());
    for node in stack.nodes().filter(names_a_key) {
        let tf_type = node.address.tf_type();
        if types.insert(tf_type) && !KEY_USES.iter().any(|it| it.tf_type == tf_type) {
            violations.push(Violation::new(
                "iam/no-deploy-rights",
                node.address.to_string(),
                format!("it uses a customer managed key, but the calls of KMS that {tf_type} makes in the caller's name are not known"),
                "add a line for the type to KEY_USES in crates/infra-core/src/model/delivery/table.rs",
            ));
        }
    }
    (KEY_USES.iter().filter(|it| types.contains(it.tf_type)).collect(), violations)
}

fn key_use(of: &KeyUse, scope: &Scope, does: Does) -> Option<Statement> {
    let actions = match does {
        Does::Plan => return None,
        Does::Apply => of.change,
        Does::Smoke => of.follow,
    };
    let region = scope.region.as_str();
    let keys = scope.account_ids().map(|it| Term::Text(format!("arn:aws:kms:{region}:{it}:key/*")));
    let via = Condition::via(of.service, region);
    (!actions.is_empty()).then(|| Statement::new(actions, keys).when(via))
}

/// The rights on the state. A task that changes the state also needs the lock, which is a file next to it.
/// <https://developer.hashicorp.com/terraform/language/backend/s3#s3-bucket-permissions>
fn state(backend: &Backend, does: Does) -> Vec<Statement> {
    let bucket = format!("arn:aws:s3:::{}", backend.bucket);
    let object = format!("{bucket}/{}", backend.key);
    let on = |arn: &str| [Term::Text(arn.to_owned())];
    let list = Statement::new(&["s3:ListBucket"], on(&bucket));
    match does {
        Does::Plan | Does::Smoke => vec![list, Statement::new(&["s3:GetObject"], on(&object))],
        Does::Apply => vec![
            list,
            Statement::new(&["s3:GetObject", "s3:PutObject"], on(&object)),
            Statement::new(
                &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                on(&format!("{object}.tflock")),
            ),
        ],
    }
}

/// The right to pass the root's roles, each only to the service that it trusts.
fn handed_over(stack: &Stack) -> Option<Statement> {
    let mut services = BTreeSet::new();
    for node in stack.nodes().filter(|it| it.address.name().ends_with("_trust")) {
        principals(&node.body, &mut services);
    }
    let scope = stack.scope();
    let roles = scope
        .account_ids()
        .map(|it| Term::Text(format!("arn:aws:iam::{it}:role/{}-*", scope.prefix)));
    let only = Condition {
        test: "StringEquals",
        variable: "iam:PassedToService",
        values: services.iter().map(|it| Term::from(it.as_str())).collect(),
    };
    (!services.is_empty()).then(|| Statement::new(&["iam:PassRole"], roles).when(only))
}

/// The services in a trust policy.
fn principals(body: &Body, services: &mut BTreeSet<String>) {
    match body {
        Body::Map(fields) => {
            if let Some(Body::List(names)) = fields.get("identifiers") {
                services.extend(names.iter().filter_map(|it| match it {
                    Body::Text(name) if name.ends_with(".amazonaws.com") => Some(name.to_string()),
                    _ => None,
                }));
            }
            fields.values().for_each(|it| principals(it, services));
        }
        Body::List(items) => items.iter().for_each(|it| principals(it, services)),
        _ => (),
    }
}
