//! Compares the plans of two roots. Two roots are equal if their planned resources are equal.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// A plan's blocks by their addresses: the values that are known before the apply, and those that are not.
pub(super) type Planned = BTreeMap<String, Value>;

/// Reads `terraform show -json` of a plan. `address` returns the address of a block in the other root: its module, if it
/// is in one, and the address within that module.
pub(super) fn read(
    plan: &str,
    address: impl Fn(Option<&str>, &str) -> String,
) -> anyhow::Result<Planned> {
    let plan: Value =
        serde_json::from_str(plan).context("the output of `terraform show` is not JSON")?;
    let mut all = Planned::new();
    for change in plan["resource_changes"].as_array().into_iter().flatten() {
        let whole = change["address"].as_str().context("a change has no address")?;
        let module = change["module_address"].as_str();
        let within = module.map_or(whole, |it| whole.strip_prefix(it).unwrap_or(whole));
        let module = module.map(|it| it.trim_start_matches("module."));
        let change = &change["change"];
        let facts = ["actions", "after", "after_unknown"].map(|it| change[it].clone());
        all.insert(address(module, within.trim_start_matches('.')), facts.into_iter().collect());
    }
    // A data source that was read during the plan is not a change.
    let state = &plan["prior_state"]["values"]["root_module"];
    let modules = state["child_modules"].as_array().into_iter().flatten();
    for module in modules.chain([state]) {
        let name = module["address"].as_str().map(|it| it.trim_start_matches("module."));
        for block in module["resources"].as_array().into_iter().flatten() {
            let mode = if block["mode"] == "data" { "data." } else { "" };
            let (kind, resource) = (block["type"].as_str(), block["name"].as_str());
            let (kind, resource) = kind.zip(resource).context("a block has no name")?;
            let within = format!("{mode}{kind}.{resource}");
            all.insert(address(name, &within), block["values"].clone());
        }
    }
    Ok(all)
}

/// Returns an error that names the blocks that differ between two plans.
pub(super) fn compare(ours: &Planned, theirs: &Planned, whose: &str) -> anyhow::Result<()> {
    if ours.is_empty() {
        bail!("Terraform plans nothing for generated/, so there is nothing to compare");
    }
    let all: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let different: Vec<_> =
        all.into_iter().filter(|it| ours.get(*it) != theirs.get(*it)).map(String::as_str).collect();
    if !different.is_empty() {
        bail!(
            "Terraform's plan for {whose} differs from that for the modules, so nothing is measured:\n  {}",
            different.join("\n  ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(plan: &Value) -> Planned {
        let address = |module: Option<&str>, it: &str| match module {
            Some(module) => format!("{module}: {it}"),
            None => it.to_owned(),
        };
        read(&plan.to_string(), address).unwrap()
    }

    fn plan(after: &Value) -> Value {
        json!({
            "resource_changes": [{
                "address": "module.sqs.aws_sqs_queue.q", "module_address": "module.sqs",
                "change": {"actions": ["create"], "after": after, "after_unknown": {"arn": true}},
            }],
            "prior_state": {"values": {"root_module": {"child_modules": [{
                "address": "module.sqs",
                "resources": [{"mode": "data", "type": "aws_iam_policy_document", "name": "p", "values": {"json": "{}"}}],
            }]}}},
        })
    }

    #[test]
    fn a_difference_is_an_error_with_the_address() {
        let ours = of(&plan(&json!({"name": "q"})));
        let names: Vec<_> = ours.keys().map(String::as_str).collect();
        assert_eq!(names, ["sqs: aws_sqs_queue.q", "sqs: data.aws_iam_policy_document.p"]);
        compare(&ours, &ours.clone(), "it").unwrap();
        let theirs = of(&plan(&json!({"name": "r"})));
        let err = compare(&ours, &theirs, "it").unwrap_err().to_string();
        assert!(err.ends_with("measured:\n  sqs: aws_sqs_queue.q"), "{err}");
        let mut less = ours.clone();
        less.pop_last();
        let err = compare(&ours, &less, "it").unwrap_err().to_string();
        assert!(err.ends_with("  sqs: data.aws_iam_policy_document.p"), "{err}");
        assert!(compare(&Planned::new(), &Planned::new(), "it").is_err());
    }
}
