//! The differences of a block between environments.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Difference;
use crate::{
    model::{Address, Stack},
    render,
};

/// Every argument that differs between roots. Names with the environment's prefix, and account ids, count as equal.
pub(super) fn differences(with: &[(&str, &Stack, &Address)]) -> Vec<Difference> {
    let mut roots: Vec<(&str, BTreeMap<String, Value>)> = Vec::new();
    for (name, stack, address) in with {
        let mut leaves = BTreeMap::new();
        if let Some(node) = stack.node(address) {
            flatten(&render::block(node), String::new(), &mut leaves);
        }
        roots
            .push((name, leaves.into_iter().map(|(path, it)| (path, common(stack, it))).collect()));
    }
    let paths: BTreeSet<&String> = roots.iter().flat_map(|(_, leaves)| leaves.keys()).collect();
    let mut differences = Vec::new();
    for path in paths {
        let values: Vec<_> = roots
            .iter()
            .map(|(root, leaves)| super::Value {
                root: (*root).to_owned(),
                value: leaves.get(path).cloned(),
            })
            .collect();
        let different: BTreeSet<_> = values.iter().map(|it| format!("{:?}", it.value)).collect();
        if different.len() > 1 {
            differences.push(Difference { path: path.clone(), values });
        }
    }
    differences
}

fn flatten(value: &Value, path: String, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, it) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(it, format!("{path}{dot}{name}"), leaves);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, it) in items.iter().enumerate() {
                flatten(it, format!("{path}[{at}]"), leaves);
            }
        }
        leaf => drop(leaves.insert(path, leaf.clone())),
    }
}

/// A value with placeholders for the environment's prefix and account ids.
fn common(stack: &Stack, value: Value) -> Value {
    let Value::String(text) = value else { return value };
    let scope = stack.scope();
    let text = text.replace(&scope.prefix, "<prefix>");
    let account = |text: String, id: &str| text.replace(id, "<account>");
    scope.accounts.iter().map(|it| it.as_str()).fold(text, account).into()
}
