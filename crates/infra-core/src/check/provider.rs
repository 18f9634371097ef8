//! Checks every block and every reference with the AWS provider's own schema.
//!
//! The schemas of several releases are vendored, from the oldest to the newest that the generated files accept: the
//! output of `terraform providers schema -json`, cut to the blocks in use. Each file says how it was made.
//!
//! A fast check compares each block with the schema that all releases have in common. A block that does not fit is
//! checked with each release: its schema is converted to a JSON Schema, which the `jsonschema` crate validates.

mod block;
pub mod canonical;
mod convert;
pub mod deprecated;
mod every_release;
mod fits;
mod types;
pub mod vendored;

use std::{collections::BTreeMap, sync::OnceLock};

use foldhash::HashMap;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};
use types::Type;

use super::{Violation, policy};
use crate::{
    model::{
        BlockKind, Stack,
        backend::{PROVIDER_RELEASES, PROVIDER_VERSION},
        stack::Node,
    },
    parallel,
};

/// The provider's schema of its blocks. It borrows from the text that it was read from.
///
/// The maps are hash maps, because a name is looked up for every argument of every block. No output depends on their
/// order.
#[derive(Debug, Deserialize)]
pub struct ProviderSchema<'s> {
    #[serde(borrow)]
    resource_schemas: HashMap<&'s str, BlockSchema<'s>>,
    #[serde(borrow)]
    data_source_schemas: HashMap<&'s str, BlockSchema<'s>>,
}

/// The schema of one type of block. It is parsed at its first use, because a stack uses only some types, and some are
/// large.
#[derive(Debug)]
struct BlockSchema<'s> {
    text: &'s str,
    read: OnceLock<Block<'s>>,
}

impl<'de: 's, 's> Deserialize<'de> for BlockSchema<'s> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(BlockSchema::new(<&RawValue>::deserialize(from)?.get()))
    }
}

impl<'s> BlockSchema<'s> {
    fn new(text: &'s str) -> Self {
        BlockSchema { text, read: OnceLock::new() }
    }

    fn block(&self) -> &Block<'s> {
        #[derive(Deserialize)]
        struct Outer<'s> {
            #[serde(borrow)]
            block: Block<'s>,
        }
        self.read.get_or_init(|| {
            let outer: Outer<'s> = serde_json::from_str(self.text)
                .expect("the vendored schema is a file of this crate, and a test reads every type");
            outer.block
        })
    }
}

/// The arguments and nested blocks of a block.
#[derive(Debug, Deserialize)]
struct Block<'s> {
    #[serde(default, borrow)]
    attributes: HashMap<&'s str, Attribute<'s>>,
    #[serde(default, borrow)]
    block_types: BTreeMap<&'s str, Nested<'s>>,
    #[serde(default)]
    deprecated: bool,
    #[serde(skip)]
    required: OnceLock<usize>,
}

impl Block<'_> {
    /// The number of required arguments and nested blocks.
    fn required(&self) -> usize {
        *self.required.get_or_init(|| {
            let attributes = self.attributes.values().filter(|it| it.required && it.is_settable());
            let nested = self.block_types.values().filter(|it| it.min_items > 0);
            attributes.count() + nested.filter(|it| !it.block.deprecated).count()
        })
    }
}

#[derive(Debug, Deserialize)]
struct Attribute<'s> {
    /// Whether the provider gives it a value if it is not set.
    #[serde(default)]
    computed: bool,
    #[serde(rename = "type", default, borrow)]
    is: Type<'s>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    deprecated: bool,
}

impl Attribute<'_> {
    /// Whether it may be set. A computed attribute cannot be set, and a deprecated one must not be set here.
    fn is_settable(&self) -> bool {
        (self.required || self.optional) && !self.deprecated
    }
}

#[derive(Debug, Deserialize)]
struct Nested<'s> {
    #[serde(borrow)]
    block: Block<'s>,
    #[serde(default)]
    min_items: u64,
    #[serde(default)]
    max_items: u64,
    nesting_mode: Nesting,
}

