//! A block, and the list of a stack's blocks with an index by address.

use std::{collections::BTreeSet, panic::Location, sync::Arc};

use foldhash::HashMap;

use super::{
    expr::{Address, Body},
    mentions::Mentions,
    name::ModuleName,
};

/// A block.
#[derive(Debug)]
pub struct Node {
    pub(crate) address: Address,
    pub(crate) doc: String,
    pub(crate) body: Body,
    pub(crate) mentions: Mentions,
    pub(crate) depends_on: BTreeSet<Address>,
    pub(crate) create_before_destroy: bool,
    pub(crate) source: &'static Location<'static>,
}

impl Node {
    pub(in crate::model) fn new(
        address: Address,
        doc: String,
        body: Body,
        meta: Meta,
        source: &'static Location<'static>,
    ) -> Self {
        let beside = |name| BESIDE_THE_BODY.contains(&name);
        debug_assert!(
            matches!(&body, Body::Map(it) if !it.iter().any(|(name, _)| beside(name))),
            "the body of {address} is not an object, or sets a meta-argument"
        );
        let (mentions, Meta { depends_on, create_before_destroy }) = (Mentions::of(&body), meta);
        Node { address, doc, body, mentions, depends_on, create_before_destroy, source }
    }

    /// Its Terraform address.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

/// The arguments of a block that are not part of its body, sorted. No body has an argument of such a name.
pub(crate) const BESIDE_THE_BODY: [&str; 3] = ["//", "depends_on", "lifecycle"];

/// The arguments of a block that are not part of its body.
#[derive(Default)]
pub(in crate::model) struct Meta {
    pub(in crate::model) depends_on: BTreeSet<Address>,
    pub(in crate::model) create_before_destroy: bool,
}

/// Blocks in their order, with an index by address. A cell is added as a whole, so that a stack of many cells is put
/// together without copying their blocks.
#[derive(Default)]
pub(in crate::model) struct Nodes {
    own: List,
    /// The cells, which come after the stack's own blocks.
    cells: Vec<List>,
    /// The cell that has the blocks of a module.
    cell_of: HashMap<ModuleName, usize>,
}

#[derive(Default)]
struct List {
    nodes: Vec<Node>,
    /// The index by address. It is never iterated, so the order of the hash map has no effect.
    at: HashMap<Arc<str>, usize>,
}

impl List {
    fn get(&self, address: &Address) -> Option<&Node> {
        self.at.get(address.as_str()).map(|at| &self.nodes[*at])
    }
}

impl Nodes {
    /// The block at an address.
    pub(in crate::model) fn get(&self, address: &Address) -> Option<&Node> {
        self.own.get(address).or_else(|| {
            let cell = self.cell_of.get(&address.module())?;
            self.cells[*cell].get(address)
        })
    }

    /// All blocks.
    pub(in crate::model) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.own.nodes.iter().chain(self.cells.iter().flat_map(|it| &it.nodes))
    }

    /// Adds a block. Its address must be new.
    pub(in crate::model) fn push(&mut self, node: Node) {
        self.own.at.insert(node.address.text(), self.own.nodes.len());
        self.own.nodes.push(node);
    }

    /// Adds the blocks of a cell: all blocks of its modules.
    pub(in crate::model) fn absorb(
        &mut self,
        cell: Nodes,
        modules: impl IntoIterator<Item = ModuleName>,
    ) {
        debug_assert!(cell.cells.is_empty(), "a cell has no cells");
        let before = self.cells.len();
        self.cell_of.extend(modules.into_iter().map(|it| (it, before)));
        self.cells.push(cell.own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::BlockKind;

    #[test]
    fn the_blocks_of_a_cell_come_after_the_own_blocks() {
        let at = |module| {
            Address::new(ModuleName::new(module), BlockKind::Resource, "aws_sqs_queue", "orders")
        };
        let node = |module| {
            let body = Body::map([("name", "orders".into())]);
            Node::new(at(module), String::new(), body, Meta::default(), Location::caller())
        };
        let mut all = Nodes::default();
        all.push(node("a"));
        for name in ["b", "c"] {
            let mut cell = Nodes::default();
            cell.push(node(name));
            all.absorb(cell, [ModuleName::new(name)]);
        }
        let module = |it: &Node| it.address.module().as_str();
        assert!(all.iter().map(module).eq(["a", "b", "c"]));
        let found = ["a", "b", "c", "d"].map(|module| all.get(&at(module)).map(|it| &it.address));
        assert_eq!(found, [Some(&at("a")), Some(&at("b")), Some(&at("c")), None]);
    }
}
