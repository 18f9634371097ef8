//! Imports resources that exist in AWS but not in the state, because an apply was killed before it wrote them down.
//!
//! Most resources of a root can be created twice, because their calls are idempotent. A bucket, a role, a policy and an
//! identity provider cannot. For those, this writes `import` blocks, so the plan shows the imports, and the apply does them.
//!
//! A service-linked role may exist although no apply was killed: its service creates it at the first use.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use fs_err as fs;
use infra_core::model::service_linked::ServiceLinkedRole;
use serde_json::{Value, json};

use crate::root::Root;

/// The file with the `import` blocks, in the copy of the root.
const FILE: &str = "adopted.tf.json";

/// Which resources may exist without being in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Adopt {
    /// Those that AWS creates by itself.
    MadeByAws,
    /// Those, and the ones that a killed apply created.
    Everything,
}

/// Writes an `import` block for each resource that AWS has and the state does not. Returns whether there is one.
pub(super) async fn adopt(root: &Root, account: &str, what: Adopt) -> anyhow::Result<bool> {
    let mut all = candidates(root, account)?;
    if what == Adopt::MadeByAws {
        all.retain(|address, _| address.contains(&format!(".{SERVICE_LINKED}.")));
    }
    let state = root.run(&["state", "pull"], |_| {}).await?;
    for known in known(&state) {
        all.remove(&known);
    }
    write(root, &all)?;
    if all.is_empty() {
        return Ok(false);
    }
    let arguments = ["plan", "-json", "-input=false", "-lock=false"];
    let mut said = Vec::new();
    let planned = root.run(&arguments, |line| said.push(line.to_owned())).await;
    if planned.is_err() {
        let missing = missing(&said);
        // Ignore any other error: the plan that follows has the same error, and reports it.
        let there: BTreeMap<_, _> =
            all.into_iter().filter(|(address, _)| !missing.contains(address)).collect();
        write(root, &there)?;
        return Ok(!there.is_empty());
    }
    Ok(true)
}

/// Returns the addresses in a state.
fn known(state: &str) -> Vec<String> {
    // Without a state, Terraform prints nothing.
    let state: Value = serde_json::from_str(state).unwrap_or_default();
    let resources = state["resources"].as_array().into_iter().flatten();
    // A resource that is being created is already in the state, without an instance.
    let made = |it: &&Value| it["instances"].as_array().is_some_and(|all| !all.is_empty());
    let address = |it: &Value| {
        let [module, tf_type, name] = ["module", "type", "name"].map(|field| it[field].as_str());
        Some(format!("{}.{}.{}", module?, tf_type?, name?))
    };
    resources.filter(made).filter_map(address).collect()
}

/// Returns the resources that cannot be created twice: their addresses and import ids.
fn candidates(root: &Root, account: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for module in fs::read_dir(root.folder.join("modules"))? {
        let module = module?;
        let file = module.path().join("main.tf.json");
        let file: Value = serde_json::from_str(&fs::read_to_string(&file)?)
            .with_context(|| format!("{} is not JSON", file.display()))?;
        for (tf_type, blocks) in file["resource"].as_object().into_iter().flatten() {
            for (name, block) in blocks.as_object().into_iter().flatten() {
                if let Some(id) = id(tf_type, block, account) {
                    let module = module.file_name();
                    let module = module.to_string_lossy();
                    all.insert(format!("module.{module}.{tf_type}.{name}"), id);
                }
            }
        }
    }
    Ok(all)
}

const SERVICE_LINKED: &str = "aws_iam_service_linked_role";

fn id(tf_type: &str, block: &Value, account: &str) -> Option<String> {
    let text = |field: &str| block[field].as_str();
    match tf_type {
        "aws_iam_openid_connect_provider" => {
            let host = text("url")?.strip_prefix("https://")?;
            Some(format!("arn:aws:iam::{account}:oidc-provider/{host}"))
        }
        SERVICE_LINKED => {
            let service = text("aws_service_name")?;
            let role = ServiceLinkedRole::ALL.into_iter().find(|it| it.service() == service)?;
            Some(role.arn(account))
        }
        "aws_iam_policy" => Some(format!("arn:aws:iam::{account}:policy/{}", text("name")?)),
        "aws_iam_role" => text("name").map(str::to_owned),
        "aws_s3_bucket" => text("bucket").map(str::to_owned),
        _ => None,
    }
}

/// Returns the addresses for which a plan found nothing to import.
fn missing(said: &[String]) -> BTreeSet<String> {
    let lines = said.iter().filter_map(|it| serde_json::from_str::<Value>(it).ok());
    let found = lines.filter_map(|line| {
        let diagnostic = &line["diagnostic"];
        // Terraform has used this text since it has `import` blocks.
        let absent = diagnostic["summary"].as_str()?.contains("non-existent remote object");
        let (_, rest) = diagnostic["detail"].as_str().filter(|_| absent)?.split_once('"')?;
        rest.split_once('"').map(|(address, _)| address.to_owned())
    });
    found.collect()
}

fn write(root: &Root, imports: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let file = root.folder.join(FILE);
    if imports.is_empty() {
        return if file.exists() { Ok(fs::remove_file(file)?) } else { Ok(()) };
    }
    let blocks: Vec<_> = imports.iter().map(|(to, id)| json!({ "to": to, "id": id })).collect();
    fs::write(file, format!("{:#}\n", json!({ "import": blocks })))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_that_cannot_be_created_twice_have_an_id() {
        fn check(tf_type: &str, block: Value, expected: Option<&str>) {
            assert_eq!(id(tf_type, &block, "111111111111").as_deref(), expected);
        }
        check("aws_iam_role", json!({ "name": "dofs-apply" }), Some("dofs-apply"));
        check(
            "aws_iam_policy",
            json!({ "name": "dofs-boundary" }),
            Some("arn:aws:iam::111111111111:policy/dofs-boundary"),
        );
        check("aws_s3_bucket", json!({ "bucket": "dofs-state" }), Some("dofs-state"));
        check(
            "aws_iam_openid_connect_provider",
            json!({ "url": "https://token.actions.githubusercontent.com" }),
            Some("arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"),
        );
        for role in ServiceLinkedRole::ALL {
            let block = json!({ "aws_service_name": role.service() });
            check("aws_iam_service_linked_role", block, Some(&role.arn("111111111111")));
        }
        // Its call is idempotent.
        check("aws_iam_role_policy", json!({ "name": "rights" }), None);
    }

    #[test]
    fn resources_in_the_state_are_not_imported() {
        let state = json!({ "resources": [
            { "module": "module.a", "type": "aws_iam_role", "name": "b", "instances": [{}] },
            { "module": "module.a", "type": "aws_iam_role", "name": "c", "instances": [] },
        ] });
        assert_eq!(known(&state.to_string()), ["module.a.aws_iam_role.b"]);
        assert!(known("").is_empty());
    }

    #[test]
    fn missing_resources_are_read_from_a_plan() {
        let line = |summary: &str, detail: &str| {
            json!({ "@level": "error", "diagnostic": { "summary": summary, "detail": detail } })
                .to_string()
        };
        let said = [
            "no JSON".to_owned(),
            json!({ "type": "version" }).to_string(),
            line(
                "Cannot import non-existent remote object",
                "While attempting to import an existing object to \"module.a.aws_iam_role.b\", the \
                 provider detected that no object exists with the given id.",
            ),
            line("Error acquiring the state lock", "of \"another\""),
        ];
        assert_eq!(missing(&said), BTreeSet::from(["module.a.aws_iam_role.b".to_owned()]));
    }
}
