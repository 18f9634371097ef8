//! What a topology says of other addresses: what moved, what is gone, what AWS has already.

use std::panic::Location;

use contracts::kind::{Queue, Table};

use super::{
    expr::BlockKind,
    key::{Key, KeyUser},
    name::{Id, ModuleName},
    place::{AccountId, Region},
    refactor::{At, Fate, Import, Move, Removal},
    stack::{Handle, Kind, Stack},
};

/// What AWS calls a thing of kind `K`, for taking it into a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportId<K> {
    id: String,
    _tag: std::marker::PhantomData<fn() -> K>,
}

impl<K> ImportId<K> {
    fn new(id: String) -> Self {
        ImportId { id, _tag: std::marker::PhantomData }
    }
}

impl<I: 'static> ImportId<Table<I>> {
    /// A table, by its name.
    pub fn table(name: &str) -> Self {
        Self::new(name.to_owned())
    }
}

impl<M: 'static> ImportId<Queue<M>> {
    /// A queue, by where it is and its name.
    pub fn queue(region: Region, account: AccountId, name: &str) -> Self {
        let (region, account) = (region.as_str(), account.as_str());
        Self::new(format!("https://sqs.{region}.amazonaws.com/{account}/{name}"))
    }
}

impl<U: KeyUser> ImportId<Key<U>> {
    /// A key, by its id.
    pub fn key(id: &str) -> Self {
        Self::new(id.to_owned())
    }
}

impl Stack {
    /// A resource has another address now, and nothing else changes. For what has no name of its
    /// own in the topology; a name takes [`Id::was`](super::Id::was).
    #[track_caller]
    pub fn moved(&mut self, from: At, to: At) {
        let source = Location::caller();
        let (from, to) = (from.to_string(), to.to_string());
        self.refactoring.moves.push(Move { from, to, source });
    }

    /// A whole module has another name now.
    #[track_caller]
    pub fn module_moved(&mut self, from: ModuleName, to: ModuleName) {
        let source = Location::caller();
        let [from, to] = [from, to].map(|it| format!("module.{}", it.as_str()));
        self.refactoring.moves.push(Move { from, to, source });
    }

    /// A resource is in the topology no longer.
    #[track_caller]
    pub fn removed(&mut self, at: At, fate: Fate) {
        let source = Location::caller();
        self.refactoring.removals.push(Removal { at, fate, source });
    }

    /// Takes what AWS has already instead of making it.
    #[track_caller]
    pub fn import<K: Kind>(&mut self, to: &Handle<K>, id: ImportId<K>) {
        let (to, source) = (to.address().clone(), Location::caller());
        self.refactoring.imports.push(Import { to, id: id.id, source });
    }

    /// Every move, sorted, those that follow from a new name included.
    pub fn moves(&self) -> Vec<Move> {
        let mut moves = self.refactoring.moves.clone();
        for (module, id, source) in &self.refactoring.renames {
            moves.extend(self.moves_of(*module, *id, source));
        }
        moves.sort();
        moves.dedup_by(|a, b| (&a.from, &a.to) == (&b.from, &b.to));
        moves
    }

    /// Every removal, sorted.
    pub fn removals(&self) -> Vec<Removal> {
        let mut removals = self.refactoring.removals.clone();
        removals.sort();
        removals
    }

    /// Every import, sorted.
    pub fn imports(&self) -> Vec<Import> {
        let mut imports = self.refactoring.imports.clone();
        imports.sort();
        imports
    }

    /// The moves of a renamed resource, and of what was added with it under its name: a function's
    /// role, its log, its alias.
    ///
    /// A move of what was never there does nothing, so what else has the same name does no harm.
    fn moves_of(
        &self,
        module: ModuleName,
        id: Id,
        source: &'static Location<'static>,
    ) -> Vec<Move> {
        let mut moves = Vec::new();
        let resources = self
            .nodes()
            .filter(|it| it.address.module() == module && it.address.kind() == BlockKind::Resource);
        for node in resources {
            let behind = match node.address.name().strip_prefix(id.name()) {
                Some("") => "",
                // What has a longer name belongs to it where the same line has added it.
                Some(behind) if behind.starts_with('_') && node.source == source => behind,
                _ => continue,
            };
            let mut to = node.address.to_string();
            // The last name first: each older one has moved to the one after it.
            for was in id.former().iter().rev() {
                let old_module = was.module.unwrap_or(module).as_str();
                let tf_type = node.address.tf_type();
                let from = format!("module.{old_module}.{tf_type}.{}{behind}", was.name);
                moves.push(Move { from: from.clone(), to, source });
                to = from;
            }
        }
        moves
    }
}
