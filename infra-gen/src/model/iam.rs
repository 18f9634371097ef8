//! Rights. They come from handles only, never from text.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    panic::Location,
};

use contracts::{
    env::{Access, EnvValue, Mode},
    setting::Setting,
};

use super::{
    expr::{Address, BlockKind, Body, Term},
    place::Scope,
    stack::{Handle, Kind, Meta, Module, Node, Stack, attribute},
};

/// `Self` is something one can do to a `K`.
#[diagnostic::on_unimplemented(
    message = "there is no IAM action for `{Self}` on a `{K}`",
    label = "`{Self}` does not apply to a `{K}`",
    note = "what can be done to each kind is listed in `infra-gen/src/model/actions.rs`"
)]
pub trait Action<K: Kind> {
    /// The statements that allow it on this one resource, rights on its key included.
    #[doc(hidden)]
    fn statements(on: &Handle<K>) -> Vec<Statement>;
}

/// Implements [`Action`] for tuples: the right to do all of them.
macro_rules! tuples {
    ($($($action:ident)+;)*) => {$(
        impl<Target: Kind, $($action: Action<Target>),+> Action<Target> for ($($action,)+) {
            fn statements(on: &Handle<Target>) -> Vec<Statement> {
                let mut all = Vec::new();
                $(all.extend($action::statements(on));)+
                all
            }
        }
    )*};
}

tuples! {
    A B;
    A B C;
    A B C D;
}

/// A kind with one attribute by which a client calls it.
pub trait Addressed: Kind {
    /// That attribute: a name, URL or ARN.
    const CLIENT_ATTRIBUTE: &'static str;
}

/// Rights on one resource. It goes to whoever needs them as a whole.
#[must_use]
#[derive(Debug, Clone)]
pub struct Grant {
    statements: Vec<Statement>,
}

impl Grant {
    pub(in crate::model) fn none() -> Self {
        Grant { statements: Vec::new() }
    }

    pub(in crate::model) fn and(&mut self, other: Grant) {
        self.statements.extend(other.statements);
    }

    pub(in crate::model) fn into_statements(self) -> Vec<Statement> {
        self.statements
    }
}

impl<K: Kind> Handle<K> {
    /// The right to do `A` to this resource and to nothing else.
    pub fn grant<A: Action<K>>(&self) -> Grant {
        Grant { statements: A::statements(self) }
    }

    /// The address *and* the right, as one value.
    pub fn access<A: Action<K>>(&self) -> Wire<Access<K, A>>
    where
        K: Addressed,
    {
        let value = self.attribute(K::CLIENT_ATTRIBUTE).into();
        Wire { value, grant: self.grant::<A>(), _tag: PhantomData }
    }
}

/// What the generator puts where a function expects a `V`.
pub struct Wire<V> {
    pub(in crate::model) value: Body,
    pub(in crate::model) grant: Grant,
    _tag: PhantomData<fn() -> V>,
}

impl<T: ToString> Wire<Setting<T>> {
    /// A plain value.
    pub fn setting(value: T) -> Self {
        Wire { value: value.to_string().into(), grant: Grant::none(), _tag: PhantomData }
    }
}

/// The mode that the generator sees: the field holds what will become the value.
pub enum Wired {}

impl Mode for Wired {
    type Of<V: EnvValue> = Wire<V>;
}

/// One statement that allows something.
#[derive(Debug, Clone)]
pub struct Statement {
    actions: BTreeSet<&'static str>,
    on: Target,
    conditions: BTreeSet<Condition>,
}

/// What a statement is about. Either resources, or an action that AWS knows no resources for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Resources(BTreeSet<Term>),
    NoResourceLevel(Unscoped),
}

/// Actions without resources, each with the reason why it stands on `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unscoped {
    /// X-Ray takes segments from anyone in the account.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html>
    XRay,
    /// Log deliveries are made by CloudWatch Logs in the caller's name.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>
    LogDelivery,
}

