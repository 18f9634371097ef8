//! Finds resources for which Terraform plans no change although their files differ.

use serde_json::Value;

use super::{
    block::{Block, number, reference},
    compare::Comparison,
    diff::{self, Field},
    known, policy,
    root::Root,
};
use infra_core::check::provider;

/// Whether Terraform plans no change for a resource whose files differ.
pub(super) fn is_kept(compare: &Comparison<'_>, before: &Block, after: &Block) -> bool {
    let is_same = |old: &Option<Value>, new: &Option<Value>| {
        let known = |it: &Option<Value>, root| it.as_ref().map(|it| known::value(root, it));
        old == new || known(old, compare.before) == known(new, compare.after)
    };
    let is_kept = |it: &Field| {
        is_nothing(after, it) || is_same_policy(compare, it) || is_same(&it.before, &it.after)
    };
    diff::fields(&before.body, &after.body).iter().all(is_kept)
        && is_same(&before.document, &after.document)
}

/// Whether a field refers to another policy document with the same content.
fn is_same_policy(compare: &Comparison<'_>, field: &Field) -> bool {
    let block = |it: &Option<Value>, root: &'_ Root| {
        let (address, attribute) = reference(it.as_ref()?.as_str()?)?;
        let block = root.blocks.get(address).filter(|it| it.is_data() && attribute == "json")?;
        Some((policy::of_document(root, block), known::value(root, &block.body["version"])))
    };
    let old = block(&field.before, compare.before);
    old.is_some() && old == block(&field.after, compare.after)
}

fn is_nothing(after: &Block, field: &Field) -> bool {
    let path: Vec<&str> = field.path.split('.').collect();
    match path[0] {
        // They rule later changes, the order of operations, and how long the provider waits.
        "lifecycle" | "depends_on" | "timeouts" => true,
        // `count = 1` makes one resource, as a block without `count` does. Terraform moves its address.
        "count" => [&field.before, &field.after]
            .into_iter()
            .all(|it| it.as_ref().is_none_or(|it| number(it) == Some(1.0))),
        _ => field.after.is_none() && after.at(&path).is_null() && stays(&after.tf_type, &path),
    }
}

/// Whether an argument keeps its value in AWS if it is removed from the files, because the provider computes it.
/// <https://developer.hashicorp.com/terraform/plugin/sdkv2/schemas/schema-behaviors#computed>
pub(super) fn stays(tf_type: &str, path: &[&str]) -> bool {
    provider::run().is_filled_in(tf_type, path)
}
