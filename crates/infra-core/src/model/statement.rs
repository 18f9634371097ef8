//! Policy statements: actions, resources and conditions.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    expr::{Body, Term},
    place::Scope,
};

/// One statement that allows actions.
#[derive(Debug, Clone)]
pub struct Statement {
    actions: BTreeSet<&'static str>,
    on: Target,
    conditions: BTreeSet<Condition>,
}

/// The resources of a statement, or the reason why its actions have none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Resources(BTreeSet<Term>),
    NoResourceLevel(Unscoped),
}

/// Actions that support no resources, so their resource is `*`. Each has the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unscoped {
    /// X-Ray accepts segments from every principal of the account.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html>
    XRay,
    /// Step Functions asks X-Ray with the role how many executions to trace. Lambda asks in its own name.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html>
    XRaySampling,
    /// CloudWatch Logs creates log deliveries in the caller's name.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>
    LogDelivery,
    /// A new resource gets its id when it is created, and a list names no resource, so no ARN is known before the call.
    MadeOrListed,
}

const LOG_DELIVERY: &[&str] = &[
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
];
const XRAY: &[&str] = &["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
const XRAY_SAMPLING: &[&str] = &["xray:GetSamplingRules", "xray:GetSamplingTargets"];

/// The actions of a working role that support no resources, so that `*` is the only possible resource.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
pub const WITHOUT_RESOURCES: [&[&str]; 4] =
    [&["cloudwatch:PutMetricData"], LOG_DELIVERY, XRAY, XRAY_SAMPLING];

impl Unscoped {
    /// The id of the statement, which says that it has no resources.
    pub const fn sid(self) -> &'static str {
        match self {
            Unscoped::XRay => "XRayHasNoResources",
            Unscoped::XRaySampling => "XRaySamplingHasNoResources",
            Unscoped::LogDelivery => "LogDeliveryHasNoResources",
            Unscoped::MadeOrListed => "MadeOrListedHasNoResources",
        }
    }

    const fn actions(self) -> &'static [&'static str] {
        match self {
            Unscoped::XRay => XRAY,
            Unscoped::XRaySampling => XRAY_SAMPLING,
            Unscoped::LogDelivery => LOG_DELIVERY,
            // The actions follow from the created resources: see `Statement::made_or_listed`.
            Unscoped::MadeOrListed => &[],
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
    /// Only on behalf of the accounts of the stack. It prevents a confused deputy.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
    pub(in crate::model) fn same_account(scope: &Scope) -> Self {
        Condition {
            test: "StringEquals",
            variable: "aws:SourceAccount",
            values: scope.account_ids().map(Term::from).collect(),
        }
    }

    /// Only through a service, by the first part of its host name.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>
    pub(in crate::model) fn via(service: &str, region: &str) -> Self {
        Condition {
            test: "StringEquals",
            variable: "kms:ViaService",
            values: vec![Term::Text(format!("{service}.{region}.amazonaws.com"))],
        }
    }

    /// Only calls without TLS.
    pub(in crate::model) fn without_tls() -> Self {
        Condition { test: "Bool", variable: "aws:SecureTransport", values: vec!["false".into()] }
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

    /// Actions that create a resource whose id is not known yet, or that list resources.
    pub(in crate::model) fn made_or_listed(actions: &[&'static str]) -> Self {
        Statement {
            actions: actions.iter().copied().collect(),
            ..Statement::unscoped(Unscoped::MadeOrListed)
        }
    }

    pub(in crate::model) fn when(mut self, condition: Condition) -> Self {
        self.conditions.insert(condition);
        self
    }

    /// The allowed actions.
    pub(in crate::model) fn actions(&self) -> impl Iterator<Item = &'static str> {
        self.actions.iter().copied()
    }

    /// The statement in the JSON of a policy.
    pub(in crate::model) fn document(&self) -> Body {
        let resources = match &self.on {
            Target::Resources(terms) => Body::list(terms.iter().cloned()),
            Target::NoResourceLevel(_) => Body::list(["*"]),
        };
        let mut tests: BTreeMap<&'static str, Vec<(&'static str, Body)>> = BTreeMap::new();
        for it in &self.conditions {
            tests.entry(it.test).or_default().push((it.variable, Body::list(it.values.clone())));
        }
        let conditions = tests.into_iter().map(|(test, it)| (test, Body::map(it)));
        Body::map([
            ("Effect", "Allow".into()),
            ("Action", Body::list(self.actions.iter().copied())),
            ("Resource", resources),
        ])
        .with("Condition", (!self.conditions.is_empty()).then(|| Body::map(conditions)))
    }

    pub(in crate::model) fn body(&self) -> Body {
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
pub(in crate::model) fn merged(statements: Vec<Statement>) -> Vec<Statement> {
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
