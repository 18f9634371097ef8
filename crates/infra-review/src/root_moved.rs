//! Finds roots that move to another account, region or state, or are removed. Their resources stay behind.

use serde_json::Value;

use super::{
    block::items,
    compare::Comparison,
    diff::short,
    finding::{Found, Rule, Severity},
    replace::{Loses, loses},
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    let (before, after) = (compare.before, compare.after);
    let mut danger = |address: &str, problem: String| {
        found.push(Found::new(Severity::Danger, Rule::RootMoved, address, problem));
    };
    if after.blocks.is_empty() && !before.blocks.is_empty() {
        let lost = before.blocks.values().filter(|it| matches!(loses(&it.tf_type), Loses::Data(_)));
        danger(
            "(the root)",
            format!(
                "it is no longer generated, with {} resources that hold data: they keep running, and no root manages them any more",
                lost.count()
            ),
        );
        return;
    }
    if !compare.both_there() {
        return;
    }
    let differs = |path: &[&str], before: &Value, after: &Value| {
        let at = |value: &Value| {
            path.iter().fold(value.clone(), |value, name| {
                items(&value).first().map(|it| it[*name].clone()).unwrap_or_default()
            })
        };
        let (old, new) = (at(before), at(after));
        (old != new).then(|| (short(&old), short(&new)))
    };
    let regions = differs(&["aws", "region"], &before.provider, &after.provider);
    if let Some((old, new)) = regions {
        danger(
            "provider.aws",
            format!(
                "from {old} to {new}: Terraform creates everything again there, and no longer manages the resources in {old}"
            ),
        );
    }
    let (old, new) = (before.accounts(), after.accounts());
    let more: Vec<_> = new.iter().filter(|it| !old.contains(it)).cloned().collect();
    let shared = old.iter().any(|it| new.contains(it));
    if new.is_empty() && !old.is_empty() {
        let problem = "it may change any account: with a wrong profile, it changes the wrong one";
        danger("provider.aws", problem.to_owned());
    } else if !more.is_empty() && !old.is_empty() && !shared {
        let (old, new) = (old.join(", "), new.join(", "));
        let problem = format!("from account {old} to {new}: the existing resources stay behind");
        danger("provider.aws", problem);
    }
    let names = ["bucket", "key", "region"];
    let moves: Vec<_> = names
        .iter()
        .filter_map(|name| {
            let (old, new) =
                differs(&["backend", "s3", name], &before.terraform, &after.terraform)?;
            Some(format!("`{name}` from {old} to {new}"))
        })
        .collect();
    if !moves.is_empty() {
        danger(
            "backend.s3",
            format!(
                "the state moves, {}: without `terraform init -migrate-state` Terraform creates everything a second time",
                moves.join(", ")
            ),
        );
    }
    if let Some((old, _)) =
        differs(&["backend", "s3", "encrypt"], &before.terraform, &after.terraform)
        && old == "true"
    {
        danger("backend.s3", "Terraform no longer requests encryption of the state".to_owned());
    }
    if shared && !more.is_empty() {
        let problem = format!("it may change account {}, too", more.join(", "));
        let address = "provider.aws";
        found.push(Found::new(Severity::Warning, Rule::RootMoved, address, problem));
    }
}
