//! The ledger: every address that a Terraform state of a root may contain, one in a line, committed with the root.
//!
//! Terraform destroys a resource that is no longer in its files, so an undeclared rename loses data. An address may leave
//! the topology only if the topology declares what became of it: moved, destroyed or kept. The lines are sorted, so two
//! branches that add resources merge without a conflict, and `--check` compares the file like every other generated
//! file.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    model::{Address, BlockKind, Stack, refactor::Fate},
    violation::Violation,
};

/// The file's name inside a root.
pub const FILE: &str = "addresses.txt";

const HEAD: &str = "\
# Every address that a Terraform state of this root may hold, and what became of it. Generated. A line goes only after
# every state has been applied without it.
";

/// The beginning of the line with the place of the root.
const ROOT: &str = "root ";

/// The fate of an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Became {
    /// It exists: the topology has it.
    Live,
    /// It moved to another address.
    Moved(String),
    /// Terraform destroyed it.
    Destroyed,
    /// Terraform forgot it, and AWS keeps it.
    Kept,
}

/// Every address with its fate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The accounts, the region and the prefix of the names in AWS. `None` in a ledger of an earlier version.
    place: Option<String>,
    lines: BTreeMap<Arc<str>, Became>,
}

impl Ledger {
    /// The ledger of a stack.
    pub fn of(stack: &Stack) -> Self {
        let modules = stack.by_module().into_iter().flat_map(|(_, nodes)| {
            let resources = nodes.into_iter().map(|it| &it.address);
            let resources = resources.filter(|it| it.kind() == BlockKind::Resource);
            // Sorted per module, all addresses are sorted, which builds the map quickly: no character of a module or
            // type is less than the dot.
            let mut sorted: Vec<_> = resources.map(Address::text).collect();
            sorted.sort_unstable();
            sorted
        });
        let mut lines: BTreeMap<_, _> = modules.map(|it| (it, Became::Live)).collect();
        // A removed address that the stack still adds is a violation of its own (`check/refactoring.rs`).
        for removal in stack.removals() {
            let became = match removal.fate {
                Fate::Destroyed => Became::Destroyed,
                Fate::Kept => Became::Kept,
            };
            lines.entry(removal.at.to_string().into()).or_insert(became);
        }
        for it in stack.moves() {
            lines.entry(it.from.into()).or_insert(Became::Moved(it.to));
        }
        let scope = stack.scope();
        let accounts: Vec<&str> = scope.account_ids().collect();
        let place = format!("{} {} {}", accounts.join(","), scope.region.as_str(), scope.prefix);
        Ledger { place: Some(place), lines }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        // The capacity is for addresses alone. Few lines have more, and the text grows for them.
        let room = self.lines.keys().map(|it| it.len() + 1).sum::<usize>() + HEAD.len();
        let mut text = String::with_capacity(room);
        text.push_str(HEAD);
        if let Some(place) = &self.place {
            text.extend([ROOT, place, "\n"]);
        }
        for (address, became) in &self.lines {
            text.push_str(address);
            match became {
                Became::Live => (),
                Became::Moved(to) => text.extend([" -> ", to]),
                Became::Destroyed => text.push_str(" destroyed"),
                Became::Kept => text.push_str(" kept"),
            }
            text.push('\n');
        }
        text
    }

