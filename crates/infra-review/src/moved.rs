//! Follows `moved` blocks from one address to the next.
//!
//! <https://developer.hashicorp.com/terraform/language/modules/develop/refactoring>

use std::collections::{BTreeMap, BTreeSet};

/// The old and the new addresses of the blocks that `moves` lead to an address in `after`.
///
/// Moves apply as in Terraform: a move to an address applies before a move away from it, in whatever order they are
/// written, and no block moves to an occupied address.
pub(super) fn steps<'a, B>(
    moves: &[(String, String)],
    there: impl Iterator<Item = &'a String>,
    after: &BTreeMap<String, B>,
) -> Vec<(String, String)> {
    // The current address of each block, and its first address.
    let mut now: BTreeMap<String, String> = there.map(|it| (it.clone(), it.clone())).collect();
    for (from, to) in in_order(moves) {
        let moving: Vec<String> =
            now.keys().filter(|it| within(from, it).is_some()).cloned().collect();
        for old in moving {
            let new = format!("{to}{}", within(from, &old).unwrap_or_default());
            if !now.contains_key(&new)
                && let Some(began) = now.remove(&old)
            {
                now.insert(new, began);
            }
        }
    }
    let moved = now.into_iter().filter(|(new, began)| new != began && after.contains_key(new));
    moved.map(|(new, began)| (began, new)).collect()
}

/// The rest of `address` after `outer`, if `address` is `outer` or is inside it.
fn within<'a>(outer: &str, address: &'a str) -> Option<&'a str> {
    address.strip_prefix(outer).filter(|it| it.is_empty() || it.starts_with('.'))
}

/// The moves in the order in which they apply: each after those that lead to its source.
fn in_order(moves: &[(String, String)]) -> Vec<&(String, String)> {
    let mut rest: BTreeSet<usize> = (0..moves.len()).collect();
    let mut ordered = Vec::new();
    while !rest.is_empty() {
        let leads = |to: usize, from: usize| {
            let (to, from) = (&moves[to].1, &moves[from].0);
            within(to, from).is_some() || within(from, to).is_some()
        };
        let is_first = |it: &usize| !rest.iter().any(|other| other != it && leads(*other, *it));
        // A cycle of moves has no first one. Terraform refuses it.
        let Some(next) = rest.iter().copied().find(is_first) else { break };
        rest.remove(&next);
        ordered.push(&moves[next]);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_moves_are_followed_to_their_end() {
        #[track_caller]
        fn check(
            moves: &[(&str, &str)],
            before: &[&str],
            after: &[&str],
            expected: &[(&str, &str)],
        ) {
            let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
            let moves: Vec<_> = moves.iter().map(own).collect();
            let before: Vec<_> = before.iter().map(|it| (*it).to_owned()).collect();
            let after = after.iter().map(|it| ((*it).to_owned(), ())).collect();
            let expected: Vec<_> = expected.iter().map(own).collect();
            assert_eq!(steps(&moves, before.iter(), &after), expected);
        }
        check(&[("a", "b")], &["a"], &["b"], &[("a", "b")]);
        check(&[("a", "b"), ("b", "c")], &["a"], &["c"], &[("a", "c")]);
        check(&[("b", "c"), ("a", "b")], &["a"], &["c"], &[("a", "c")]);
        check(&[("b", "c"), ("a", "b")], &["b"], &["c"], &[("b", "c")]);
        check(&[("a", "b"), ("b", "c")], &["a"], &["b"], &[]);
        check(&[("a", "b"), ("b", "a")], &["a"], &["b"], &[]);
        // A block does not move to an occupied address.
        check(&[("a", "b")], &["a", "b"], &["b"], &[]);
        check(&[("a", "b")], &["ab"], &["bb"], &[]);
        // A module moves with its blocks, and then one of its blocks moves.
        check(
            &[("module.m", "module.n"), ("module.n.x", "module.n.y")],
            &["module.m.x", "module.m.z"],
            &["module.n.y", "module.n.z"],
            &[("module.m.x", "module.n.y"), ("module.m.z", "module.n.z")],
        );
    }
}
