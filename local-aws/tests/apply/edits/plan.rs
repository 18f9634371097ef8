//! Terraform's plan for an edited root, by address, or its error.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::root::Root;

/// The action of a plan on the instances of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Action {
    Create,
    Update,
    Forget,
    Import,
    Delete,
    Replace,
}

/// By the address of the block, without the key of the instance. Blocks that are unchanged, moved or read are not in it.
pub(super) type Plan = BTreeMap<String, Action>;

/// A message of Terraform's that ends a plan.
#[derive(Debug)]
#[expect(dead_code, reason = "a message is for people")]
pub(super) struct Refusal {
    /// The address of a block, if Terraform names one.
    address: Option<String>,
    message: String,
}

/// Reads the output of `terraform plan -json`, which has one message in each line.
/// <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>
pub(super) fn read(said: &str, root: &Root) -> Result<Plan, Vec<Refusal>> {
    let messages =
        said.lines().map(|it| serde_json::from_str(it).unwrap_or_else(|_| panic!("{said}")));
    let (mut plan, mut refused) = (Plan::new(), Vec::new());
    let mut is_whole = false;
    for message in messages.collect::<Vec<Value>>() {
        match message["type"].as_str() {
            Some("planned_change") => {
                let change = &message["change"];
                let address = bare(change["resource"]["addr"].as_str().unwrap());
                if let Some(action) = action(change["action"].as_str().unwrap()) {
                    // One instance is destroyed, and another one is created.
                    let both = |old: &mut Action| {
                        *old = match (*old, action) {
                            (Action::Create, Action::Delete) | (Action::Delete, Action::Create) => {
                                Action::Replace
                            }
                            (old, new) => old.max(new),
                        }
                    };
                    plan.entry(address).and_modify(both).or_insert(action);
                }
            }
            Some("diagnostic") if message["diagnostic"]["severity"] == "error" => {
                refused.push(refusal(&message["diagnostic"], root));
            }
            Some("change_summary") => is_whole = true,
            _ => (),
        }
    }
    assert!(is_whole || !refused.is_empty(), "{said}");
    if refused.is_empty() { Ok(plan) } else { Err(refused) }
}

fn action(name: &str) -> Option<Action> {
    Some(match name {
        "create" => Action::Create,
        "update" => Action::Update,
        "delete" => Action::Delete,
        "replace" => Action::Replace,
        "remove" | "forget" => Action::Forget,
        "import" => Action::Import,
        "noop" | "move" | "read" => return None,
        other => panic!("an action that is not known: {other}"),
    })
}

/// `a.b` of `a["x"].b[0]`.
fn bare(address: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0);
    for letter in address.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth == 0 => out.push(letter),
            _ => (),
        }
    }
    out
}

fn refusal(diagnostic: &Value, root: &Root) -> Refusal {
    let said = |name: &str| diagnostic[name].as_str().unwrap_or_default();
    let message = format!("{}: {}", said("summary"), said("detail"));
    let given = diagnostic["address"].as_str().map(bare);
    let address = given.filter(|it| !it.is_empty()).or_else(|| {
        let range = &diagnostic["range"];
        at_line(root, range["filename"].as_str()?, range["start"]["line"].as_u64()?)
    });
    Refusal { address, message }
}

/// The address of the block that a line of a file is in.
fn at_line(root: &Root, path: &str, line: u64) -> Option<String> {
    let module = path.strip_prefix("modules/")?.strip_suffix("/main.tf.json")?;
    let text = format!("{:#}", root.0.get(path)?);
    let mut way = ["", "", ""];
    for it in text.lines().take(usize::try_from(line).ok()?) {
        let indent = it.len() - it.trim_start().len();
        if let Some((name, _)) = it.trim_start().strip_prefix('"').and_then(|it| it.split_once('"'))
            && let Some(place) = way.get_mut((indent / 2).wrapping_sub(1))
        {
            *place = name;
        }
    }
    let mark = if way[0] == "data" { "data." } else { "" };
    Some(format!("module.{module}.{mark}{}.{}", way[1], way[2]))
}

/// Returns the addresses of refusals, and the messages of those without an address.
pub(super) fn addresses(refused: &[Refusal]) -> BTreeSet<&str> {
    refused.iter().filter_map(|it| it.address.as_deref()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn planned(address: &str, action: &str) -> String {
        let change = json!({ "resource": { "addr": address }, "action": action });
        json!({ "type": "planned_change", "change": change }).to_string()
    }

    const END: &str = r#"{"type":"change_summary"}"#;

    fn root() -> Root {
        let main = json!({ "resource": { "aws_sqs_queue": { "q": { "name": "a" } } } });
        Root([("modules/m/main.tf.json".to_owned(), main)].into())
    }

    #[test]
    fn instances_of_a_block_count_together() {
        #[track_caller]
        fn check(changes: &[(&str, &str)], expected: &[(&str, Action)]) {
            let said: Vec<_> = changes.iter().map(|it| planned(it.0, it.1)).collect();
            let plan = read(&format!("{}\n{END}", said.join("\n")), &root()).unwrap();
            let expected = expected.iter().map(|it| (it.0.to_owned(), it.1));
            assert_eq!(plan, expected.collect());
        }
        check(&[("module.m.a.b", "update")], &[("module.m.a.b", Action::Update)]);
        check(
            &[("module.m.a.b[0]", "move"), ("module.m.a.b[1]", "create")],
            &[("module.m.a.b", Action::Create)],
        );
        check(&[("a.b", "delete"), (r#"a.b["k"]"#, "create")], &[("a.b", Action::Replace)]);
        check(&[("a.b", "noop"), ("data.a.b", "read")], &[]);
    }

    #[test]
    fn an_error_belongs_to_the_block_that_terraform_names_or_that_has_its_line() {
        #[track_caller]
        fn check(diagnostic: Value, expected: Option<&str>) {
            let said = json!({ "type": "diagnostic", "diagnostic": diagnostic }).to_string();
            let refused = read(&said, &root()).unwrap_err();
            assert_eq!(addresses(&refused), expected.into_iter().collect());
        }
        check(json!({ "severity": "error", "address": "module.m.a.b[0]" }), Some("module.m.a.b"));
        let at = |path: &str| json!({ "severity": "error", "range": { "filename": path, "start": { "line": 5 } } });
        check(at("modules/m/main.tf.json"), Some("module.m.aws_sqs_queue.q"));
        check(at("main.tf.json"), None);
    }
}