impl Nested<'_> {
    /// The largest number of these blocks, if there is a limit.
    fn at_most(&self) -> Option<u64> {
        match self.nesting_mode {
            Nesting::Single | Nesting::Group => Some(1),
            Nesting::List | Nesting::Set | Nesting::Map => {
                (self.max_items > 0).then_some(self.max_items)
            }
        }
    }
}

/// How often a nested block may appear, and whether the order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Nesting {
    Single,
    Group,
    List,
    Set,
    Map,
}

/// The version and the schema of one release.
pub type Release<'s> = (&'static str, ProviderSchema<'s>);

/// The vendored schemas, the oldest release first.
pub fn vendored() -> &'static [Release<'static>] {
    static SCHEMAS: OnceLock<Vec<Release<'static>>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        let releases = PROVIDER_RELEASES.iter().zip(vendored::TEXTS);
        releases.map(|(release, text)| (release.version, read(text))).collect()
    })
}

/// The schema that all releases have in common.
pub fn every_release() -> &'static ProviderSchema<'static> {
    static SCHEMA: OnceLock<ProviderSchema<'static>> = OnceLock::new();
    SCHEMA.get_or_init(|| read(vendored::EVERY_RELEASE))
}

/// The schema of the release in the lock files.
pub fn run() -> &'static ProviderSchema<'static> {
    static SCHEMA: OnceLock<ProviderSchema<'static>> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let at = PROVIDER_RELEASES.iter().position(|it| it.version == PROVIDER_VERSION);
        read(vendored::TEXTS[at.expect("`backend::PROVIDER` is an item of this list")])
    })
}

fn read(text: &'static str) -> ProviderSchema<'static> {
    vendored::found(text)
        .map_or_else(|| vendored::parse(text), Ok)
        .expect("the vendored schema is a file of this crate, and a test parses it")
}

/// Runs `check` for each release, and returns each violation once. If only some releases have it, the problem names
/// them.
fn across(
    releases: &[Release<'_>],
    check: impl Fn(&ProviderSchema<'_>) -> Vec<Violation>,
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
            violation
                .problem
                .push_str(&format!(", in the provider's release {}", versions.join(", ")));
        }
        violation
    };
    found.into_iter().map(named).collect()
}

impl<'s> ProviderSchema<'s> {
    /// The types in the schema, in no order.
    pub fn types(&self) -> impl Iterator<Item = (BlockKind, &str)> {
        let resources = self.resource_schemas.keys().map(|it| (BlockKind::Resource, *it));
        let data = self.data_source_schemas.keys().map(|it| (BlockKind::Data, *it));
        resources.chain(data)
    }

    fn block(&self, kind: BlockKind, tf_type: &str) -> Option<&Block<'s>> {
        let schemas = match kind {
            BlockKind::Resource => &self.resource_schemas,
            BlockKind::Data => &self.data_source_schemas,
        };
        schemas.get(tf_type).map(BlockSchema::block)
    }

    /// Whether a block fits by the fast check. A block of an unknown type does not fit.
    pub fn fits(&self, node: &Node) -> bool {
        let schema = self.block(node.address.kind(), node.address.tf_type());
        schema.is_some_and(|schema| fits::fits(&node.body, schema))
    }

    /// Whether a block refers only to attributes that exist, are not deprecated, and have a single value.
    pub fn refers_well(&self, node: &Node) -> bool {
        let mentioned = node.mentions.attributes().iter();
        let mut attributes = mentioned.map(|it| {
            let block = self.block(it.of().kind(), it.of().tf_type());
            block.and_then(|block| block.attributes.get(it.name()))
        });
        attributes.all(|it| it.is_some_and(|it| !it.deprecated && it.is.is_scalar()))
    }

    /// Every violation of the schema in these blocks.
    ///
    /// One JSON Schema checks all blocks of a type. It has only the arguments that they use, because the whole schema
    /// of a type would take long to compile.
    fn check_blocks(&self, blocks: &[Checked<'_>]) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut by_type: BTreeMap<(BlockKind, &str), Vec<&Checked<'_>>> = BTreeMap::new();
        for block in blocks {
            by_type.entry((block.kind, block.tf_type)).or_default().push(block);
        }
        for ((kind, tf_type), blocks) in by_type {
            match self.block(kind, tf_type) {
                None => found.extend(blocks.iter().map(|it| self.unknown_type(it))),
                Some(schema) => found.extend(block::judge(schema, tf_type, &blocks)),
            }
        }
        found
    }

    /// Checks a reference to an attribute.
    fn check_reference(
        &self,
        at: &str,
        (kind, tf_type): (BlockKind, &str),
        attribute: &str,
    ) -> Option<Violation> {
        // An unknown type is reported at its block.
        let block = self.block(kind, tf_type)?;
        let said = |rule, problem, fix| Some(Violation::new(rule, at, problem, fix));
        match block.attributes.get(attribute) {
            Some(it) if it.deprecated => {
                return said(
                    "provider/deprecated",
                    format!(
                        "it refers to `{attribute}` of {tf_type}, which the provider deprecates"
                    ),
                    "refer to the replacement that the provider's documentation names",
                );
            }
            Some(it) if it.is.is_scalar() => return None,
            None if !block.block_types.contains_key(attribute) => (),
            _ => {
                return said(
                    "provider/wrong-type",
                    format!(
                        "it refers to `{attribute}` of {tf_type}, which is a list, a set or an object"
                    ),
                    "refer to an attribute that is a string, a number or a bool",
                );
            }
        }
        let known = block.attributes.keys().copied();
        Some(Violation::new(
            "provider/unknown-attribute",
            at,
            format!("it refers to `{attribute}` of {tf_type}, which has no such attribute"),
            block::suggestion(attribute, known)
                .unwrap_or_else(|| "refer to an existing attribute".to_owned()),
        ))
    }
}

/// A block that is checked with a JSON Schema.
struct Checked<'b> {
    address: &'b str,
    /// A resource or a data source.
    kind: BlockKind,
    tf_type: &'b str,
    body: &'b Value,
}

