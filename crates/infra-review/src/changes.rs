//! The actions of Terraform, resource by resource, whether they matter or not.

use super::{
    TerraformAction,
    block::Block,
    compare::Comparison,
    diff::{self, Field},
    flow, kept, policy, replace,
};

/// The action, the address and the fields that differ, of every resource that changes.
pub(super) fn all(compare: &Comparison<'_>) -> Vec<(TerraformAction, String, Vec<String>)> {
    let replaced = compare.replaced();
    let mut changes = Vec::new();
    for (address, before, after) in compare.all() {
        // Terraform only reads data sources, so a new or removed one is not listed. A changed policy document is.
        let is_data = before.or(after).is_some_and(Block::is_data);
        let moved_from = compare.moved.iter().find(|(_, new)| new == address).map(|it| &it.0);
        let change = match (before, after) {
            (Some(before), Some(after)) => {
                let because = replaced.get(address);
                let mut lines = lines(compare, before, after, because);
                match (because, moved_from) {
                    (Some(_), _) => (TerraformAction::Replace, lines),
                    (None, Some(from)) => {
                        lines.insert(0, format!("from {from}"));
                        (TerraformAction::Move, lines)
                    }
                    (None, None) if lines.is_empty() => continue,
                    (None, None) if !is_data && kept::is_kept(compare, before, after) => {
                        (TerraformAction::Keep, lines)
                    }
                    (None, None) => (TerraformAction::Update, lines),
                }
            }
            _ if is_data => continue,
            (Some(_), None) if compare.after.forgotten.contains(address) => {
                (TerraformAction::Forget, Vec::new())
            }
            (Some(_), None) => (TerraformAction::Delete, Vec::new()),
            (None, Some(_)) if compare.after.imported.contains(address) => {
                (TerraformAction::Import, Vec::new())
            }
            (None, Some(_)) => (TerraformAction::Create, Vec::new()),
            (None, None) => continue,
        };
        changes.push((change.0, address.to_owned(), change.1));
    }
    // Settings of the whole root: tags and accounts of the provider, the state, the versions.
    for (address, before, after) in [
        ("provider", &compare.before.provider, &compare.after.provider),
        ("terraform", &compare.before.terraform, &compare.after.terraform),
    ] {
        let fields = diff::fields(before, after);
        let lines: Vec<_> =
            fields.iter().filter(|it| !it.path.ends_with("//")).map(Field::to_string).collect();
        if compare.both_there() && !lines.is_empty() {
            changes.push((TerraformAction::Update, address.to_owned(), lines));
        }
    }
    for (name, after) in &compare.after.outputs {
        let before = compare.before.outputs.get(name);
        let fields = before.map(|it| diff::fields(it, after)).unwrap_or_default();
        match before {
            None => changes.push((TerraformAction::Create, format!("output.{name}"), Vec::new())),
            Some(_) if fields.is_empty() => (),
            Some(_) => {
                let lines = fields.iter().map(Field::to_string).collect();
                changes.push((TerraformAction::Update, format!("output.{name}"), lines));
            }
        }
    }
    let gone = compare.before.outputs.keys().filter(|it| !compare.after.outputs.contains_key(*it));
    changes.extend(gone.map(|it| (TerraformAction::Delete, format!("output.{it}"), Vec::new())));
    changes
}

fn lines(
    compare: &Comparison<'_>,
    before: &Block,
    after: &Block,
    because: Option<&replace::Why>,
) -> Vec<String> {
    if before.tf_type == "aws_iam_policy_document" {
        let old = policy::of_document(compare.before, before);
        let mut lines = policy::lines(&old, &policy::of_document(compare.after, after));
        let version = |it: &Block| it.body["version"].clone();
        if version(before) != version(after) {
            lines.push("`version`: another version of the policy language".to_owned());
        }
        return lines;
    }
    let mut fields = diff::fields(&before.body, &after.body);
    let policies = before.json("policy").zip(after.json("policy"));
    let mut lines = Vec::new();
    if let Some((old, new)) = policies {
        fields.retain(|it| !(it.path == "policy" || it.path.starts_with("policy.Statement")));
        lines = policy::lines(&policy::of_json(&old), &policy::of_json(&new));
    }
    // `depends_on` only orders Terraform's work, and `triggers.definition` is only a hash.
    fields.retain(|it| it.path != "depends_on" && it.path != "triggers.definition");
    if let Some(because) = because {
        lines.insert(0, because.to_string());
        fields.retain(|it| !because.names(&it.path));
    }
    lines.extend(fields.iter().map(Field::to_string));
    match (&before.document, &after.document) {
        (Some(old), Some(new)) if before.tf_type == "aws_sfn_state_machine" => {
            lines.extend(flow::lines(old, new));
        }
        (Some(old), Some(new)) if old != new => lines.push("its document".to_owned()),
        _ => (),
    }
    lines
}
