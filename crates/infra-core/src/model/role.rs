//! IAM roles: who may assume a role, and its one policy.

use std::panic::Location;

use super::{
    expr::{Address, BlockKind, Body, Term},
    name::ModuleName,
    place::Scope,
    stack::{Finished, Handle, Kind, Meta, Module, Node, Stack, attribute},
    statement::{Condition, Statement, merged},
};

/// The service that may assume a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum Service {
    Lambda,
    States,
    Scheduler,
    ApiGateway,
    CodeBuild,
    CodePipeline,
}

impl Service {
    const fn principal(self) -> &'static str {
        match self {
            Service::Lambda => "lambda.amazonaws.com",
            Service::States => "states.amazonaws.com",
            Service::Scheduler => "scheduler.amazonaws.com",
            Service::ApiGateway => "apigateway.amazonaws.com",
            Service::CodeBuild => "codebuild.amazonaws.com",
            Service::CodePipeline => "codepipeline.amazonaws.com",
        }
    }

    /// Whether the service sets `aws:SourceAccount`, which prevents a confused deputy. Lambda does not set it when it
    /// assumes an execution role, and only `lambda.amazonaws.com` itself can assume one. API Gateway does not set it
    /// for the account's log role.
    const fn names_account(self) -> bool {
        matches!(
            self,
            Service::States | Service::Scheduler | Service::CodeBuild | Service::CodePipeline
        )
    }
}

/// Who may assume a role.
pub(in crate::model) enum Trust {
    /// A service, on behalf of this account.
    Service(Service),
    /// A role by its ARN, perhaps of another account. It need not exist yet: the principal is the account, and a
    /// condition allows only this role.
    Role {
        /// Its account.
        account: &'static str,
        /// Its ARN.
        arn: String,
    },
    /// A caller outside of AWS, with a token of an identity provider.
    Token {
        /// The provider's ARN.
        provider: Term,
        /// The claims that the token must have.
        claims: Vec<Condition>,
    },
}

impl Trust {
    /// The action, the principal's type, the principal, and the conditions.
    fn parts(self, scope: &Scope) -> (&'static str, &'static str, Term, Vec<Condition>) {
        match self {
            Trust::Service(service) => {
                let conditions = match service.names_account() {
                    true => vec![Condition::same_account(scope)],
                    false => Vec::new(),
                };
                ("sts:AssumeRole", "Service", service.principal().into(), conditions)
            }
            Trust::Role { account, arn } => {
                let only = Condition {
                    test: "ArnEquals",
                    variable: "aws:PrincipalArn",
                    values: vec![Term::Text(arn)],
                };
                let account = Term::Text(format!("arn:aws:iam::{account}:root"));
                ("sts:AssumeRole", "AWS", account, vec![only])
            }
            Trust::Token { provider, claims } => {
                ("sts:AssumeRoleWithWebIdentity", "Federated", provider, claims)
            }
        }
    }
}

/// A role.
pub(in crate::model) enum RoleKind {}

impl Kind for RoleKind {
    const TF_TYPE: &'static str = "aws_iam_role";
    const LABEL: &'static str = "role";
    type Facts = ();
}

impl Stack {
    /// Adds the policies of all roles, with exactly the rights that were granted.
    pub fn finish(mut self) -> Finished {
        add_policies(&mut self);
        Finished(self)
    }
}

pub(in crate::model) fn add_policies(stack: &mut Stack) {
    for (address, role) in stack.take_roles() {
        // A role that only has a managed policy of AWS gets no policy of its own.
        if !role.statements.is_empty() {
            add_role_policy(stack, &address, &role.id, role.statements, role.source);
        }
    }
}

