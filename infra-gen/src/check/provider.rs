//! Every block and every reference against the AWS provider's own schema.
//!
//! The schemas are vendored, one for each release that the generated files may run with: what
//! `terraform providers schema -json` prints, cut to the blocks in use. A block's schema is turned into a JSON Schema and checked by the `jsonschema` crate.

mod block;
mod convert;
pub mod vendored;

use std::{collections::BTreeMap, sync::OnceLock};

use convert::Shape;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::Violation;
use crate::model::{BlockKind, backend::PROVIDER_RELEASES};

/// What the provider says of its blocks.
#[derive(Debug, Deserialize)]
pub struct ProviderSchema {
    resource_schemas: BTreeMap<String, BlockSchema>,
    data_source_schemas: BTreeMap<String, BlockSchema>,
}

/// One type of block. It is read when it is first asked for: a stack has a part of the types, and some
/// are large.
#[derive(Debug, Deserialize)]
#[serde(from = "Box<RawValue>")]
struct BlockSchema {
    text: Box<RawValue>,
    read: OnceLock<Block>,
}

impl From<Box<RawValue>> for BlockSchema {
    fn from(text: Box<RawValue>) -> Self {
        BlockSchema { text, read: OnceLock::new() }
    }
}

impl BlockSchema {
    fn block(&self) -> &Block {
        #[derive(Deserialize)]
        struct Outer {
            block: Block,
        }
        self.read.get_or_init(|| {
            let outer: Outer = serde_json::from_str(self.text.get())
                .expect("the vendored schema is a file of this crate, and a test reads every type");
            outer.block
        })
    }
}

/// What may stand in a block.
#[derive(Debug, Deserialize)]
struct Block {
    #[serde(default)]
    attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    block_types: BTreeMap<String, Nested>,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Debug, Deserialize)]
struct Attribute {
    #[serde(rename = "type", default)]
    is: serde_json::Value,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Debug, Deserialize)]
struct Nested {
    block: Block,
    #[serde(default)]
    min_items: u64,
    #[serde(default)]
    max_items: u64,
    nesting_mode: Nesting,
}

/// How often a nested block may stand, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Nesting {
    Single,
    Group,
    List,
    Set,
    Map,
}

/// The schema of one release.
pub type Release = (&'static str, ProviderSchema);

/// The schemas that this crate carries, by the provider's version, the oldest first.
pub fn vendored() -> &'static [Release] {
    static SCHEMAS: OnceLock<Vec<Release>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        let releases = PROVIDER_RELEASES.iter().zip(vendored::TEXTS);
        let parsed = releases.map(|(release, text)| {
            let schema = vendored::parse(text)
                .expect("the vendored schema is a file of this crate, and a test parses it");
            (release.version, schema)
        });
        parsed.collect()
    })
}

/// What is found against any of the releases. Where some of them take it, the others are named.
fn across(
    releases: &[Release],
    check: impl Fn(&ProviderSchema) -> Vec<Violation>,
) -> Vec<Violation> {
    let mut found: BTreeMap<Violation, Vec<&str>> = BTreeMap::new();
    for (version, schema) in releases {
        for violation in check(schema) {
            let versions = found.entry(violation).or_default();
            if versions.last() != Some(version) {
                versions.push(version);
            }
        }
    }
    let named = |(mut violation, versions): (Violation, Vec<&str>)| {
        if versions.len() < releases.len() {
            violation.problem.push_str(&format!(", in the provider's {}", versions.join(", ")));
        }
        violation
    };
    found.into_iter().map(named).collect()
}

impl ProviderSchema {
    /// The types that the schema knows.
    pub fn types(&self) -> impl Iterator<Item = (BlockKind, &str)> {
        let resources = self.resource_schemas.keys().map(|it| (BlockKind::Resource, it.as_str()));
        let data = self.data_source_schemas.keys().map(|it| (BlockKind::Data, it.as_str()));
        resources.chain(data)
    }

    fn block(&self, kind: BlockKind, tf_type: &str) -> Option<&Block> {
        let schemas = match kind {
            BlockKind::Resource => &self.resource_schemas,
            BlockKind::Data => &self.data_source_schemas,
        };
        schemas.get(tf_type).map(BlockSchema::block)
    }

    /// Everything in which blocks differ from what the provider takes.
    ///
    /// Blocks of one type are checked by one JSON Schema, which has only what they use: to compile
    /// all that the provider knows would take longer than everything else that the generator does.
    pub fn check_blocks(&self, blocks: &[Checked<'_>]) -> Vec<Violation> {
        let mut by_type: BTreeMap<(BlockKind, &str), Vec<&Checked<'_>>> = BTreeMap::new();
        for block in blocks {
            by_type.entry((block.kind, block.tf_type)).or_default().push(block);
        }
        let mut found = Vec::new();
        for ((kind, tf_type), blocks) in by_type {
            let Some(schema) = self.block(kind, tf_type) else {
                found.extend(blocks.iter().map(|it| self.unknown_type(it)));
                continue;
            };
            let bodies = blocks.iter().map(|it| (it.address, block::plain(&it.body, schema)));
            let bodies: Vec<_> = bodies.collect();
            let shape = bodies.iter().map(|(_, body)| Shape::of(body)).collect();
            let validator = convert::validator(schema, &shape)
                .expect("what `convert` makes is a JSON Schema; a test compiles every type");
            for (address, body) in &bodies {
                found.extend(block::check(address, schema, &validator, body));
            }
        }
        found
    }

    /// Whether an attribute can be referred to.
    fn check_reference(
        &self,
        at: &str,
        (kind, tf_type): (BlockKind, &str),
        attribute: &str,
    ) -> Option<Violation> {
        // A type that is not known is told where its block is.
        let block = self.block(kind, tf_type)?;
        match block.attributes.get(attribute) {
            Some(it) if it.deprecated => {
                return Some(Violation::new(
                    "provider/deprecated",
                    at,
                    format!(
                        "it refers to `{attribute}` of a {tf_type}, which the provider deprecates"
                    ),
                    "refer to what its documentation names instead",
                ));
            }
            Some(_) => return None,
            None if block.block_types.contains_key(attribute) => return None,
            None => (),
        }
        let known = block.attributes.keys().map(String::as_str);
        Some(Violation::new(
            "provider/unknown-attribute",
            at,
            format!("it refers to `{attribute}` of a {tf_type}, which has no such attribute"),
            block::suggestion(attribute, known)
                .unwrap_or_else(|| "refer to an attribute that it has".to_owned()),
        ))
    }
}

/// A block to be checked.
pub struct Checked<'b> {
    /// Where it is.
    pub address: &'b str,
    /// Whether Terraform makes it or only reads it.
    pub kind: BlockKind,
    /// Its type.
    pub tf_type: &'b str,
    /// What stands in it.
    pub body: Value,
}

/// Every block and every reference of a stack.
pub(super) fn check(blocks: &[super::Rendered<'_>]) -> Vec<Violation> {
    let checked: Vec<_> = blocks
        .iter()
        .map(|it| Checked {
            address: &it.address,
            kind: it.node.address.kind(),
            tf_type: it.node.address.tf_type(),
            body: it.body.clone(),
        })
        .collect();
    across(vendored(), |schema| {
        let mut found = schema.check_blocks(&checked);
        for it in blocks {
            for attribute in it.node.body.attributes() {
                let of = (attribute.of().kind(), attribute.of().tf_type());
                found.extend(schema.check_reference(&it.address, of, attribute.name()));
            }
        }
        found
    })
}

#[cfg(test)]
mod tests;
