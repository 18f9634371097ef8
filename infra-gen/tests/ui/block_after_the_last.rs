//! A block added to a stack that is finished.

use infra_core::model::{Module, ModuleName, stack::Finished};

fn wrong(finished: &mut Finished, name: ModuleName) -> Module<'_> {
    finished.module(name)
}

fn main() {}