impl Module<'_> {
    /// Adds a role that `service` may assume. [`Stack::allow`] grants its rights.
    #[track_caller]
    pub(in crate::model) fn role(
        &mut self,
        name: &str,
        service: Service,
        holder: &str,
    ) -> Handle<RoleKind> {
        // The boundary is in the account's root, so only its name is known here.
        let boundary = self.stack.boundary.as_ref().map(|it| Term::Text(it.arn()));
        self.trusted_role(name, Trust::Service(service), boundary, holder)
    }

    /// Adds a role with this trust, within the permissions boundary of this ARN, if there is one. [`Stack::allow`]
    /// grants its rights.
    #[track_caller]
    pub(in crate::model) fn trusted_role(
        &mut self,
        name: &str,
        trust: Trust,
        boundary: Option<Term>,
        holder: &str,
    ) -> Handle<RoleKind> {
        let trust = trust_policy(self, name, trust, holder);
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("assume_role_policy", attribute(&trust, "trust", "json").into()),
        ])
        .with("permissions_boundary", boundary);
        let doc = format!("The role of {holder}.");
        let role: Handle<RoleKind> = self.add_derived(name, doc, (), body, Meta::default());
        self.stack.open_role(role.address(), name.to_owned(), Location::caller());
        role
    }
}

#[track_caller]
fn trust_policy(module: &mut Module<'_>, name: &str, trust: Trust, holder: &str) -> Address {
    let (action, kind, principal, conditions) = trust.parts(module.stack.scope());
    let conditions: Vec<Body> = conditions.iter().map(Condition::body).collect();
    let statement = Body::map([
        ("effect", "Allow".into()),
        ("actions", Body::list([action])),
        (
            "principals",
            Body::List(vec![Body::map([
                ("type", kind.into()),
                ("identifiers", Body::list([principal])),
            ])]),
        ),
    ])
    .with("condition", (!conditions.is_empty()).then_some(conditions));
    policy_document(
        module.stack,
        module.name(),
        &format!("{name}_trust"),
        format!("Who may assume the role of {holder}."),
        vec![statement],
        Location::caller(),
    )
}

/// Adds an `aws_iam_policy_document`.
pub(in crate::model) fn policy_document(
    stack: &mut Stack,
    module: ModuleName,
    name: &str,
    doc: String,
    statements: Vec<Body>,
    source: &'static Location<'static>,
) -> Address {
    let address = Address::new(module, BlockKind::Data, "aws_iam_policy_document", name);
    let body = Body::map([("statement", Body::List(statements))]);
    stack.push(Node::new(address.clone(), doc, body, Meta::default(), source));
    address
}

/// Every principal, for statements that deny.
pub(in crate::model) fn everyone() -> Body {
    Body::map([("type", "*".into()), ("identifiers", Body::list(["*"]))])
}

/// The address of a role's policy, which is added when the stack is finished.
pub(in crate::model) fn role_policy_of(role: &Handle<RoleKind>) -> Address {
    role.address().beside("aws_iam_role_policy")
}

fn add_role_policy(
    stack: &mut Stack,
    role: &Address,
    id: &str,
    statements: Vec<Statement>,
    source: &'static Location<'static>,
) {
    let statements = merged(statements).iter().map(Statement::body).collect();
    let doc = format!("Exactly what {} needs: one statement for each resource.", role.local());
    let document = policy_document(stack, role.module(), id, doc, statements, source);
    let body = Body::map([
        ("name", "rights".into()),
        ("role", attribute(role, "role", "id").into()),
        ("policy", attribute(&document, "policy", "json").into()),
    ]);
    let (address, doc) =
        (role.beside("aws_iam_role_policy"), format!("Gives {} its rights.", role.local()));
    stack.push(Node::new(address, doc, body, Meta::default(), source));
}

#[cfg(test)]
impl Module<'_> {
    /// A policy document without a role, for tests of the rules over policies.
    pub(crate) fn policy_for_tests(&mut self, name: &str) {
        let (module, doc) = (self.name(), "A test.".to_owned());
        policy_document(self.stack, module, name, doc, Vec::new(), Location::caller());
    }
}
