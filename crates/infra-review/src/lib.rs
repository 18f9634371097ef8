//! Compares two trees of generated Terraform JSON: what changes in AWS, what may be lost, and who may do more than before.
//! [`cost`] estimates what a stack costs in a month.
//!
//! [`review`] takes two maps from path to text, and returns a [`Review`]. It reads each tree back into blocks by their
//! Terraform address, and resolves every variable and output between modules, so that a finding names resources. Each file
//! of this crate judges one kind of risk. It knows the files that `infra-core` renders, and no topology.
//!
//! Only [`source`] does IO: it reads a tree from a git revision or a folder.

mod added;
mod again;
mod alarms;
mod api;
mod arguments;
pub(crate) mod block;
mod changes;
mod compare;
mod contracts;
pub mod cost;
mod cost_change;
mod data_loss;
mod delivery;
mod diff;
mod exposure;
mod finding;
mod firewall;
mod flow;
mod folder;
mod headers;
mod identity;
mod json;
mod kept;
mod known;
mod limits;
mod lost;
mod markdown;
mod merge;
mod month;
mod moved;
mod objects;
mod policy;
mod replace;
mod resolve;
mod rights;
pub(crate) mod root;
mod root_moved;
mod roots;
pub mod source;
mod stopped;
mod strangers;
mod takers;
#[cfg(test)]
mod tests;
mod text;
mod unjudged;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

pub use finding::{Finding, Rule, Severity};
pub use month::{Costs, Difference, Month};
pub use replace::force_new;
use serde::Serialize;

use crate::cost::Orders;
use compare::Comparison;
use finding::Found;
use roots::Roots;

/// Texts by path: `generated/prod/main.tf.json`.
pub type Files = BTreeMap<String, String>;

/// The suffix of the path of a link. The review does not read the target, so a link always counts as a difference.
const LINK: &str = " (link)";

/// The result of a review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// The risks, the worst first.
    pub findings: Vec<Finding>,
    /// All changes in AWS, with or without a finding.
    pub changes: Vec<Change>,
    /// The monthly costs before and after the change.
    pub costs: Costs,
    /// Files that differ, and are neither Terraform files nor documents of resources.
    pub other_files: Vec<String>,
}

/// An operation on resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The operation.
    pub action: TerraformAction,
    /// The Terraform addresses that change in the same way.
    pub addresses: Vec<String>,
    /// The roots in which they change in the same way.
    pub environments: Vec<String>,
    /// The differences, one per line.
    pub lines: Vec<String>,
}

/// An operation of Terraform on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TerraformAction {
    /// Terraform destroys it and creates it again.
    Replace,
    /// Terraform destroys it.
    Delete,
    /// Terraform removes it from the state, and AWS keeps it.
    Forget,
    /// Terraform creates it.
    Create,
    /// It exists in AWS, and Terraform adds it to the state.
    Import,
    /// Only its address changes.
    Move,
    /// Terraform changes it in place.
    Update,
    /// AWS keeps it as it is: the difference is only for Terraform, or AWS already has the new value.
    Keep,
}

impl TerraformAction {
    /// The word in the output.
    pub fn as_str(self) -> &'static str {
        match self {
            TerraformAction::Replace => "replace",
            TerraformAction::Delete => "delete",
            TerraformAction::Forget => "forget",
            TerraformAction::Create => "create",
            TerraformAction::Import => "import",
            TerraformAction::Move => "move",
            TerraformAction::Update => "update",
            TerraformAction::Keep => "keep",
        }
    }
}

/// Generated files that cannot be read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}\n  fix: write both sides with `cargo run -p infra-gen`, and review again", .0.join("\n"))]
pub struct Unreadable(pub Vec<String>);

/// Reviews the change from `base` to `head`, and estimates the monthly costs with this number of orders.
///
/// # Errors
///
/// If a file is not as the generator writes it. The error lists all such files.
pub fn review(base: &Files, head: &Files, orders: Orders) -> Result<Review, Unreadable> {
    // Only the roots with a difference are read.
    let differs = differing(base, head, |_| true);
    let roots = Roots::of([base, head]);
    let names: BTreeSet<&str> = differs.iter().filter_map(|it| roots.of_file(it)).collect();
    // The roots do not depend on each other, so each has a thread.
    let parts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(|| one(name, base, head, &roots, orders)))
            .collect();
        let joined = threads.into_iter().map(|it| it.join());
        // A panic is a bug in a check, so the caller gets it unchanged.
        joined.map(|it| it.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let (mut read, mut unreadable) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Ok(it) => read.push(it),
            Err(err) => unreadable.extend(err),
        }
    }
    if !unreadable.is_empty() {
        return Err(Unreadable(unreadable));
    }
    let mut other_files: Vec<String> =
        read.iter_mut().flat_map(|it| std::mem::take(&mut it.other_files)).collect();
    read.extend(outside(base, head, &differs, &roots));
    other_files.extend(differs.into_iter().filter(|it| is_link(it) || roots.of_file(it).is_none()));
    other_files.sort();
    let months = read.iter_mut().filter_map(|it| it.month.take()).collect();
    let costs = Costs::of(orders, months);
    let (findings, changes) = merge::merge(read);
    Ok(Review { findings, changes, costs, other_files })
}

