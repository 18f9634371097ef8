//! The declarations of a topology about moved, removed and existing resources.

use std::panic::Location;

use function_contract::kind::{DeadLetterQueue, Queue, Table};

use super::{
    expr::BlockKind,
    key::{Key, KeyUser},
    name::{Id, ModuleName},
    place::{AccountId, Region},
    refactor::{At, Fate, Import, Move, Removal},
    stack::{Handle, Kind, Stack},
};

/// The import id of a resource of kind `K`.
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
    /// A queue, by its region, its account and its name.
    pub fn queue(region: Region, account: AccountId, name: &str) -> Self {
        Self::new(queue_url(region, account, name))
    }
}

impl<M: 'static> ImportId<DeadLetterQueue<M>> {
    /// A dead-letter queue, by its region, its account and its name.
    pub fn dead_letter_queue(region: Region, account: AccountId, name: &str) -> Self {
        Self::new(queue_url(region, account, name))
    }
}

fn queue_url(region: Region, account: AccountId, name: &str) -> String {
    let (region, account) = (region.as_str(), account.as_str());
    format!("https://sqs.{region}.amazonaws.com/{account}/{name}")
}

impl<U: KeyUser> ImportId<Key<U>> {
    /// A key, by its id.
    pub fn key(id: &str) -> Self {
        Self::new(id.to_owned())
    }
}

impl Stack {
    /// Declares that a resource has moved to another address. Use it for a resource without a name of its own in the
    /// topology; a named resource takes [`Id::was`](super::Id::was).
    #[track_caller]
    pub fn moved(&mut self, from: At, to: At) {
        let source = Location::caller();
        let (from, to) = (from.to_string(), to.to_string());
        self.refactoring.moves.push(Move { from, to, source });
    }

    /// Declares that a whole module has another name.
    #[track_caller]
    pub fn module_moved(&mut self, from: ModuleName, to: ModuleName) {
        let source = Location::caller();
        let [from, to] = [from, to].map(|it| format!("module.{}", it.as_str()));
        self.refactoring.moves.push(Move { from, to, source });
    }

    /// Declares that a resource is no longer in the topology.
    #[track_caller]
    pub fn removed(&mut self, at: At, fate: Fate) {
        let source = Location::caller();
        self.refactoring.removals.push(Removal { at, fate, source });
    }

    /// Imports an existing resource from AWS, so that Terraform does not create it.
    #[track_caller]
    pub fn import<K: Kind>(&mut self, to: &Handle<K>, id: ImportId<K>) {
        let (to, source) = (to.address().clone(), Location::caller());
        self.refactoring.imports.push(Import { to, id: id.id, source });
    }

    /// Every move, sorted, including the moves that follow from a new name.
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

    /// The moves of a renamed resource, and of the resources that were added with it under its name, such as a
    /// function's role, log and alias.
    ///
    /// Terraform ignores the move of an address that is not in the state, so other resources of the same name do no
    /// harm.
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
                // A resource with a longer name belongs to it if the same line of Rust added both.
                Some(behind) if behind.starts_with('_') && node.source == source => behind,
                _ => continue,
            };
            let mut to = node.address.to_string();
            // The newest former name first: each older name has moved to the next one.
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
