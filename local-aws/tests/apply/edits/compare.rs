//! A plan and a review of the same edits, compared block by block.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use infra_review::{Review, Rule, TerraformAction};

use super::{
    accepted,
    plan::{Action, Plan},
};

/// A block for which the plan and the review differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) address: String,
    pub(super) problem: Problem,
    planned: Option<Action>,
    reviewed: Option<TerraformAction>,
    findings: Vec<String>,
    /// The row of [`accepted::ACCEPTED`] with the reason.
    pub(super) accepted: Option<usize>,
}

/// A problem of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Problem {
    /// The plan destroys or replaces a block, and the review does not report that.
    Missed,
    /// The plan creates or changes an edited block, and the review does not list it.
    Silent,
    /// The review reports a change of a block that the plan does not change.
    Invented,
    /// The review reports that a block is destroyed or replaced, and the plan only changes it.
    Overstated,
}

/// A difference between a plan and a review. `edited` has the addresses that the edits are of.
pub(super) fn differences(
    plan: &Plan,
    review: &Review,
    edited: &BTreeSet<String>,
) -> Vec<Difference> {
    let mut reviewed: BTreeMap<&str, TerraformAction> = BTreeMap::new();
    for change in &review.changes {
        reviewed.extend(change.addresses.iter().map(|it| (it.as_str(), change.action)));
    }
    let mut addresses: BTreeSet<&str> = plan.keys().map(String::as_str).collect();
    addresses.extend(reviewed.keys());
    for finding in &review.findings {
        if finding.rule == Rule::Replaced {
            addresses.extend(finding.addresses.iter().map(String::as_str));
        }
    }
    let of = |address: &str| {
        let (planned, told) = (plan.get(address).copied(), reviewed.get(address).copied());
        let at = |it: &String| it == address || it.starts_with(&format!("{address}/"));
        let findings = review.findings.iter().filter(|it| it.addresses.iter().any(at));
        let is_unjudged = findings.clone().any(|it| it.rule == Rule::Unjudged);
        let is_replaced = findings.clone().any(|it| it.rule == Rule::Replaced);
        let problem = problem(planned, told, is_unjudged, is_replaced, edited.contains(address))?;
        let changes =
            review.changes.iter().filter(|it| it.addresses.iter().any(|it| it == address));
        let lines: Vec<String> = changes.flat_map(|it| it.lines.clone()).collect();
        let accepted = accepted::row(problem, address, &lines);
        let line = |it: &infra_review::Finding| {
            format!("{} [{}] {}", it.severity.as_str(), it.rule.as_str(), it.problem)
        };
        let (address, findings) = (address.to_owned(), findings.map(line).collect());
        Some(Difference { address, problem, planned, reviewed: told, findings, accepted })
    };
    // A data source is only read, so a plan has no action for it.
    addresses
        .into_iter()
        .filter(|it| !it.contains(".data.") && it.starts_with("module."))
        .filter_map(of)
        .collect()
}

fn problem(
    planned: Option<Action>,
    told: Option<TerraformAction>,
    is_unjudged: bool,
    is_replaced: bool,
    is_edited: bool,
) -> Option<Problem> {
    use TerraformAction as Told;
    match (planned, told) {
        // "Read the plan": the review makes no statement.
        (Some(Action::Replace | Action::Delete), _) if is_unjudged => None,
        (Some(Action::Replace), Some(Told::Replace)) => None,
        (Some(Action::Delete), Some(Told::Delete)) => None,
        (Some(Action::Replace | Action::Delete), _) => Some(Problem::Missed),
        (Some(_), Some(Told::Replace | Told::Delete)) => Some(Problem::Overstated),
        (Some(_), None | Some(Told::Keep)) => is_edited.then_some(Problem::Silent),
        (Some(_), Some(_)) => None,
        (None, None | Some(Told::Move | Told::Keep)) => is_replaced.then_some(Problem::Invented),
        (None, Some(_)) => Some(Problem::Invented),
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let planned = self
            .planned
            .map_or("leaves it alone".to_owned(), |it| format!("{it:?}").to_lowercase());
        let reviewed = self.reviewed.map_or("nothing", |it| it.as_str());
        write!(
            f,
            "{:?}: {}\n  terraform plan: {planned}\n  infra-gen review: {reviewed}",
            self.problem, self.address
        )?;
        self.findings.iter().try_for_each(|it| write!(f, "\n    {it}"))
    }
}
