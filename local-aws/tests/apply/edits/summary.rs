//! The number of judged edits by kind, and the findings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{self, Write as _},
};

use super::{
    edit::{Edit, Kind},
    plan::{Action, Plan},
};

#[derive(Default)]
pub(super) struct Summary {
    /// The number of runs of `terraform plan`.
    pub(super) plans: usize,
    pub(super) judged: usize,
    /// The numbers of judged and of refused edits, by kind.
    kinds: BTreeMap<Kind, (usize, usize)>,
    /// The actions of the plans on the edited blocks. `None` means that there is no action.
    actions: BTreeMap<Option<Action>, usize>,
    /// The number of planted faults, each of which was found.
    pub(super) faults: usize,
    /// The rows of `accepted.rs` that were used.
    pub(super) accepted: BTreeSet<usize>,
    /// The other differences between a plan and a review.
    pub(super) wrong: Vec<String>,
}

impl Summary {
    pub(super) fn add(&mut self, edit: &Edit, plan: &Plan) {
        self.judged += 1;
        self.kinds.entry(edit.kind).or_default().0 += 1;
        for address in edit.addresses().iter().filter(|it| !it.contains(".data.")) {
            *self.actions.entry(plan.get(address).copied()).or_default() += 1;
        }
    }

    pub(super) fn refuse(&mut self, edit: &Edit) {
        self.kinds.entry(edit.kind).or_default().1 += 1;
    }

    /// Prints the counts past the test harness, so that the summary of the suite has them, and panics if there is a
    /// problem.
    pub(super) fn assert(self) {
        let _ = writeln!(io::stdout(), "measured: review by Terraform's plans: {self}");
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n\n"));
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = self.wrong.len();
        write!(
            f,
            "{} edits judged by {} plans: {wrong} differences outside the {} that are accepted, {} planted faults found",
            self.judged,
            self.plans,
            self.accepted.len(),
            self.faults
        )?;
        for (kind, (judged, refused)) in &self.kinds {
            write!(f, "\n  {:<42} {judged:>3} judged, {refused:>2} refused", kind.name())?;
        }
        for (action, count) in &self.actions {
            let name =
                action.map_or("left alone".to_owned(), |it| format!("{it:?}").to_lowercase());
            write!(f, "\n  edited blocks, {name:<27} {count:>3}")?;
        }
        Ok(())
    }
}
