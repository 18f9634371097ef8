//! Checks that a block refers to another block of its root by a reference and not by its name, so that Terraform
//! creates the other one first.

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::{config::Environment, roots};
use serde_json::Value;

/// The arguments that give a block its own name. A metric is not a block.
const OWN: &[&str] = &[
    "alarm_name",
    "bucket",
    "dashboard_name",
    "function_name",
    "metric_name",
    "name",
    "statement_id",
];

/// Whether the argument at the end gives the block its own name. Blocks about a bucket or a function name another one.
fn is_own(at: &str) -> bool {
    match at.rsplit('.').next().unwrap_or_default() {
        "bucket" => at.contains(" resource.aws_s3_bucket."),
        "function_name" => at.contains(" resource.aws_lambda_function."),
        argument => OWN.contains(&argument),
    }
}

/// Every root's blocks, by the root's folder: each with its address.
fn roots() -> BTreeMap<String, Vec<(String, Value)>> {
    let all = Environment::ALL.map(roots::environment).into_iter();
    let all = all.chain([roots::bootstrap(), roots::cicd()]);
    let files: BTreeMap<_, _> = all.flat_map(|it| it.files).collect();
    let mut roots: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (path, text) in files.iter().filter(|it| it.0.ends_with("/main.tf.json")) {
        let path = path.trim_end_matches("/main.tf.json");
        let (root, module) = path.split_once("/modules/").unwrap_or((path, "root"));
        let file: Value = serde_json::from_str(text).unwrap();
        for section in ["data", "resource"] {
            for (tf_type, blocks) in file[section].as_object().into_iter().flatten() {
                for (name, block) in blocks.as_object().unwrap() {
                    let address = format!("{module}: {section}.{tf_type}.{name}");
                    roots.entry(root.to_owned()).or_default().push((address, block.clone()));
                }
            }
        }
        // The arguments that the root passes to its modules.
        for (name, block) in file["module"].as_object().into_iter().flatten() {
            let call = (format!("{module}: module.{name}"), block.clone());
            roots.entry(root.to_owned()).or_default().push(call);
        }
    }
    roots
}

/// The names of a root's resources.
fn names(blocks: &[(String, Value)]) -> BTreeSet<&str> {
    let resources = blocks.iter().filter(|(address, _)| address.contains(": resource."));
    let names = resources.flat_map(|(_, it)| OWN.iter().filter_map(|own| it[own].as_str()));
    names.filter(|it| !it.contains("${")).collect()
}

/// The texts of a block that are the name or the ARN of a resource of the same root, each with where it stands.
fn literals(names: &BTreeSet<&str>, value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                // The resources of a policy may be created after the policy. Its principals may not.
                // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
                let is_matched = at.ends_with(".statement")
                    && matches!(name.as_str(), "condition" | "not_resources" | "resources");
                if !is_matched && name != "//" {
                    literals(names, value, &format!("{at}.{name}"), found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| literals(names, it, at, found)),
        Value::String(text) => {
            let is_named = match text.strip_prefix("arn:") {
                Some(arn) => arn.rsplit([':', '/']).next().is_some_and(|it| names.contains(it)),
                None => !is_own(at) && names.contains(text.as_str()),
            };
            if is_named {
                found.push(format!("{at} = {text}"));
            }
        }
        _ => (),
    }
}

#[test]
fn no_block_names_another_of_its_root_by_a_literal() {
    let roots = roots();
    assert_eq!(roots.len(), 8);
    let mut found = Vec::new();
    for (root, blocks) in &roots {
        let names = names(blocks);
        assert!(!names.is_empty(), "{root}");
        for (address, block) in blocks {
            literals(&names, block, &format!("{root} {address}"), &mut found);
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Checks a boundary in the same root, as for the role that applies.
#[test]
fn a_role_waits_for_its_boundary() {
    for (root, blocks) in roots() {
        let of = |tf_type: &str| {
            let section = format!(": resource.{tf_type}.");
            blocks.iter().filter(move |it| it.0.contains(&section)).collect::<Vec<_>>()
        };
        let policies = of("aws_iam_policy");
        for (address, role) in of("aws_iam_role") {
            let Some(boundary) = role["permissions_boundary"].as_str() else { continue };
            let reference = boundary.strip_prefix("${").and_then(|it| it.strip_suffix(".arn}"));
            let module = address.split(':').next().unwrap();
            match reference {
                Some(local) => {
                    let policy = format!("{module}: resource.{local}");
                    assert!(policies.iter().any(|it| it.0 == policy), "{root} {policy}");
                }
                None => assert!(policies.is_empty(), "{root} {address}: {boundary}"),
            }
        }
    }
}
