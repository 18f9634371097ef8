//! What somebody should look at.

use serde::Serialize;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Notice,
    /// To be meant: somebody can do more, or less is watched.
    Warning,
    /// Data, safety or orders are at stake.
    Danger,
}

impl Severity {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Danger => "danger",
        }
    }

    /// What the process exits with, where this is the worst and the gate is set so low.
    pub fn exit_code(self) -> u8 {
        match self {
            Severity::Notice => 3,
            Severity::Warning => 4,
            Severity::Danger => 5,
        }
    }
}

/// What kind of risk it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The whole root goes elsewhere: another account, region or state.
    RootMoved,
    /// Destroyed and made anew, not updated.
    Replaced,
    /// Data goes, or what protects it.
    DataLoss,
    /// Somebody may do more.
    RightsWidened,
    /// The world, or another account, comes closer.
    Exposed,
    /// Less is noticed.
    AlarmLoosened,
    /// Messages that fail are handled with less care.
    DlqLoosened,
    /// Limits and timeouts no longer fit each other.
    LimitsMisfit,
    /// A state machine takes other ways.
    FlowChanged,
    /// Work that was done is done no longer, or less often.
    Stopped,
    /// Deployments are checked with less care, or take other steps.
    DeliveryLoosened,
    /// There is no rule for it: the plan must be read.
    Unjudged,
    /// It will cost more.
    CostUp,
}

impl Rule {
    /// As it is written.
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
            Rule::DeliveryLoosened => "delivery-loosened",
            Rule::Unjudged => "unjudged",
            Rule::CostUp => "cost-up",
        }
    }
}

/// A risk, where it is, and why it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What kind it is.
    pub rule: Rule,
    /// The roots that it is in, alike.
    pub environments: Vec<String>,
    /// Where: Terraform addresses. A state of a machine stands behind a `/`.
    pub addresses: Vec<String>,
    /// What changes and what follows from it, in one sentence.
    pub problem: String,
    /// What else helps to judge it, a line each.
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
