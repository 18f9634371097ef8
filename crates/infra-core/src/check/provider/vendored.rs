//! Cuts the provider's schema to the types in use, and reads the vendored files.

use std::collections::BTreeSet;

use foldhash::HashMap;
use memchr::memmem;
use serde_json::{Map, Value, json};

use super::{BlockSchema, ProviderSchema};
use crate::model::{BlockKind, backend::PROVIDER_RELEASES};

/// The vendored schemas, in the order of [`PROVIDER_RELEASES`]. A missing one does not compile.
pub(super) const TEXTS: [&str; PROVIDER_RELEASES.len()] = [
    include_str!("../../../schemas/hashicorp-aws-5.100.0.json"),
    include_str!("../../../schemas/hashicorp-aws-6.0.0.json"),
    include_str!("../../../schemas/hashicorp-aws-6.69.1.json"),
];

/// The schema that all releases have in common.
pub(super) const EVERY_RELEASE: &str =
    include_str!("../../../schemas/hashicorp-aws-every-release.json");

/// The name of the file in `crates/infra-core/schemas` with the schema of a release.
pub fn file(version: &str) -> String {
    format!("hashicorp-aws-{version}.json")
}

/// The name of the file in `crates/infra-core/schemas` with the schema that all releases have in common.
pub const EVERY_RELEASE_FILE: &str = "hashicorp-aws-every-release.json";

/// Builds the schema that all releases have in common, from the texts of their files.
///
/// # Errors
///
/// If a text is not JSON.
pub fn every_release<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<String, SchemaError> {
    let releases: Result<Vec<Value>, _> = texts.into_iter().map(serde_json::from_str).collect();
    Ok(crate::render::compact(&super::every_release::schema(&releases?)))
}

/// The provider's name in the output of Terraform, and in that of OpenTofu.
const PROVIDERS: [&str; 2] =
    ["registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws"];

/// The error for a schema that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The text is not the JSON that Terraform prints.
    #[error(
        "the provider's schema is not the JSON that `terraform providers schema -json` prints: {0}"
    )]
    Json(#[from] serde_json::Error),
    /// The schema is of another provider.
    #[error("the schema has no provider {}", PROVIDERS[0])]
    NoProvider,
    /// The provider lacks types that the topology uses.
    #[error("this release of the provider lacks types that the topology uses: {}", .0.join(", "))]
    NoSuchTypes(Vec<String>),
}

/// Reads a vendored schema.
///
/// # Errors
///
/// If the text is not a schema.
pub fn parse(text: &str) -> Result<ProviderSchema<'_>, SchemaError> {
    Ok(serde_json::from_str(text)?)
}

/// Reads a text as [`cut`] writes it, without parsing the types: it finds them by the indentation of their lines. This is
/// faster than [`parse`], because a check uses only some types. `None` if the text has another format.
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

/// Cuts the output of `terraform providers schema -json` to the types in use, without descriptions. The field `made` of
/// the result says how it was made. It is taken from `full` if it has one, as the output of `bindings.py` does.
///
/// # Errors
///
/// If the schema is of another provider, or lacks types. The error lists all missing types.
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

/// Removes nested levels of WAF's statements. The provider's schema has three levels of statements in statements, which
/// are megabytes, and the topology uses one.
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

/// The schema without descriptions and version numbers.
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
