//! Where each block of a stack stands.

use foldhash::HashMap;

use super::{address::Address, name::ModuleName};

/// Places in a list of blocks, by address. It is only looked into, never gone through: the order is that
/// of the list.
#[derive(Default)]
pub(in crate::model) struct Index {
    own: HashMap<Address, usize>,
    /// What came in as a whole, each with the place where its list begins.
    parts: Vec<(usize, Index)>,
    /// The part that has the blocks of a module.
    part_of: HashMap<ModuleName, usize>,
}

impl Index {
    /// Where a block stands.
    pub(in crate::model) fn get(&self, address: &Address) -> Option<usize> {
        if let Some(at) = self.own.get(address) {
            return Some(*at);
        }
        let (begin, part) = &self.parts[*self.part_of.get(&address.module())?];
        Some(begin + part.get(address)?)
    }

    /// Adds a block that stands at a place.
    pub(in crate::model) fn insert(&mut self, address: Address, at: usize) {
        self.own.insert(address, at);
    }

    /// Takes in another index, whose list begins at a place of this one's, with all blocks of its modules.
    pub(in crate::model) fn absorb(
        &mut self,
        begin: usize,
        part: Index,
        modules: impl IntoIterator<Item = ModuleName>,
    ) {
        let at = self.parts.len();
        self.part_of.extend(modules.into_iter().map(|it| (it, at)));
        self.parts.push((begin, part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::BlockKind;

    #[test]
    fn what_came_in_as_a_whole_stands_behind_what_was_there() {
        let at = |module| {
            Address::new(ModuleName::new(module), BlockKind::Resource, "aws_sqs_queue", "orders")
        };
        let (mut all, mut inner, mut outer) =
            (Index::default(), Index::default(), Index::default());
        inner.insert(at("c"), 1);
        outer.insert(at("b"), 0);
        outer.absorb(1, inner, [ModuleName::new("c")]);
        all.insert(at("a"), 0);
        all.absorb(1, outer, ["b", "c"].map(ModuleName::new));
        let found = ["a", "b", "c", "d"].map(|module| all.get(&at(module)));
        assert_eq!(found, [Some(0), Some(1), Some(3), None]);
    }
}
