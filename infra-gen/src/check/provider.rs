//! Every block and every reference against the AWS provider's own schema.
//!
//! The schema is vendored: what `terraform providers schema -json` prints, cut to the blocks in
//! use. A block's schema is turned into a JSON Schema and checked by the `jsonschema` crate.

mod block;
mod convert;
pub mod vendored;

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use jsonschema::Validator;
use serde::Deserialize;

use super::Violation;
use crate::model::{BlockKind, Stack};

/// What the provider says of its blocks.
#[derive(Debug, Deserialize)]
pub struct ProviderSchema {
    resource_schemas: BTreeMap<String, BlockSchema>,
    data_source_schemas: BTreeMap<String, BlockSchema>,
    /// Compiled at the first use of each type.
    #[serde(skip)]
    compiled: Mutex<BTreeMap<(BlockKind, String), &'static Validator>>,
}

/// One type of block.
#[derive(Debug, Deserialize)]
struct BlockSchema {
    block: Block,
}

/// What may stand in a block.
#[derive(Debug, Deserialize)]
struct Block {
    #[serde(default)]
    attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    block_types: BTreeMap<String, Nested>,
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
}

impl ProviderSchema {
    /// The schema that this crate carries.
    pub fn vendored() -> &'static ProviderSchema {
        static SCHEMA: OnceLock<ProviderSchema> = OnceLock::new();
        SCHEMA.get_or_init(|| {
            vendored::parse(vendored::TEXT)
                .expect("the vendored schema is a file of this crate, and a test parses it")
        })
    }

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
        schemas.get(tf_type).map(|it| &it.block)
    }

    fn validator(&self, kind: BlockKind, tf_type: &str, block: &Block) -> &'static Validator {
        // A panic in another thread leaves the map whole: entries are added in one step.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry((kind, tf_type.to_owned())).or_insert_with(|| {
            let schema = convert::block(block);
            let validator = jsonschema::draft7::new(&schema)
                .expect("what `convert` makes is a JSON Schema; a test compiles every type");
            // One for each type, for the life of the process.
            Box::leak(Box::new(validator))
        })
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
        if block.attributes.contains_key(attribute) || block.block_types.contains_key(attribute) {
            return None;
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

/// Every block and every reference of a stack.
pub(super) fn check(stack: &Stack) -> Vec<Violation> {
    let schema = ProviderSchema::vendored();
    let mut found = Vec::new();
    for node in stack.nodes() {
        let address = node.address.to_string();
        let body = crate::render::block(node);
        found.extend(schema.check_block(
            node.address.kind(),
            node.address.tf_type(),
            &address,
            &body,
        ));
        for attribute in node.body.attributes() {
            let of = (attribute.of().kind(), attribute.of().tf_type());
            found.extend(schema.check_reference(&address, of, attribute.name()));
        }
    }
    found
}

#[cfg(test)]
mod tests;