    /// Reads a ledger.
    ///
    /// # Errors
    ///
    /// The lines that are not valid, with their numbers.
    pub fn parse(text: &str) -> Result<Self, Vec<(usize, String)>> {
        let (mut place, mut lines, mut wrong) = (None, BTreeMap::new(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with("# ") {
                continue;
            }
            if let (Some(it), None) = (line.strip_prefix(ROOT), &place) {
                place = Some(it.to_owned());
                continue;
            }
            match entry(line) {
                // A merge may keep the lines of both sides. The line that says what became of the address counts.
                Some((address, became)) => {
                    let known: &mut Became = lines.entry(address.into()).or_insert(Became::Live);
                    if became > *known {
                        *known = became;
                    }
                }
                None => wrong.push((at + 1, line.to_owned())),
            }
        }
        if wrong.is_empty() { Ok(Ledger { place, lines }) } else { Err(wrong) }
    }

    /// The present address after all moves, including those of its module. `None` if it has not moved.
    pub(crate) fn now(&self, address: &str) -> Option<String> {
        let mut now = address.to_owned();
        // A chain of moves without a cycle is not longer than the ledger.
        for _ in 0..=self.lines.len() {
            let mut words = now.splitn(3, '.');
            let module = [words.next()?, words.next()?].join(".");
            now = match (self.lines.get(now.as_str()), self.lines.get(module.as_str())) {
                (Some(Became::Moved(to)), _) => to.clone(),
                (None, Some(Became::Moved(to))) => format!("{to}{}", &now[module.len()..]),
                _ => break,
            };
        }
        (now != address).then_some(now)
    }

    fn is_accounted_for(&self, address: &str) -> bool {
        let now = self.now(address);
        let end = now.as_deref().unwrap_or(address);
        self.lines.contains_key(end) || now.is_some_and(|it| self.is_module(&it))
    }

    fn is_module(&self, address: &str) -> bool {
        address.split('.').count() == 2
    }
}

/// Reads a line: an address, and what became of it.
fn entry(line: &str) -> Option<(String, Became)> {
    let (address, became) = match line.split_once(' ') {
        None => (line, Became::Live),
        Some((address, "destroyed")) => (address, Became::Destroyed),
        Some((address, "kept")) => (address, Became::Kept),
        Some((address, rest)) => {
            let to = rest.strip_prefix("-> ").filter(|it| is_address(it))?;
            (address, Became::Moved(to.to_owned()))
        }
    };
    is_address(address).then(|| (address.to_owned(), became))
}

/// `module.sqs.aws_sqs_queue.orders`, or `module.sqs`.
fn is_address(text: &str) -> bool {
    let words: Vec<_> = text.split('.').collect();
    let letter = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
    let word = |it: &&str| !it.is_empty() && it.chars().all(letter);
    words[0] == "module" && matches!(words.len(), 2 | 4) && words.iter().all(word)
}

/// Every address of the committed ledger at `path` that the topology neither has nor declares as moved or removed:
/// Terraform would destroy it. Also a change of the account, the region or the prefix of the names.
pub fn check(path: &str, committed: &str, now: &Ledger) -> Vec<Violation> {
    let before = match Ledger::parse(committed) {
        Ok(it) => it,
        Err(wrong) => return wrong.into_iter().map(|(at, it)| unreadable(path, at, &it)).collect(),
    };
    let gone = before.lines.iter().filter(|(address, _)| !now.is_accounted_for(address));
    let mut found: Vec<_> = gone
        .map(|(address, became)| match became {
            Became::Live => vanished(path, address, &before, now),
            became => forgotten(path, address, became),
        })
        .collect();
    found.extend(elsewhere(path, &before, now));
    found.sort();
    found
}

/// The violation, if the root is in another place: no state and no resource goes with it.
fn elsewhere(path: &str, before: &Ledger, now: &Ledger) -> Option<Violation> {
    let (was, is) = (before.place.as_ref()?, now.place.as_ref()?);
    (was != is).then(|| {
        Violation::new(
            "ledger/elsewhere",
            path,
            format!(
                "the account, region and prefix of its names were {was}, and are {is}: Terraform would create every \
                 resource again, without its data"
            ),
            format!("restore them; or, if a new root is meant, delete the line `{ROOT}{was}` from {path}"),
        )
    })
}

fn unreadable(path: &str, at: usize, line: &str) -> Violation {
    Violation::new(
        "ledger/unreadable",
        format!("{path}:{at}"),
        format!("this is not a line of a ledger: {line}"),
        "after a merge conflict, keep the lines of both branches, delete the conflict markers, and run infra-gen again",
    )
}

fn vanished(path: &str, address: &str, before: &Ledger, now: &Ledger) -> Violation {
    let words: Vec<_> = address.splitn(4, '.').collect();
    // The address of a live resource has four parts; that of a module has two.
    let [_, module, tf_type, name] = words[..] else {
        return forgotten(path, address, &Became::Live);
    };
    let constant = module.to_uppercase();
    let new: BTreeSet<_> = now
        .lines
        .iter()
        .filter(|(it, became)| **became == Became::Live && !before.lines.contains_key(*it))
        .map(|(it, _)| &**it)
        .filter(|it| it.split('.').nth(2) == Some(tf_type))
        .collect();
    let moved = match new.first() {
        Some(new) => {
            let here = format!("module.{module}.");
            let was = match new.starts_with(&here) {
                true => format!("Was::named({name:?})"),
                false => format!("Was::in_module({constant}, {name:?})"),
            };
            format!(
                "if its address is {new} now, add `.was(const {{ &[{was}] }})` to its `resource!(…)`; "
            )
        }
        None => String::new(),
    };
    let removed = format!(
        "if it must be removed, add `stack.removed(const {{ {constant}.at(\"{tf_type}.{name}\") }}, \
         Fate::Destroyed)`, or `Fate::Kept` to keep it in AWS"
    );
    Violation::new(
        "ledger/vanished",
        address,
        format!("{path} has it, but the topology does not, so Terraform would destroy it"),
        format!("{moved}{removed}"),
    )
}

fn forgotten(path: &str, address: &str, became: &Became) -> Violation {
    let said = match became {
        Became::Live => "as existing".to_owned(),
        Became::Moved(to) => format!("as moved to {to}"),
        Became::Destroyed => "as removed".to_owned(),
        Became::Kept => "as removed and kept in AWS".to_owned(),
    };
    Violation::new(
        "ledger/forgotten",
        address,
        format!(
            "the topology declared it {said}, and no longer does, so Terraform would destroy it in a state that was not applied since"
        ),
        format!(
            "restore the declaration; or, if every state was applied since, delete the address from {path}, and keep its name in AWS with `Id::in_aws`"
        ),
    )
}
