//! A plan of Terraform, and the changes in it.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use crate::root::Root;

/// A saved plan. Applying it makes exactly these changes.
#[derive(Debug)]
pub struct Plan {
    file: PathBuf,
    /// Its changes, sorted by address.
    pub differences: Vec<Difference>,
}

impl Plan {
    /// Runs `terraform plan`, after an `init` if needed. It saves the plan in `file`, which is deleted when the value is
    /// dropped, because a plan may contain secrets.
    ///
    /// # Errors
    ///
    /// If Terraform cannot plan.
    pub async fn make(root: &Root, file: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        if root.is_ready() {
            match Self::make_ready(root, file, arguments).await {
                // Terraform's error contains this if a backend, a module or a provider has changed since the last `init`.
                Err(err) if format!("{err:#}").contains("terraform init") => (),
                made => return made,
            }
        }
        root.init(&[]).await?;
        Self::make_ready(root, file, arguments).await
    }

    /// As [`Plan::make`], for a root that is initialized.
    ///
    /// # Errors
    ///
    /// If Terraform cannot plan.
    pub async fn make_ready(root: &Root, file: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut plan = Plan { file: file.to_owned(), differences: Vec::new() };
        // `terraform show` takes as long as `terraform plan`, so skip it if there is no change.
        if root.plan(file, arguments).await? {
            let said = root.run(&["show", "-json", &plan.path()], |_| {}).await?;
            let json: Value =
                serde_json::from_str(&said).context("Terraform's plan is not valid JSON")?;
            plan.differences = read(&json);
        }
        Ok(plan)
    }

    /// Returns the text for people: the number of changes, then each change on a line.
    pub fn summary(&self, name: &str) -> String {
        let of = |action: &str| {
            self.differences.iter().filter(|it| it.actions.iter().any(|it| it == action)).count()
        };
        let lines: String = self.differences.iter().map(|it| format!("\n  {it}")).collect();
        match self.differences.len() {
            0 => format!("{name} is up to date; nothing to do"),
            _ => format!(
                "{name}: {} to create, {} to update, {} to delete{lines}",
                of("create"),
                of("update"),
                of("delete")
            ),
        }
    }

    /// The path of the saved plan.
    pub fn path(&self) -> String {
        self.file.to_string_lossy().into_owned()
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        let _ = fs_err::remove_file(&self.file);
    }
}

/// A resource that differs between the files and AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The Terraform address.
    pub address: String,
    /// The actions that remove the difference: `create`, `update`, `delete`, `forget`, `import`, `move`.
    pub actions: Vec<String>,
    /// The arguments that differ.
    pub arguments: Vec<String>,
}

fn read(plan: &Value) -> Vec<Difference> {
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    let mut found: Vec<Difference> = changes.filter_map(difference).collect();
    found.sort();
    found
}

fn difference(change: &Value) -> Option<Difference> {
    let it = &change["change"];
    let actions: Vec<String> = it["actions"]
        .as_array()?
        .iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .filter(|it| it != "no-op" && it != "read")
        // An import or a move changes the state, so it counts as a change: until it is applied, the topology has to keep
        // the old address.
        .chain(it["importing"].is_object().then(|| "import".to_owned()))
        .chain(is_moved(change).then(|| "move".to_owned()))
        .collect();
    if actions.is_empty() {
        return None;
    }
    let fields = |side: &str| it[side].as_object().cloned().unwrap_or_default();
    let (before, after) = (fields("before"), fields("after"));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    // A null argument is the same as one that is left out.
    let differ = |name: &&String| {
        before.get(*name).unwrap_or(&Value::Null) != after.get(*name).unwrap_or(&Value::Null)
    };
    // A value that is known only after the apply is not in the files, so it is not a difference from them.
    let decided_by_aws = |name: &&String| it["after_unknown"][name.as_str()] == true;
    let (computed, named): (Vec<&String>, Vec<&String>) =
        names.into_iter().filter(differ).partition(decided_by_aws);
    let named = if named.is_empty() { computed } else { named };
    let arguments = match before.is_empty() || after.is_empty() {
        true => Vec::new(),
        false => named.into_iter().cloned().collect(),
    };
    let address = change["address"].as_str()?.to_owned();
    Some(Difference { address, actions, arguments })
}

/// Whether the state has the resource at another address.
fn is_moved(change: &Value) -> bool {
    let previous = &change["previous_address"];
    previous.is_string() && *previous != change["address"]
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address, self.actions.join(", "))?;
        match self.arguments.is_empty() {
            true => Ok(()),
            false => write!(f, ": {}", self.arguments.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_is_read() {
        fn check(actions: Value, before: Value, after: Value, expected: Option<&str>) {
            let change = json!({
                "address": "module.sqs.aws_sqs_queue.order_queue",
                "change": { "actions": actions, "before": before, "after": after },
            });
            let found = read(&json!({ "resource_changes": [change] }));
            assert_eq!(found.first().map(ToString::to_string).as_deref(), expected);
        }
        let at = "module.sqs.aws_sqs_queue.order_queue";
        check(json!(["no-op"]), json!({ "a": 1 }), json!({ "a": 1 }), None);
        check(json!(["read"]), Value::Null, json!({ "a": 1 }), None);
        check(json!(["create"]), Value::Null, json!({ "a": 1 }), Some(&format!("{at} (create)")));
        check(
            json!(["update"]),
            json!({ "a": 1, "b": 2, "d": 1 }),
            json!({ "a": 1, "b": 3, "c": 1 }),
            Some(&format!("{at} (update): b, c, d")),
        );
        check(
            json!(["delete", "create"]),
            json!({ "a": 1 }),
            json!({ "a": 2 }),
            Some(&format!("{at} (delete, create): a")),
        );
        let queue = |before: Value, after: Value, unknown: Value| {
            let change = json!({
                "address": at,
                "change": {
                    "actions": ["update"], "before": before, "after": after, "after_unknown": unknown,
                },
            });
            read(&json!({ "resource_changes": [change] }))[0].arguments.join(", ")
        };
        // A null argument equals a missing one, and a value that AWS computes is not in the files.
        assert_eq!(queue(json!({ "a": 1, "b": null }), json!({ "a": 2 }), json!({})), "a");
        let unknown = json!({ "version": true });
        assert_eq!(queue(json!({ "a": 1, "version": 1 }), json!({ "a": 2 }), unknown.clone()), "a");
        assert_eq!(queue(json!({ "a": 1, "version": 1 }), json!({ "a": 1 }), unknown), "version");
        let taken_over = json!({
            "address": at,
            "change": { "actions": ["no-op"], "importing": { "id": "a" }, "before": {}, "after": {} },
        });
        let found = read(&json!({ "resource_changes": [taken_over] }));
        assert_eq!(found[0].to_string(), format!("{at} (import)"));
        let mut moved = json!({
            "address": at,
            "previous_address": "module.sqs.aws_sqs_queue.orders",
            "change": { "actions": ["no-op"], "before": { "a": 1 }, "after": { "a": 1 } },
        });
        let told = |it: &Value| read(&json!({ "resource_changes": [it] }))[0].to_string();
        assert_eq!(told(&moved), format!("{at} (move)"));
        moved["change"] =
            json!({ "actions": ["update"], "before": { "a": 1 }, "after": { "a": 2 } });
        assert_eq!(told(&moved), format!("{at} (update, move): a"));
        assert!(read(&json!({})).is_empty());
    }
}
