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
mod arguments;
pub(crate) mod block;
mod changes;
mod compare;
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

/// What the path of a link ends with. What is behind it is not read, so it counts as one that differs.
const LINK: &str = " (link)";

/// What a change means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// What somebody should look at, the worst first.
    pub findings: Vec<Finding>,
    /// Everything that changes in AWS, whether it matters or not.
    pub changes: Vec<Change>,
    /// What a month costs before and after it.
    pub costs: Costs,
    /// Files that differ and are no Terraform, and no document of a resource.
    pub other_files: Vec<String>,
}

/// What happens to resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What Terraform will do.
    pub action: TerraformAction,
    /// The Terraform addresses to which it happens alike.
    pub addresses: Vec<String>,
    /// The roots in which it happens alike.
    pub environments: Vec<String>,
    /// What differs, a line each.
    pub lines: Vec<String>,
}

/// What Terraform does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TerraformAction {
    /// It is destroyed and made anew.
    Replace,
    /// It is destroyed.
    Delete,
    /// Terraform forgets it, AWS keeps it.
    Forget,
    /// It is made.
    Create,
    /// It is there already, and Terraform takes it over.
    Import,
    /// It gets another address, and is left alone.
    Move,
    /// It is changed in place.
    Update,
    /// It is left alone: what differs is for Terraform alone, or is what AWS has anyway.
    Keep,
}

impl TerraformAction {
    /// As people say it.
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

/// What the change from `base` to `head` means, and what it costs in a month with so many orders.
///
/// # Errors
///
/// Where a file is not what the generator writes: all of them, at once.
pub fn review(base: &Files, head: &Files, orders: Orders) -> Result<Review, Unreadable> {
    // A root in which no file differs needs no reading.
    let differs = differing(base, head, |_| true);
    let roots = Roots::of([base, head]);
    let names: BTreeSet<&str> = differs.iter().filter_map(|it| roots.of_file(it)).collect();
    // A root is compared by itself, so each has a thread.
    let parts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(|| one(name, base, head, &roots, orders)))
            .collect();
        let joined = threads.into_iter().map(|it| it.join());
        // A panic is a fault of ours: it goes on as it came.
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
    /// The worst that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|it| it.severity).max()
    }

    /// How many resources change: one at the same address in several roots counts once.
    fn resources(&self) -> usize {
        let changes = self.changes.iter().filter(|it| it.action != TerraformAction::Keep);
        let all: BTreeSet<&String> = changes.flat_map(|it| &it.addresses).collect();
        all.len()
    }

    /// Whether nothing differs but how it is written.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.changes.is_empty() && self.other_files.is_empty()
    }

    /// For people at a terminal, with or without colours.
    pub fn text(&self, colours: bool) -> String {
        text::write(self, colours)
    }

    /// For a comment at a pull request.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }
}

/// What was found in one root.
struct Part {
    name: String,
    /// What stands for the root in names: its own name, and its accounts.
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
    // Where the whole root goes elsewhere, its account and region in every policy are no news.
    before.speak_as(&after);
    let compare = Comparison::new(&before, &after, moved);
    let mut findings = Vec::new();
    root_moved::check(&compare, &mut findings);
    // A root that comes or goes as a whole has nothing to be compared with.
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
        // What Terraform reads is named already.
        let unread = |it: &&String| {
            let inside = it.strip_prefix(&format!("generated/{name}/")).unwrap_or(it);
            before.unread.contains_key(inside) || after.unread.contains_key(inside)
        };
        let beside: Vec<_> = other_files.iter().filter(|it| !unread(it)).cloned().collect();
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

/// What differs outside of every root, and links wherever they are.
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
