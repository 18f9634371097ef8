//! Checks the moves, removals and imports of a stack against its addresses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Violation, line};
use crate::model::{BlockKind, Stack, refactor::Move};

/// Every violation of these rules.
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
            (true, _) => "it is declared as removed, but the topology still adds it",
            (false, true) => "it is declared as removed, and also as moved",
            (false, false) => continue,
        };
        let fix = "delete the line that declares the removal, or the one that contradicts it";
        let broken = Violation::new("ledger/removed-still-there", at, problem, fix);
        found.push(Violation { source: Some(line(removal.source)), ..broken });
    }
    for import in imports {
        let to = import.to.to_string();
        if !live.contains(&to) {
            let problem = "a resource is imported to this address, but this stack does not add it";
            let fix = "use a handle of this stack";
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
                "it is declared as moved to {}, and {} as moved to {}",
                it.to, earlier.from, earlier.to
            );
            let fix = "declare one move for each old and each new address; list several former names in one `was`, the oldest first";
            broken(it, "ledger/moved-twice", problem, fix);
        }
    }
    for it in moves {
        if live.contains(&it.from) {
            let problem = format!(
                "it is declared as moved to {}, but the topology still adds the old address",
                it.to
            );
            let fix = "delete the line that declares the move, or the resource at the old address";
            broken(it, "ledger/moved-still-there", problem, fix);
        }
        if kind(&it.from) != kind(&it.to) {
            let problem = format!("Terraform cannot move it to another type, {}", it.to);
            let fix = "declare the old resource as removed, and let Terraform create the new one";
            broken(it, "ledger/moved-type", problem, fix);
        }
        if !live.contains(&it.to) && !from.contains_key(it.to.as_str()) {
            let problem = format!(
                "it is declared as moved to {}, but the topology does not add that address",
                it.to
            );
            let fix = "name its present address, or declare it as removed";
            broken(it, "ledger/moved-nowhere", problem, fix);
        }
        if leads_back(it, &from) {
            let problem = format!("it is declared as moved to {}, and back", it.to);
            let fix = "declare only the move to its present address";
            broken(it, "ledger/moved-twice", problem, fix);
        }
    }
    found
}

/// The type in an address. `None` for the address of a module.
fn kind(address: &str) -> Option<&str> {
    address.split('.').nth(2)
}

fn leads_back(start: &Move, from: &BTreeMap<&str, &Move>) -> bool {
    let next = |it: &&Move| from.get(it.to.as_str()).copied();
    // A chain without a cycle has at most as many links as there are moves.
    let way = std::iter::successors(Some(start), next).skip(1).take(from.len());
    way.into_iter().any(|it| it.from == start.from)
}
