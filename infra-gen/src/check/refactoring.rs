//! What a stack says about other addresses, held against the addresses that it has.

use std::collections::{BTreeMap, BTreeSet};

use super::{Violation, line};
use crate::model::{BlockKind, Stack, refactor::Move};

/// Every broken rule.
pub(super) fn check(stack: &Stack) -> Vec<Violation> {
    let (moves, removals, imports) = (stack.moves(), stack.removals(), stack.imports());
    if moves.is_empty() && removals.is_empty() && imports.is_empty() {
        return Vec::new();
    }
    let resources = stack.nodes().filter(|it| it.address.kind() == BlockKind::Resource);
    let mut live: BTreeSet<String> = resources.map(|it| it.address.to_string()).collect();
    live.extend(stack.nodes().map(|it| format!("module.{}", it.address.module().as_str())));
    let mut found = moved(&moves, &live);
    for removal in removals {
        let at = removal.at.to_string();
        let both = moves.iter().any(|it| it.from == at);
        let problem = match (live.contains(&at), both) {
            (true, _) => "it is said to be removed, and the topology still adds it",
            (false, true) => "it is said to be removed, and to have moved",
            (false, false) => continue,
        };
        let fix = "take away the line that says so, or what contradicts it";
        let broken = Violation::new("ledger/removed-still-there", at, problem, fix);
        found.push(Violation { source: Some(line(removal.source)), ..broken });
    }
    for import in imports {
        let to = import.to.to_string();
        if !live.contains(&to) {
            let problem = "something is imported to it, and this stack does not add it";
            let fix = "use a handle that this stack gave out";
            let broken = Violation::new("ledger/import-nowhere", to, problem, fix);
            found.push(Violation { source: Some(line(import.source)), ..broken });
        }
    }
    found
}

fn moved(moves: &[Move], live: &BTreeSet<String>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut broken = |it: &Move, rule, problem: String, fix: &str| {
        let broken = Violation::new(rule, it.from.clone(), problem, fix);
        found.push(Violation { source: Some(line(it.source)), ..broken });
    };
    let mut from: BTreeMap<&str, &Move> = BTreeMap::new();
    let mut to: BTreeMap<&str, &Move> = BTreeMap::new();
    for it in moves {
        let earlier = from.insert(&it.from, it).or(to.insert(&it.to, it));
        if let Some(earlier) = earlier {
            let problem = format!(
                "it is said to have moved to {}, and {} to have moved to {}",
                it.to, earlier.from, earlier.to
            );
            let fix = "say one move for each old address and each new one; for a name before the last, list both in `was`, the oldest first";
            broken(it, "ledger/moved-twice", problem, fix);
        }
    }
    for it in moves {
        if live.contains(&it.from) {
            let problem = format!("it is said to have moved to {}, and it is still there", it.to);
            let fix = "take away the line that says so, or what still adds the old address";
            broken(it, "ledger/moved-still-there", problem, fix);
        }
        if kind(&it.from) != kind(&it.to) {
            let problem = format!("Terraform moves it to its own type only, not to {}", it.to);
            let fix = "say that the old one is removed, and let the new one be made";
            broken(it, "ledger/moved-type", problem, fix);
        }
        if !live.contains(&it.to) && !from.contains_key(it.to.as_str()) {
            let problem = format!("it is said to have moved to {}, which nothing adds", it.to);
            let fix = "name the address that it has now, or say that it is removed";
            broken(it, "ledger/moved-nowhere", problem, fix);
        }
        if leads_back(it, &from) {
            let problem = format!("it is said to have moved to {}, and back", it.to);
            let fix = "say only where it is now";
            broken(it, "ledger/moved-twice", problem, fix);
        }
    }
    found
}

/// The type in an address, or none where it is a module's.
fn kind(address: &str) -> Option<&str> {
    address.split('.').nth(2)
}

fn leads_back(start: &Move, from: &BTreeMap<&str, &Move>) -> bool {
    let next = |it: &&Move| from.get(it.to.as_str()).copied();
    // A way without a circle is at most as long as there are moves.
    let way = std::iter::successors(Some(start), next).skip(1).take(from.len());
    way.into_iter().any(|it| it.from == start.from)
}
