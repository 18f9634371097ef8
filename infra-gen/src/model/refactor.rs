//! What states remember under another address: moves, removals, imports.
//!
//! Terraform destroys what is no longer in its files. So an address that was once generated leaves
//! only where the topology says what became of it: [`Id::was`](super::Id::was) behind a new name,
//! or one of the calls here.
//!
//! <https://developer.hashicorp.com/terraform/language/modules/develop/refactoring>

use std::{fmt, panic::Location};

use super::{
    expr::Address,
    name::{Id, ModuleName, check_local_address},
};

/// The address of a resource that may be gone: `SQS.at("aws_sqs_queue.orders")`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    module: ModuleName,
    local: &'static str,
}

impl ModuleName {
    /// A resource of this module, by its type and name. Meant for a `const`: there, what is no
    /// address does not compile.
    ///
    /// # Panics
    ///
    /// Where it is not a type of AWS's provider, a dot and a name.
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

/// What becomes of a resource that is in the topology no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Terraform destroys it, with all that it holds.
    Destroyed,
    /// It stays in AWS, and Terraform forgets it.
    Kept,
}

/// A move, whole: each address is `module.…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// What states call it that have not seen the move.
    pub from: String,
    /// What it is called now.
    pub to: String,
    /// The line that says so.
    pub(crate) source: &'static Location<'static>,
}

/// A removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removal {
    /// What is gone.
    pub at: At,
    /// What becomes of it.
    pub fate: Fate,
    /// The line that says so.
    pub(crate) source: &'static Location<'static>,
}

/// Something that AWS has and the state does not yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// Where it goes.
    pub to: Address,
    /// What AWS calls it.
    pub id: String,
    /// The line that says so.
    pub(crate) source: &'static Location<'static>,
}

/// All that a stack says about other addresses.
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
