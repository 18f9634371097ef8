//! The vendored schema: how it is cut, and how it is read.

use std::collections::BTreeSet;

use foldhash::HashMap;
use memchr::memmem;
use serde_json::{Map, Value, json};

use super::{BlockSchema, ProviderSchema};
use crate::model::{BlockKind, backend::PROVIDER_RELEASES};

/// The schema of every release that is checked, in the order of [`PROVIDER_RELEASES`]: one that is
/// missing does not compile.
pub(super) const TEXTS: [&str; PROVIDER_RELEASES.len()] = [
    include_str!("../../../schemas/hashicorp-aws-5.100.0.json"),
    include_str!("../../../schemas/hashicorp-aws-6.0.0.json"),
    include_str!("../../../schemas/hashicorp-aws-6.69.1.json"),
];

/// What all of them take.
pub(super) const EVERY_RELEASE: &str =
    include_str!("../../../schemas/hashicorp-aws-every-release.json");

/// The file below `infra-gen/schemas` that holds a release's schema.
pub fn file(version: &str) -> String {
    format!("hashicorp-aws-{version}.json")
}

/// The file beside them that holds what all of them take.
pub const EVERY_RELEASE_FILE: &str = "hashicorp-aws-every-release.json";

/// What every release takes, out of the texts of their files.
///
/// # Errors
///
/// Where one is no JSON.
pub fn every_release<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<String, SchemaError> {
    let releases: Result<Vec<Value>, _> = texts.into_iter().map(serde_json::from_str).collect();
    Ok(crate::render::compact(&super::every_release::schema(&releases?)))
}

/// Whose schema it is, in Terraform's output, and in OpenTofu's.
const PROVIDERS: [&str; 2] =
    ["registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws"];

/// Why a schema is of no use.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It is no JSON, or not the JSON that Terraform prints.
    #[error("the provider's schema cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It is the schema of something else.
    #[error("the schema has no provider {}", PROVIDERS[0])]
    NoProvider,
    /// The provider does not have everything that the topology uses.
    #[error("the provider has no {}", .0.join(", "))]
    NoSuchTypes(Vec<String>),
}

/// Reads a vendored schema.
///
/// # Errors
///
/// Where it is none.
pub fn parse(text: &str) -> Result<ProviderSchema<'_>, SchemaError> {
    Ok(serde_json::from_str(text)?)
}

/// As [`parse`], for a text as [`cut`] writes it: the types are found by how far their lines are
/// indented, and none is looked into. A check reads a part of them, and this is most of what it would
/// read otherwise. `None` where the text is written in another way.
pub(super) fn found(text: &str) -> Option<ProviderSchema<'_>> {
    Some(ProviderSchema {
        resource_schemas: section(text, "resource_schemas")?,
        data_source_schemas: section(text, "data_source_schemas")?,
    })
}

fn section<'s>(text: &'s str, name: &str) -> Option<HashMap<&'s str, BlockSchema<'s>>> {
    const NEXT: &[u8] = b"\n    \"";
    let head = format!("\n  \"{name}\": {{");
    let begin = memmem::find(text.as_bytes(), head.as_bytes())? + head.len();
    let section = &text[begin..];
    let section = &section[..memmem::find(section.as_bytes(), b"\n  }")?];
    let mut starts = memmem::find_iter(section.as_bytes(), NEXT).peekable();
    let mut types = HashMap::default();
    while let Some(start) = starts.next() {
        let end = starts.peek().copied().unwrap_or(section.len());
        let (name, text) = section[start + NEXT.len()..end].split_once("\": ")?;
        types.insert(name, BlockSchema::new(text.strip_suffix(',').unwrap_or(text)));
    }
    Some(types)
}

/// Cuts what `terraform providers schema -json` prints to the types in use, without descriptions. The text says how it was
/// made: as `full` says, which is not Terraform's then, or by Terraform out of a release.
///
/// # Errors
///
/// Where the provider is another one, or lacks a type: all that are missing, at once.
pub fn cut(
    version: &str,
    full: &Value,
    used: &BTreeSet<(BlockKind, String)>,
) -> Result<String, SchemaError> {
    let schemas = PROVIDERS.iter().map(|it| &full["provider_schemas"][it]);
    let provider = schemas.into_iter().find(|it| !it.is_null()).ok_or(SchemaError::NoProvider)?;
    let mut missing = Vec::new();
    let mut section = |kind, name: &str| {
        let mut types = Map::new();
        for (_, tf_type) in used.iter().filter(|(it, _)| *it == kind) {
            match &provider[name][tf_type]["block"] {
                Value::Null => missing.push(tf_type.clone()),
                block => {
                    let mut block = shorn(block);
                    unroll_once(&mut block, false);
                    types.insert(tf_type.clone(), json!({ "block": block }));
                }
            }
        }
        types
    };
    let resources = section(BlockKind::Resource, "resource_schemas");
    let data = section(BlockKind::Data, "data_source_schemas");
    if !missing.is_empty() {
        return Err(SchemaError::NoSuchTypes(missing));
    }
    let made = full["made"].as_str().map_or_else(
        || format!("`terraform providers schema -json` with hashicorp/aws {version}, cut by `infra-gen schema`."),
        str::to_owned,
    );
    let cut = json!({ "made": made, "resource_schemas": resources, "data_source_schemas": data });
    Ok(crate::render::compact(&cut))
}

/// WAF's statements hold statements. The provider writes that out three levels deep, as megabytes;
/// one level is what we use.
fn unroll_once(block: &mut Value, inside: bool) {
    let Some(Value::Object(nested)) = block.get_mut("block_types") else { return };
    if inside {
        nested.retain(|name, _| !matches!(name.as_str(), "statement" | "scope_down_statement"));
    }
    for (name, it) in nested {
        if let Some(block) = it.get_mut("block") {
            unroll_once(block, inside || name == "statement");
        }
    }
}

/// The same without what is for people.
fn shorn(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            // An attribute may be called `description`: then it is an object.
            let for_people = |name: &str, it: &Value| {
                matches!(name, "description" | "description_kind") && it.is_string()
                    || name == "version" && it.is_number()
            };
            let kept = fields.iter().filter(|(name, it)| !for_people(name, it));
            Value::Object(kept.map(|(name, it)| (name.clone(), shorn(it))).collect())
        }
        Value::Array(items) => items.iter().map(shorn).collect(),
        other => other.clone(),
    }
}
