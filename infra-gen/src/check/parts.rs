//! The parts of a stack that mention nothing of each other.
//!
//! Whatever a rule follows, it follows along mentions, so each part can be judged by itself: on a core
//! of its own, and with the memory that one part needs. An environment of DOFS is one part; a stack of
//! cells has one for each.

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::model::{ModuleName, Stack, policy::Rule, stack::Node};

/// A part.
#[derive(Default)]
pub(super) struct Part<'s> {
    /// Its blocks.
    pub(super) nodes: Vec<&'s Node>,
    /// What is set aside in it.
    pub(super) aside: BTreeSet<(Rule, String)>,
}

/// Every part. There is at least one, which also has what is set aside for blocks that are nowhere.
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
    // Blocks of a module come one behind the other, most of them.
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

/// Modules that mention each other, at whatever distance, have the same number.
fn joined(stack: &Stack) -> HashMap<ModuleName, usize> {
    let mut numbers: HashMap<ModuleName, usize> = HashMap::default();
    // What stands at a number leads to a smaller one with the same modules, or to itself.
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
        // The next one who asks has half the way.
        leads[at] = leads[leads[at]];
        at = leads[at];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Environment, topology};

    #[test]
    fn an_environment_is_one_part_and_each_cell_another() {
        fn check(stack: &Stack, expected: usize) {
            let parts = parts(stack);
            assert_eq!(parts.len(), expected);
            assert!(parts.iter().all(|it| it.nodes.len() > 50));
            assert_eq!(parts.iter().map(|it| it.nodes.len()).sum::<usize>(), stack.nodes().count());
            let aside: usize = stack.suppressions().iter().map(|it| it.on().len()).sum();
            assert_eq!(parts.iter().map(|it| it.aside.len()).sum::<usize>(), aside);
        }
        check(&topology::dofs(Environment::Prod), 1);
        check(&topology::cells(Environment::Prod, &["a", "b", "c"]), 3);
    }
}
