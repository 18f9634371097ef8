//! A risk that the review reports, with its rule and its severity.

use serde::Serialize;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Must be intended: a principal may do more, or less is monitored.
    Warning,
    /// Data, security or orders are at risk.
    Danger,
}

impl Severity {
    /// The name in the output.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Danger => "danger",
        }
    }

    /// The exit code of the process if this is the worst severity and it reaches the gate.
    pub fn exit_code(self) -> u8 {
        match self {
            Severity::Notice => 3,
            Severity::Warning => 4,
            Severity::Danger => 5,
        }
    }
}

/// The kind of a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The whole root moves to another account, region or state.
    RootMoved,
    /// A resource is destroyed and created again instead of updated.
    Replaced,
    /// Data, or its protection, is lost.
    DataLoss,
    /// A principal may do more.
    RightsWidened,
    /// A resource is open to more callers, or to another account.
    Exposed,
    /// Less is monitored.
    AlarmLoosened,
    /// Messages that fail are handled with less care.
    DlqLoosened,
    /// Limits and timeouts no longer fit each other.
    LimitsMisfit,
    /// A request or an execution takes another path.
    FlowChanged,
    /// Work is no longer done, or is done less often.
    Stopped,
    /// A client of an API that keeps to the old contract fails.
    ApiBroken,
    /// The contract of an API changes, and its clients work as before.
    ApiChanged,
    /// One of two versions cannot read data that the other one wrote.
    ContractBroken,
    /// The type of data changes, and each version reads that of the other.
    ContractChanged,
    /// Deployments have fewer checks, or other steps.
    DeliveryLoosened,
    /// No rule covers the change: a person must read the plan.
    Unjudged,
    /// The costs rise.
    CostUp,
}

impl Rule {
    /// The name in the output.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::RootMoved => "root-moved",
            Rule::Replaced => "replaced",
            Rule::DataLoss => "data-loss",
            Rule::RightsWidened => "rights-widened",
            Rule::Exposed => "exposed",
            Rule::AlarmLoosened => "alarm-loosened",
            Rule::DlqLoosened => "dlq-loosened",
            Rule::LimitsMisfit => "limits-misfit",
            Rule::FlowChanged => "flow-changed",
            Rule::Stopped => "stopped",
            Rule::ApiBroken => "api-broken",
            Rule::ApiChanged => "api-changed",
            Rule::ContractBroken => "contract-broken",
            Rule::ContractChanged => "contract-changed",
            Rule::DeliveryLoosened => "delivery-loosened",
            Rule::Unjudged => "unjudged",
            Rule::CostUp => "cost-up",
        }
    }
}

/// A risk, with its place and its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How serious the risk is.
    pub severity: Severity,
    /// The kind of the risk.
    pub rule: Rule,
    /// The roots that have this same finding.
    pub environments: Vec<String>,
    /// The Terraform addresses. The name of a state follows its machine's address after a `/`.
    pub addresses: Vec<String>,
    /// The change and its consequence, in one sentence.
    pub problem: String,
    /// More facts that help to judge the risk, one per line.
    pub details: Vec<String>,
}

/// A finding in one root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) severity: Severity,
    pub(super) rule: Rule,
    pub(super) problem: String,
    pub(super) details: Vec<String>,
    pub(super) address: String,
}

impl Found {
    pub(super) fn new(
        severity: Severity,
        rule: Rule,
        address: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        let details = Vec::new();
        Found { severity, rule, problem: problem.into(), details, address: address.into() }
    }

    pub(super) fn with(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }
}