impl Review {
    /// The severity of the worst finding.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|it| it.severity).max()
    }

    /// The number of resources that change. An address that changes in several roots counts once.
    fn resources(&self) -> usize {
        let changes = self.changes.iter().filter(|it| it.action != TerraformAction::Keep);
        let all: BTreeSet<&String> = changes.flat_map(|it| &it.addresses).collect();
        all.len()
    }

    /// Whether nothing differs except the formatting.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.changes.is_empty() && self.other_files.is_empty()
    }

    /// The review as text for a terminal, with or without colours.
    pub fn text(&self, colours: bool) -> String {
        text::write(self, colours)
    }

    /// The review as Markdown, for a comment on a pull request.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }
}

/// The findings, changes and costs of one root.
struct Part {
    name: String,
    /// The name and the accounts of the root, with the placeholders that replace them in merged findings.
    own: Vec<(String, &'static str)>,
    findings: Vec<Found>,
    changes: Vec<(TerraformAction, String, Vec<String>)>,
    month: Option<Month>,
    other_files: Vec<String>,
}

fn one(
    name: &str,
    base: &Files,
    head: &Files,
    roots: &Roots,
    orders: Orders,
) -> Result<Part, Vec<String>> {
    let read = |side, files| root::Root::read(name, side, files);
    let (mut before, after) = match (read("base", base), read("head", head)) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            let errors = [before.err(), after.err()].into_iter().flatten().flatten();
            return Err(errors.collect());
        }
    };
    let moved = before.moved_as(&after);
    // If the whole root moves, its other account and region in every policy are not findings of their own.
    before.speak_as(&after);
    let compare = Comparison::new(&before, &after, moved);
    let mut findings = Vec::new();
    root_moved::check(&compare, &mut findings);
    // A root that is added or removed as a whole has nothing to compare with.
    if compare.both_there() {
        replace::check(&compare, &mut findings);
        data_loss::check(&compare, &mut findings);
        objects::check(&compare, &mut findings);
        rights::check(&compare, &mut findings);
        arguments::check(&compare, &mut findings);
        exposure::check(&compare, &mut findings);
        firewall::check(&compare, &mut findings);
        delivery::check(&compare, &mut findings);
        stopped::check(&compare, &mut findings);
        added::check(&compare, &mut findings);
        again::check(&compare, &mut findings);
        headers::check(&compare, &mut findings);
        strangers::check(&compare, &mut findings);
        variables::check(&compare, &mut findings);
        unjudged::check(&compare, &mut findings);
        alarms::check(&compare, &mut findings);
        limits::check(&compare, &mut findings);
        flow::check(&compare, &mut findings);
        flow::credentials::check(&compare, &mut findings);
        cost_change::check(&compare, &mut findings);
    }
    unjudged::unread(&compare, &mut findings);
    let known = |path: &str| {
        before.documents.contains(path)
            || after.documents.contains(path)
            || path.ends_with(".tf.json")
    };
    let other_files =
        differing(base, head, |it| roots.of_file(it) == Some(name) && !known(it) && !is_link(it));
    if compare.both_there() {
        // `unjudged::unread` reports the files that Terraform reads.
        let unread = |it: &&String| {
            let inside = it.strip_prefix(&format!("generated/{name}/")).unwrap_or(it);
            before.unread.contains_key(inside) || after.unread.contains_key(inside)
        };
        api::check(name, (base, head), &other_files, &mut findings);
        contracts::check(name, (base, head), &other_files, &mut findings);
        let is_judged = |it: &str| api::is_document(it) || contracts::is_document(it);
        let is_beside = |it: &&String| !unread(it) && !is_judged(it);
        let beside: Vec<_> = other_files.iter().filter(is_beside).cloned().collect();
        delivery::files(name, (base, head), &beside, &mut findings);
    }
    Ok(Part {
        name: name.to_owned(),
        own: compare.own_names(),
        findings,
        changes: changes::all(&compare),
        month: Month::of(&compare, orders),
        other_files,
    })
}

/// The differences outside all roots, and the links inside and outside them.
fn outside(base: &Files, head: &Files, differs: &[String], roots: &Roots) -> Option<Part> {
    let (links, rest): (Vec<&String>, Vec<_>) = differs.iter().partition(|it| is_link(it));
    let rest: Vec<_> = rest.into_iter().filter(|it| roots.of_file(it).is_none()).cloned().collect();
    let mut findings = Vec::new();
    delivery::files("", (base, head), &rest, &mut findings);
    for it in links {
        let problem = "it is a link, on one side or on both, and what is behind it is not read";
        findings.push(Found::new(Severity::Warning, Rule::Unjudged, it, problem));
    }
    (!findings.is_empty()).then(|| Part {
        name: "repository".to_owned(),
        own: Vec::new(),
        findings,
        changes: Vec::new(),
        month: None,
        other_files: Vec::new(),
    })
}

fn is_link(path: &str) -> bool {
    path.ends_with(LINK)
}

/// Paths whose texts differ.
fn differing(base: &Files, head: &Files, of: impl Fn(&str) -> bool) -> Vec<String> {
    let paths: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
    let differs =
        paths.into_iter().filter(|it| of(it) && (is_link(it) || base.get(*it) != head.get(*it)));
    differs.cloned().collect()
}