impl Unscoped {
    /// The name of the statement, which says why it has no resource.
    pub const fn sid(self) -> &'static str {
        match self {
            Unscoped::XRay => "XRayHasNoResources",
            Unscoped::LogDelivery => "LogDeliveryHasNoResources",
        }
    }

    const fn actions(self) -> &'static [&'static str] {
        match self {
            Unscoped::XRay => &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            Unscoped::LogDelivery => &[
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
        }
    }
}

/// A condition of a statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::model) struct Condition {
    pub(in crate::model) test: &'static str,
    pub(in crate::model) variable: &'static str,
    pub(in crate::model) values: Vec<Term>,
}

impl Condition {
    /// Only in the name of the accounts that the stack is for: it shuts out a confused deputy.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
    pub(in crate::model) fn same_account(scope: &Scope) -> Self {
        Condition {
            test: "StringEquals",
            variable: "aws:SourceAccount",
            values: scope.account_ids().map(Term::from).collect(),
        }
    }

    pub(in crate::model) fn body(&self) -> Body {
        Body::map([
            ("test", self.test.into()),
            ("variable", self.variable.into()),
            ("values", Body::list(self.values.clone())),
        ])
    }
}

impl Statement {
    pub(in crate::model) fn new(
        actions: &[&'static str],
        resources: impl IntoIterator<Item = Term>,
    ) -> Self {
        Statement {
            actions: actions.iter().copied().collect(),
            on: Target::Resources(resources.into_iter().collect()),
            conditions: BTreeSet::new(),
        }
    }

    pub(in crate::model) fn unscoped(what: Unscoped) -> Self {
        Statement {
            actions: what.actions().iter().copied().collect(),
            on: Target::NoResourceLevel(what),
            conditions: BTreeSet::new(),
        }
    }

    pub(in crate::model) fn when(mut self, condition: Condition) -> Self {
        self.conditions.insert(condition);
        self
    }

    fn body(&self) -> Body {
        let resources = match &self.on {
            Target::Resources(terms) => Body::list(terms.iter().cloned()),
            Target::NoResourceLevel(_) => Body::list(["*"]),
        };
        let sid = match &self.on {
            Target::Resources(_) => None,
            Target::NoResourceLevel(what) => Some(what.sid()),
        };
        let conditions: Vec<Body> = self.conditions.iter().map(Condition::body).collect();
        Body::map([
            ("effect", "Allow".into()),
            ("actions", Body::list(self.actions.iter().copied())),
            ("resources", resources),
        ])
        .with("sid", sid)
        .with("condition", (!conditions.is_empty()).then_some(conditions))
    }
}

/// Merges statements with equal resources and conditions, and sorts them.
fn merged(statements: Vec<Statement>) -> Vec<Statement> {
    let mut by_target: BTreeMap<(Target, BTreeSet<Condition>), BTreeSet<&'static str>> =
        BTreeMap::new();
    for it in statements {
        by_target.entry((it.on, it.conditions)).or_default().extend(it.actions);
    }
    by_target
        .into_iter()
        .map(|((on, conditions), actions)| Statement { actions, on, conditions })
        .collect()
}

/// Who may take a role on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum Service {
    Lambda,
    States,
    Scheduler,
    ApiGateway,
}

impl Service {
    const fn principal(self) -> &'static str {
        match self {
            Service::Lambda => "lambda.amazonaws.com",
            Service::States => "states.amazonaws.com",
            Service::Scheduler => "scheduler.amazonaws.com",
            Service::ApiGateway => "apigateway.amazonaws.com",
        }
    }

    /// Whether the service says for which account it acts, which shuts out a confused deputy.
    /// Lambda does not when it takes on an execution role; only `lambda.amazonaws.com` itself can.
    /// API Gateway does not either when it is handed the account's log role.
    const fn names_account(self) -> bool {
        matches!(self, Service::States | Service::Scheduler)
    }
}

