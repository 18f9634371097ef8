//! Cells: the same topology several times in one root, each time with its own names and modules.
//!
//! A cell serves a part of the customers, so a failure in a cell affects only that part.
//! <https://docs.aws.amazon.com/wellarchitected/latest/reducing-scope-of-impact-with-cell-based-architecture/>

use std::collections::BTreeMap;

use super::{
    name::ModuleName,
    place::Scope,
    role,
    stack::{Finished, Stack},
};
use crate::parallel;

/// The names of a cell.
#[derive(Debug)]
pub(in crate::model) struct Cell {
    name: &'static str,
    modules: BTreeMap<ModuleName, ModuleName>,
}

impl Cell {
    pub(in crate::model) fn named(&self, name: &str) -> &'static str {
        // The name is leaked: a process makes few cells, and needs their names until it ends.
        Box::leak(format!("{name}_{}", self.name).into_boxed_str())
    }

    /// The modules of the cell.
    pub(in crate::model) fn modules(&self) -> impl Iterator<Item = ModuleName> {
        self.modules.values().copied()
    }

    pub(in crate::model) fn module(&mut self, name: ModuleName) -> ModuleName {
        if let Some(known) = self.modules.get(&name) {
            return *known;
        }
        let own = ModuleName::new(self.named(name.as_str()));
        self.modules.insert(name, own);
        own
    }
}

impl Stack {
    /// A stack of cells: `add` adds the same resources to each of them. A resource `orders` is `<prefix>-<cell>-orders`
    /// in AWS, a module `sqs` becomes `sqs_<cell>`, and an output `url` becomes `url_<cell>`. A cell cannot refer to
    /// another one, because it has no handles of it.
    ///
    /// # Panics
    ///
    /// If the name of a cell is not a word of lower-case letters and digits.
    pub fn of_cells(
        scope: &Scope,
        cells: &[&'static str],
        add: impl Fn(&mut Stack) + Sync,
    ) -> Finished {
        let built = parallel::few(cells, usize::MAX, |name| {
            let prefix = format!("{}-{name}", scope.prefix);
            let mut stack = Stack::new(Scope { prefix, ..scope.clone() });
            stack.cell = Some(Cell { name, modules: BTreeMap::new() });
            add(&mut stack);
            role::add_policies(&mut stack);
            stack
        });
        let mut all = Stack::new(scope.clone());
        for cell in built {
            all.absorb(cell);
        }
        Finished(all)
    }
}
