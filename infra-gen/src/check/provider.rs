//! Every block and every reference against the AWS provider's own schema.
//!
//! The schemas are vendored, of releases from the oldest to the newest that the generated files may run with: what
//! `terraform providers schema -json` prints, cut to the blocks in use. Each says how it was made. A block that does not
//! plainly fit what all of them take is put to each. For that, its schema is turned into a JSON Schema, by which the
//! `jsonschema` crate judges it.

mod block;
pub(crate) mod canonical;
mod convert;
mod deprecated;
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

/// What the provider says of its blocks. It borrows from the text that it was read from.
///
/// Names are looked up for every argument of every block, so a hash finds them. Nothing that is told depends
/// on their order.
#[derive(Debug, Deserialize)]
pub struct ProviderSchema<'s> {
    #[serde(borrow)]
    resource_schemas: HashMap<&'s str, BlockSchema<'s>>,
    #[serde(borrow)]
    data_source_schemas: HashMap<&'s str, BlockSchema<'s>>,
}

/// One type of block. It is read when it is first asked for: a stack has a part of the types, and some
/// are large.
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

/// What may stand in a block.
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
    /// How many arguments must be set.
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
    /// Whether the provider gives it a value where it is left out.
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
    /// Whether it may be set. What is only computed may not, and what is deprecated shall not.
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
    /// How many there may be, where that has a bound.
    fn at_most(&self) -> Option<u64> {
        match self.nesting_mode {
            Nesting::Single | Nesting::Group => Some(1),
            Nesting::List | Nesting::Set | Nesting::Map => {
                (self.max_items > 0).then_some(self.max_items)
            }
        }
    }
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
pub type Release<'s> = (&'static str, ProviderSchema<'s>);

/// The schemas that this crate carries, by the provider's version, the oldest first.
pub fn vendored() -> &'static [Release<'static>] {
    static SCHEMAS: OnceLock<Vec<Release<'static>>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        let releases = PROVIDER_RELEASES.iter().zip(vendored::TEXTS);
        releases.map(|(release, text)| (release.version, read(text))).collect()
    })
}

/// What all of them take.
pub(crate) fn every_release() -> &'static ProviderSchema<'static> {
    static SCHEMA: OnceLock<ProviderSchema<'static>> = OnceLock::new();
    SCHEMA.get_or_init(|| read(vendored::EVERY_RELEASE))
}

/// The schema of the release that is run.
pub fn run() -> &'static ProviderSchema<'static> {
    static SCHEMA: OnceLock<ProviderSchema<'static>> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let at = PROVIDER_RELEASES.iter().position(|it| it.version == PROVIDER_VERSION);
        read(vendored::TEXTS[at.expect("it is one of them: `backend::PROVIDER` says so")])
    })
}

fn read(text: &'static str) -> ProviderSchema<'static> {
    vendored::found(text)
        .map_or_else(|| vendored::parse(text), Ok)
        .expect("the vendored schema is a file of this crate, and a test parses it")
}

/// What is found against any of the releases. Where some of them take it, the others are named.
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
            violation.problem.push_str(&format!(", in the provider's {}", versions.join(", ")));
        }
        violation
    };
    found.into_iter().map(named).collect()
}

impl<'s> ProviderSchema<'s> {
    /// The types that the schema knows, in no order.
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

    /// Whether a block plainly fits. One of a type that is not known does not.
    fn fits(&self, node: &Node) -> bool {
        let schema = self.block(node.address.kind(), node.address.tf_type());
        schema.is_some_and(|schema| fits::fits(&node.body, schema))
    }

    /// Whether nothing speaks against what a block refers to.
    fn refers_well(&self, node: &Node) -> bool {
        let mentioned = node.mentions.attributes().iter();
        let mut attributes = mentioned.map(|it| {
            let block = self.block(it.of().kind(), it.of().tf_type());
            block.and_then(|block| block.attributes.get(it.name()))
        });
        attributes.all(|it| it.is_some_and(|it| !it.deprecated && it.is.is_scalar()))
    }

    /// Everything in which blocks differ from what the provider takes.
    ///
    /// Blocks of one type are checked by one JSON Schema, which has only what they use: all that the
    /// provider knows would be dear to compile.
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

    /// Whether an attribute can be referred to.
    fn check_reference(
        &self,
        at: &str,
        (kind, tf_type): (BlockKind, &str),
        attribute: &str,
    ) -> Option<Violation> {
        // A type that is not known is told where its block is.
        let block = self.block(kind, tf_type)?;
        let said = |rule, problem, fix| Some(Violation::new(rule, at, problem, fix));
        match block.attributes.get(attribute) {
            Some(it) if it.deprecated => {
                return said(
                    "provider/deprecated",
                    format!(
                        "it refers to `{attribute}` of a {tf_type}, which the provider deprecates"
                    ),
                    "refer to what its documentation names instead",
                );
            }
            Some(it) if it.is.is_scalar() => return None,
            None if !block.block_types.contains_key(attribute) => (),
            _ => {
                return said(
                    "provider/wrong-type",
                    format!("it refers to `{attribute}` of a {tf_type}, which is no text there"),
                    "refer to an attribute that is text, a number, true or false",
                );
            }
        }
        let known = block.attributes.keys().copied();
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
struct Checked<'b> {
    /// Where it is.
    address: &'b str,
    /// Whether Terraform makes it or only reads it.
    kind: BlockKind,
    /// Its type.
    tf_type: &'b str,
    /// What stands in it.
    body: &'b Value,
}

/// Every block and every reference of a stack. [`super::stack`] asks this, and more.
pub fn stack(stack: &Stack) -> Vec<Violation> {
    let blocks = policy::Blocks::of(stack);
    check(&stack.nodes().zip(blocks.all()).collect::<Vec<_>>())
}

/// Every block and every reference.
pub(super) fn check(blocks: &[(&Node, &policy::Block<'_>)]) -> Vec<Violation> {
    let every = every_release();
    let fine = parallel::map(blocks, |(node, _)| every.fits(node) && every.refers_well(node));
    let doubtful = blocks.iter().zip(fine).filter(|(_, fine)| !fine).map(|(it, _)| *it);
    let doubtful: Vec<_> = doubtful.collect();
    if doubtful.is_empty() { Vec::new() } else { against(vendored(), &doubtful) }
}

/// Blocks and what they refer to, put to each of these releases.
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
