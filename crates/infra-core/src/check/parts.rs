//! Splits a stack into parts without references between them.
//!
//! Rules follow references only, so each part can be checked alone: in parallel, and with the memory that one part
//! needs. An environment of DOFS is one part. A stack of cells has one part for each cell.

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::model::{ModuleName, Stack, policy::Rule, stack::Node};

/// A part of a stack.
#[derive(Default)]
pub(super) struct Part<'s> {
    /// Its blocks.
    pub(super) nodes: Vec<&'s Node>,
    /// Its suppressions.
    pub(super) aside: BTreeSet<(Rule, String)>,
}

/// Every part of a stack. There is at least one. The first part also has suppressions for blocks that do not exist.
pub(super) fn parts(stack: &Stack) -> Vec<Part<'_>> {
    let of_module = joined(stack);
    let mut at: HashMap<usize, usize> = HashMap::default();
    let mut parts = vec![Part::default()];
    let mut part_of = |module: ModuleName, parts: &mut Vec<Part<'_>>| {
        let Some(group) = of_module.get(&module) else { return 0 };
        let next = at.len();
        let part = *at.entry(*group).or_insert(next);
        if part == parts.len() {
            parts.push(Part::default());
        }
        part
    };
    // Most blocks follow a block of the same module, so the last lookup is kept.
    let mut last = None;
    for node in stack.nodes() {
        let module = node.address.module();
        let part = match last {
            Some((same, part)) if same == module => part,
            _ => part_of(module, &mut parts),
        };
        last = Some((module, part));
        parts[part].nodes.push(node);
    }
    for suppression in stack.suppressions() {
        for address in suppression.on() {
            let part = part_of(address.module(), &mut parts);
            parts[part].aside.insert((suppression.rule(), address.to_string()));
        }
    }
    parts
}

/// A number for each module. Modules that refer to each other, directly or through others, get the same number.
///
/// This is a disjoint-set forest (union-find).
fn joined(stack: &Stack) -> HashMap<ModuleName, usize> {
    let mut numbers: HashMap<ModuleName, usize> = HashMap::default();
    // The parent of each number: a smaller number of the same set, or the number itself if it is the root.
    let mut leads: Vec<usize> = Vec::new();
    let mut number = |module, leads: &mut Vec<usize>| {
        let next = leads.len();
        let number = *numbers.entry(module).or_insert(next);
        if number == next {
            leads.push(next);
        }
        number
    };
    for (from, to) in stack.links() {
        let (here, there) = (number(*from, &mut leads), number(*to, &mut leads));
        let (a, b) = (end(&mut leads, here), end(&mut leads, there));
        leads[a.max(b)] = a.min(b);
    }
    for node in stack.nodes() {
        number(node.address.module(), &mut leads);
    }
    numbers.into_iter().map(|(module, it)| (module, end(&mut leads, it))).collect()
}

fn end(leads: &mut [usize], mut at: usize) -> usize {
    while leads[at] != at {
        // Path halving makes the next lookup shorter.
        leads[at] = leads[leads[at]];
        at = leads[at];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            Handle,
            key::{Key, Logs},
            limits::KeyDeletionWindow,
            place::Scope,
        },
        resource, thumbnails,
    };

    /// A stack of cells with a key each.
    fn cells(names: &[&'static str]) -> impl std::ops::Deref<Target = Stack> {
        let scope = Scope {
            accounts: vec![thumbnails::ACCOUNT],
            region: thumbnails::REGION,
            prefix: "cells".to_owned(),
            tags: Default::default(),
        };
        Stack::of_cells(&scope, names, |stack| {
            let _: Handle<Key<Logs>> = stack.module(ModuleName::new("keys")).key(
                resource!(
                    /// Encrypts the data of one cell.
                    "data"
                ),
                KeyDeletionWindow::new(30),
            );
        })
    }

    #[test]
    fn an_environment_is_one_part_and_each_cell_another() {
        fn check(stack: &Stack, expected: usize) {
            let parts = parts(stack);
            assert_eq!(parts.len(), expected);
            assert!(parts.iter().all(|it| !it.nodes.is_empty()));
            assert_eq!(parts.iter().map(|it| it.nodes.len()).sum::<usize>(), stack.nodes().count());
            let aside: usize = stack.suppressions().iter().map(|it| it.on().len()).sum();
            assert_eq!(parts.iter().map(|it| it.aside.len()).sum::<usize>(), aside);
        }
        check(&thumbnails::thumbnails(), 1);
        check(&cells(&["a", "b", "c"]), 3);
    }
}