/// Checks every block and every reference of a stack. [`super::stack`] includes this check.
pub fn stack(stack: &Stack) -> Vec<Violation> {
    let blocks = policy::Blocks::of(stack);
    check(&stack.nodes().zip(blocks.all()).collect::<Vec<_>>())
}

/// Checks these blocks and their references.
pub(super) fn check(blocks: &[(&Node, &policy::Block<'_>)]) -> Vec<Violation> {
    let every = every_release();
    let fine = parallel::map(blocks, |(node, _)| every.fits(node) && every.refers_well(node));
    let doubtful = blocks.iter().zip(fine).filter(|(_, fine)| !fine).map(|(it, _)| *it);
    let doubtful: Vec<_> = doubtful.collect();
    if doubtful.is_empty() { Vec::new() } else { against(vendored(), &doubtful) }
}

/// Checks these blocks and their references with each release.
fn against(releases: &[Release<'_>], blocks: &[(&Node, &policy::Block<'_>)]) -> Vec<Violation> {
    across(releases, |schema| {
        let doubtful = blocks.iter().filter(|(node, _)| !schema.fits(node));
        let doubtful = doubtful.map(|(node, block)| Checked {
            address: block.address,
            kind: node.address.kind(),
            tf_type: block.tf_type,
            body: &block.body,
        });
        let mut found = schema.check_blocks(&doubtful.collect::<Vec<_>>());
        for (node, block) in blocks {
            let mentioned = node.mentions.attributes().iter();
            found.extend(mentioned.filter_map(|attribute| {
                let of = (attribute.of().kind(), attribute.of().tf_type());
                schema.check_reference(block.address, of, attribute.name())
            }));
        }
        found
    })
}

#[cfg(test)]
mod tests;
