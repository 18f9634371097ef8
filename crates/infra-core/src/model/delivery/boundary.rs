//! Permissions boundaries: the most that a role may do, whatever its own policies allow.
//!
//! The role that applies a root creates other roles with policies. Without a boundary, it could create a role with more
//! permissions than its own. So the account's root, which a person applies, creates the boundaries, and the role that
//! applies another root can only create roles with a boundary.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use std::collections::{BTreeMap, BTreeSet};

use super::rights::Rights;
use crate::{
    model::{
        BlockKind, Stack,
        expr::{Body, Term},
        name::Id,
        place::AccountId,
        stack::{Handle, Kind, Meta, Module, Node},
        statement::{Condition, Statement, WITHOUT_RESOURCES},
    },
    violation::Violation,
};

/// A permissions boundary of an account. Other roots know it by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    account: AccountId,
    name: String,
}

impl Boundary {
    /// The boundary with this name in its account.
    pub fn new(account: AccountId, name: String) -> Self {
        Boundary { account, name }
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:policy/{}", self.account.as_str(), self.name)
    }

    /// A condition: only for roles with this boundary.
    pub(super) fn condition(&self) -> Condition {
        Condition {
            test: "StringEquals",
            variable: "iam:PermissionsBoundary",
            values: vec![Term::Text(self.arn())],
        }
    }
}

/// A boundary in this root.
pub enum BoundaryPolicy {}

impl Kind for BoundaryPolicy {
    const TF_TYPE: &'static str = "aws_iam_policy";
    const LABEL: &'static str = "boundary";
    type Facts = ();
}

/// The most that the roles of a root may do, with the resources, in addition to [`WITHOUT_RESOURCES`]. They use
/// resources, and create none.
const USE: &[(&str, &[&str])] = &[
    (
        "arn:aws:dynamodb:{region}:{account}:table/{prefix}-*",
        &[
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
    ),
    (
        "arn:aws:kms:{region}:{account}:key/*",
        &[
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
    ),
    ("arn:aws:lambda:{region}:{account}:function:{prefix}-*", &["lambda:InvokeFunction"]),
    (
        "arn:aws:logs:{region}:{account}:log-group:/aws/*{prefix}-*",
        &["logs:CreateLogStream", "logs:PutLogEvents"],
    ),
    ("arn:aws:sns:{region}:{account}:{prefix}-*", &["sns:Publish"]),
    (
        "arn:aws:sqs:{region}:{account}:{prefix}-*",
        &[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ],
    ),
    ("arn:aws:states:{region}:{account}:stateMachine:{prefix}-*", &["states:StartExecution"]),
    (
        "arn:aws:states:{region}:{account}:execution:{prefix}-*",
        &["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
    ),
];

impl Stack {
    /// Gives this boundary to every role that is added after this call.
    pub fn bound_roles(&mut self, boundary: Boundary) {
        self.boundary = Some(boundary);
    }
}

impl Module<'_> {
    /// Adds the boundary for the roles of a root. It must allow everything that their policies allow.
    #[track_caller]
    pub fn boundary_of_roles(&mut self, id: Id, what_for: &str, boundary: &Boundary, root: &Stack) {
        for (action, at) in granted(root) {
            let mut allowed = USE.iter().map(|it| it.1).chain(WITHOUT_RESOURCES);
            if !allowed.any(|it| it.contains(&action.as_str())) {
                self.stack.violate(Violation::new(
                    "iam/outside-boundary",
                    at,
                    format!("it allows {action}, which the permissions boundary of its role does not, so AWS would deny it"),
                    "use another action, or add this one to crates/infra-core/src/model/delivery/boundary.rs and run `dofs bootstrap` \
                     before the next deployment",
                ));
            }
        }
        let scope = root.scope();
        let arn = |on: &str, account: &str| {
            let arn = on.replace("{region}", scope.region.as_str()).replace("{account}", account);
            arn.replace("{prefix}", &scope.prefix)
        };
        let statements = USE.iter().map(|(on, actions)| {
            let on: BTreeSet<_> = scope.account_ids().map(|it| arn(on, it)).collect();
            Statement::new(actions, on.into_iter().map(Term::Text)).document()
        });
        let anywhere = Statement::new(&WITHOUT_RESOURCES.concat(), [Term::from("*")]).document();
        let statements = statements.chain([anywhere]).collect();
        self.boundary(id, what_for, boundary.name.clone(), statements);
    }

    /// Adds the boundary of a role with these rights. It allows all actions of the services in the rights, but of IAM
    /// only the actions in the rights. The role is in the same root, and depends on the boundary.
    #[track_caller]
    pub fn boundary_of_rights(
        &mut self,
        id: Id,
        what_for: &str,
        rights: &Rights,
    ) -> Handle<BoundaryPolicy> {
        let of_iam = |it: &&Statement| it.actions().any(|action| action.starts_with("iam:"));
        let services: BTreeSet<_> = rights
            .statements
            .iter()
            .flat_map(Statement::actions)
            .filter_map(|action| action.split_once(':'))
            .filter(|(service, _)| *service != "iam")
            .map(|(service, _)| format!("{service}:*"))
            .collect();
        let any = Body::map([
            ("Effect", "Allow".into()),
            ("Action", Body::list(services)),
            ("Resource", Body::list(["*"])),
        ]);
        let of_iam = rights.statements.iter().filter(of_iam).map(Statement::document);
        let name = self.aws_name(&format!("{}_{what_for}", id.name()));
        self.boundary(id, what_for, name, [any].into_iter().chain(of_iam).collect())
    }

    #[track_caller]
    fn boundary(
        &mut self,
        id: Id,
        what_for: &str,
        aws_name: String,
        statements: Vec<Body>,
    ) -> Handle<BoundaryPolicy> {
        let name = format!("{}_{what_for}", id.name());
        let document =
            Body::map([("Version", "2012-10-17".into()), ("Statement", Body::List(statements))]);
        let body = Body::map([("name", aws_name.into()), ("policy", document.json())]);
        let doc = format!("{what_for}: {}", id.doc());
        self.add_derived(&name, doc, (), body, Meta::default())
    }
}

/// The allowed actions of a root's roles, each with the address of a policy that allows it.
fn granted(root: &Stack) -> BTreeMap<String, String> {
    let is_of_a_role = |node: &&Node| {
        let address = &node.address;
        address.kind() == BlockKind::Data
            && address.tf_type() == "aws_iam_policy_document"
            && root.nodes().any(|it| {
                it.address.tf_type() == "aws_iam_role"
                    && it.address.module() == address.module()
                    && it.address.name() == address.name()
            })
    };
    let mut found = BTreeMap::new();
    for node in root.nodes().filter(is_of_a_role) {
        let Body::Map(fields) = &node.body else { continue };
        let Some(Body::List(statements)) = fields.get("statement") else { continue };
        for statement in statements {
            let Body::Map(fields) = statement else { continue };
            let Some(Body::List(actions)) = fields.get("actions") else { continue };
            for action in actions {
                if let Body::Text(action) = action {
                    found.insert(action.to_string(), node.address.to_string());
                }
            }
        }
    }
    found
}