/// A role.
pub(in crate::model) enum RoleKind {}

impl Kind for RoleKind {
    const TF_TYPE: &'static str = "aws_iam_role";
    const LABEL: &'static str = "role";
    type Facts = ();
}

impl Module<'_> {
    /// Adds a role that `service` can take on. Its rights are given by [`Stack::allow`].
    #[track_caller]
    pub(in crate::model) fn role(
        &mut self,
        name: &str,
        service: Service,
        holder: &str,
    ) -> Handle<RoleKind> {
        let trust = trust_policy(self, name, service, holder);
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("assume_role_policy", attribute(&trust, "trust", "json").into()),
        ]);
        let doc = format!("What {holder} may do.");
        let role: Handle<RoleKind> = self.add_derived(name, doc, (), body, Meta::default());
        self.stack.open_role(role.address(), name.to_owned(), Location::caller());
        role
    }
}

#[track_caller]
fn trust_policy(module: &mut Module<'_>, name: &str, service: Service, holder: &str) -> Address {
    let scope = module.stack.scope();
    let conditions = service.names_account().then(|| vec![Condition::same_account(scope).body()]);
    let statement = Body::map([
        ("effect", "Allow".into()),
        ("actions", Body::list(["sts:AssumeRole"])),
        (
            "principals",
            Body::List(vec![Body::map([
                ("type", "Service".into()),
                ("identifiers", Body::list([service.principal()])),
            ])]),
        ),
    ])
    .with("condition", conditions);
    policy_document(
        module.stack,
        module.address(RoleKind::TF_TYPE, name),
        format!("{name}_trust"),
        format!("Who may act as {holder}."),
        vec![statement],
        Location::caller(),
    )
}

/// Adds an `aws_iam_policy_document` beside `owner`.
pub(in crate::model) fn policy_document(
    stack: &mut Stack,
    owner: Address,
    name: String,
    doc: String,
    statements: Vec<Body>,
    source: &'static Location<'static>,
) -> Address {
    let address =
        Address { kind: BlockKind::Data, tf_type: "aws_iam_policy_document", name, ..owner };
    stack.push(Node {
        address: address.clone(),
        doc,
        body: Body::map([("statement", Body::List(statements))]),
        depends_on: BTreeSet::new(),
        create_before_destroy: false,
        source,
    });
    address
}

/// The address that the policy of a role will have once the stack is finished.
pub(in crate::model) fn role_policy_of(role: &Handle<RoleKind>) -> Address {
    Address { tf_type: "aws_iam_role_policy", ..role.address().clone() }
}

pub(in crate::model) fn add_role_policy(
    stack: &mut Stack,
    role: &Address,
    id: &str,
    statements: Vec<Statement>,
    source: &'static Location<'static>,
) {
    let statements = merged(statements).iter().map(Statement::body).collect();
    let doc = format!("Exactly what {} needs: one statement for each resource.", role.local());
    let document = policy_document(stack, role.clone(), id.to_owned(), doc, statements, source);
    let body = Body::map([
        ("name", "rights".into()),
        ("role", attribute(role, "role", "id").into()),
        ("policy", attribute(&document, "policy", "json").into()),
    ]);
    stack.push(Node {
        address: Address { tf_type: "aws_iam_role_policy", ..role.clone() },
        doc: format!("Gives {} its rights.", role.local()),
        body,
        depends_on: BTreeSet::new(),
        create_before_destroy: false,
        source,
    });
}

#[cfg(test)]
impl Module<'_> {
    /// A policy document without a role, for tests of the rules over policies.
    pub(crate) fn policy_for_tests(&mut self, name: &str) {
        let owner = self.address(RoleKind::TF_TYPE, name);
        let doc = "A test.".to_owned();
        policy_document(self.stack, owner, name.to_owned(), doc, Vec::new(), Location::caller());
    }
}
