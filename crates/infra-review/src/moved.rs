//! Where blocks move, from one address to the next.
//!
//! <https://developer.hashicorp.com/terraform/language/modules/develop/refactoring>

use std::collections::{BTreeMap, BTreeSet};

/// Old and new addresses of the blocks that `moves` lead to one of those that there will be.
///
/// Moves are taken as Terraform takes them: one into an address comes before the one out of it, whatever
/// the order in which they are written, and nothing moves onto what is there.
pub(super) fn steps<'a, B>(
    moves: &[(String, String)],
    there: impl Iterator<Item = &'a String>,
    after: &BTreeMap<String, B>,
) -> Vec<(String, String)> {
    // Where each block is now, and where it began.
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

/// What stands behind an address, where another one is it or lies in it.
fn within<'a>(outer: &str, address: &'a str) -> Option<&'a str> {
    address.strip_prefix(outer).filter(|it| it.is_empty() || it.starts_with('.'))
}

/// Each move behind those that lead to where it begins.
fn in_order(moves: &[(String, String)]) -> Vec<&(String, String)> {
    let mut rest: BTreeSet<usize> = (0..moves.len()).collect();
    let mut ordered = Vec::new();
    while !rest.is_empty() {
        let leads = |to: usize, from: usize| {
            let (to, from) = (&moves[to].1, &moves[from].0);
            within(to, from).is_some() || within(from, to).is_some()
        };
        let is_first = |it: &usize| !rest.iter().any(|other| other != it && leads(*other, *it));
        // Moves in a circle have no first one. Terraform refuses them.
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
    fn chains_end_where_they_lead() {
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
        // What is there is not moved onto.
        check(&[("a", "b")], &["a", "b"], &["b"], &[]);
        check(&[("a", "b")], &["ab"], &["bb"], &[]);
        // A module with what is in it, and a block of it.
        check(
            &[("module.m", "module.n"), ("module.n.x", "module.n.y")],
            &["module.m.x", "module.m.z"],
            &["module.n.y", "module.n.z"],
            &[("module.m.x", "module.n.y"), ("module.m.z", "module.n.z")],
        );
    }
}
