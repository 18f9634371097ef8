//! Renders the ledger, and Terraform's `moved`, `removed` and `import` blocks.
//!
//! <https://developer.hashicorp.com/terraform/language/modules/develop/refactoring>

use serde_json::{Map, Value, json};

use super::json::sorted;
use crate::{
    ledger::{self, Ledger},
    model::{Stack, escape, refactor::Fate},
};

/// The ledger, and a file with the blocks, if there are any.
pub(super) fn files(stack: &Stack) -> Vec<(String, String)> {
    let mut files = vec![(ledger::FILE.to_owned(), Ledger::of(stack).text())];
    let blocks = blocks(stack);
    if !blocks.is_empty() {
        files.push(("refactoring.tf.json".to_owned(), sorted(&Value::Object(blocks))));
    }
    files
}

fn blocks(stack: &Stack) -> Map<String, Value> {
    let moved = stack.moves().into_iter().map(|it| json!({ "from": it.from, "to": it.to }));
    let removed = stack.removals().into_iter().map(|it| {
        let destroy = it.fate == Fate::Destroyed;
        json!({ "from": it.at.to_string(), "lifecycle": { "destroy": destroy } })
    });
    let import = stack
        .imports()
        .into_iter()
        .map(|it| json!({ "to": it.to.to_string(), "id": escape(&it.id) }));
    let all: [(_, Vec<Value>); 3] =
        [("moved", moved.collect()), ("removed", removed.collect()), ("import", import.collect())];
    let some = all.into_iter().filter(|(_, blocks)| !blocks.is_empty());
    some.map(|(name, blocks)| (name.to_owned(), blocks.into())).collect()
}
