//! Moves, removals and imports: declarations about resources that Terraform's state has under another address, or not
//! yet.
//!
//! Terraform destroys a resource that is no longer in its files. So a generated address may disappear only if the
//! topology declares what became of it: with [`Id::was`](super::Id::was) at the new name, or with one of these
//! declarations.
//!
//! <https://developer.hashicorp.com/terraform/language/modules/develop/refactoring>

use std::{fmt, panic::Location};

use super::{
    expr::Address,
    name::{Id, ModuleName, check_local_address},
};

/// The address of a resource that the topology need not have: `SQS.at("aws_sqs_queue.orders")`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    module: ModuleName,
    local: &'static str,
}

impl ModuleName {
    /// A resource of this module, by its type and name. Use it in a `const`, where a wrong address does not compile.
    ///
    /// # Panics
    ///
    /// If the text is not a type of the AWS provider, a dot and a name.
    #[track_caller]
    pub const fn at(self, local: &'static str) -> At {
        check_local_address(local);
        At { module: self, local }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module.{}.{}", self.module.as_str(), self.local)
    }
}

/// The fate of a resource that the topology no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Terraform destroys it, with all its data.
    Destroyed,
    /// Terraform forgets it, and it stays in AWS.
    Kept,
}

/// A move, with whole addresses: `module.…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The former address.
    pub from: String,
    /// The present address.
    pub to: String,
    /// The line of Rust that declares it.
    pub(crate) source: &'static Location<'static>,
}

/// A removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removal {
    /// The address of the removed resource.
    pub at: At,
    /// The fate of the resource.
    pub fate: Fate,
    /// The line of Rust that declares it.
    pub(crate) source: &'static Location<'static>,
}

/// An import: a resource that exists in AWS, and is not in the state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The address that it is imported to.
    pub to: Address,
    /// Its import id.
    pub id: String,
    /// The line of Rust that declares it.
    pub(crate) source: &'static Location<'static>,
}

/// All moves, removals and imports of a stack.
#[derive(Debug, Default)]
pub(in crate::model) struct Refactoring {
    pub(super) renames: Vec<(ModuleName, Id, &'static Location<'static>)>,
    pub(super) moves: Vec<Move>,
    pub(super) removals: Vec<Removal>,
    pub(super) imports: Vec<Import>,
}

impl Refactoring {
    pub(in crate::model) fn rename(
        &mut self,
        module: ModuleName,
        id: Id,
        source: &'static Location<'static>,
    ) {
        let known = |it: &&(ModuleName, Id, _)| it.0 == module && it.1.name() == id.name();
        if !id.former().is_empty() && self.renames.iter().find(known).is_none() {
            self.renames.push((module, id, source));
        }
    }

    pub(in crate::model) fn absorb(&mut self, other: Refactoring) {
        self.renames.extend(other.renames);
        self.moves.extend(other.moves);
        self.removals.extend(other.removals);
        self.imports.extend(other.imports);
    }
}
