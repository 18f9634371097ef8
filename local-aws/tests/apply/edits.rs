//! `infra-gen review`, judged by `terraform plan`: random edits of an applied root, each planned and reviewed.
//!
//! The review reports whatever a plan would replace or destroy. A block that a plan does not change has no change in the
//! review. Many edits share one plan, because their blocks do not depend on each other. The plan and the review are compared
//! block by block.

mod accepted;
mod blocks;
mod compare;
mod documents;
mod draw;
mod edit;
mod faults;
mod plan;
mod root;
mod summary;
mod values;
mod written;

use std::collections::BTreeSet;

use infra_review::cost::Orders;

use self::{
    accepted::ACCEPTED,
    compare::{Difference, differences},
    draw::Draw,
    edit::{Edit, edited},
    plan::{Plan, Refusal},
    root::Root as Files,
    summary::Summary,
};
use crate::support::Root;

/// The least number of judged edits.
const EDITS: usize = 300;

/// The number of edits that are drawn for one plan.
const AT_ONCE: usize = 64;

/// The variable that names one edit, such as `3/7`: the seventh one of the third plan. Then only this edit is judged.
const ALONE: &str = "DOFS_EDIT";

/// Judges edits of a root that is applied as it is committed, in this folder of `generated/`.
pub(super) fn check(root: &Root, folder: &str) {
    let judge = Judge { root, folder, draw: Draw::from(Files::committed(folder)) };
    if let Some((round, number)) = alone() {
        let edit = judge.draw.edits(round, AT_ONCE).swap_remove(number);
        let mut summary = Summary::default();
        judge.judge(round, vec![(number, edit)], &mut summary);
        summary.assert();
        return;
    }
    let mut summary = Summary::default();
    let mut round = 0;
    while summary.judged < EDITS {
        let edits = judge.draw.edits(round, AT_ONCE);
        judge.judge(round, edits.into_iter().enumerate().collect(), &mut summary);
        round += 1;
    }
    let idle: Vec<_> = (0..ACCEPTED.len()).filter(|it| !summary.accepted.contains(it)).collect();
    summary.assert();
    assert!(idle.is_empty(), "rows of accepted.rs that no edit needs: {idle:?}");
}

#[expect(clippy::disallowed_methods, reason = "a choice of whoever tests, which no function reads")]
fn alone() -> Option<(u64, usize)> {
    let given = std::env::var(ALONE).ok()?;
    let parsed = given.split_once('/').and_then(|(a, b)| a.parse().ok().zip(b.parse().ok()));
    Some(parsed.unwrap_or_else(|| panic!("{ALONE}={given} is not an edit: write it as 3/7")))
}

struct Judge<'r> {
    root: &'r Root,
    folder: &'r str,
    draw: Draw,
}

/// An edit, with its number among those that were drawn for a plan.
type Numbered = (usize, Edit);

impl Judge<'_> {
    fn judge(&self, round: u64, edits: Vec<Numbered>, summary: &mut Summary) {
        let (edits, files, plan) = self.accepted(edits, summary);
        let review = self.reviewed(&files);
        let at: BTreeSet<String> = edits.iter().flat_map(|it| it.1.addresses()).collect();
        for (_, edit) in &edits {
            summary.add(edit, &plan);
        }
        let found = differences(&plan, &review, &at);
        summary.accepted.extend(found.iter().filter_map(|it| it.accepted));
        let found: Vec<_> = found.into_iter().filter(|it| it.accepted.is_none()).collect();
        if found.is_empty() {
            summary.faults += faults::found(&plan, &review, &at);
        }
        for it in &found {
            summary.wrong.push(self.told(round, it, &edits));
        }
        if round == 0 {
            let refreshed = self.planned(&files, true).unwrap_or_else(|err| panic!("{err:?}"));
            assert_eq!(refreshed, plan, "the plan by the saved state is not that by AWS");
        }
    }

    /// The edits that Terraform accepts, with the files and the plan. Refused edits are left out, and counted.
    fn accepted(
        &self,
        mut edits: Vec<Numbered>,
        summary: &mut Summary,
    ) -> (Vec<Numbered>, Files, Plan) {
        loop {
            let files = edited(&self.draw.root, edits.iter().map(|it| &it.1));
            summary.plans += 1;
            let refused = match self.planned(&files, false) {
                Ok(plan) => return (edits, files, plan),
                Err(refused) => refused,
            };
            let at = plan::addresses(&refused);
            let is_refused =
                |it: &Numbered| it.1.addresses().iter().any(|it| at.contains(it.as_str()));
            let (mut gone, mut kept): (Vec<_>, Vec<_>) = edits.into_iter().partition(is_refused);
            // Some errors of Terraform have no address. Then half of the edits are left out, and counted.
            if gone.is_empty() {
                assert!(!kept.is_empty(), "Terraform refuses what is committed: {refused:#?}");
                gone = kept.split_off(kept.len() / 2);
            }
            gone.iter().for_each(|it| summary.refuse(&it.1));
            edits = kept;
        }
    }

    /// Returns Terraform's plan, from the state as it was applied, or after a refresh.
    fn planned(&self, files: &Files, refresh: bool) -> Result<Plan, Vec<Refusal>> {
        self.root.write(&files.texts(""));
        let refresh = format!("-refresh={refresh}");
        let output = self.root.output(&["plan", "-json", "-input=false", "-lock=false", &refresh]);
        plan::read(&String::from_utf8(output.stdout).unwrap(), files)
    }

    fn reviewed(&self, head: &Files) -> infra_review::Review {
        let texts = |it: &Files| it.texts(&format!("generated/{}/", self.folder));
        let review = infra_review::review(&texts(&self.draw.root), &texts(head), Orders::DEFAULT);
        review.unwrap_or_else(|err| panic!("{err}"))
    }

    /// Describes a difference, with the edits that may cause it and the command that judges one of them alone.
    fn told(&self, round: u64, it: &Difference, edits: &[Numbered]) -> String {
        let reached = self.draw.reached_from(&it.address);
        let is_near = |edit: &&Numbered| {
            edit.1.addresses().contains(&it.address)
                || edit.1.at.iter().any(|it| reached.contains(it))
        };
        let near = edits.iter().filter(is_near).map(|(number, edit)| {
            format!("\n  {edit}\n  alone: {ALONE}={round}/{number} cargo test -p local-aws --test apply -- prod")
        });
        format!("{it}{}", near.collect::<String>())
    }
}
