//! The ledger: every address that a state may hold, one a line, committed beside the files.
//!
//! Terraform destroys what is no longer in its files, so a rename without a word is a loss. What
//! the ledger holds leaves it only where the topology says what became of it. It is what a stack
//! says, sorted: two branches that add different things merge line by line, and `--check` holds it
//! like any other generated file.

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
# Every address that a Terraform state of this root may hold, and what became of it. Generated:
# `cargo run -p infra-gen`. A line goes only after every state has been applied without it.
";

/// What became of an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Became {
    /// Nothing: it is there.
    Live,
    /// It has another address.
    Moved(String),
    /// It is gone, in AWS too.
    Destroyed,
    /// It is gone from Terraform alone.
    Kept,
}

/// Every address, and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    lines: BTreeMap<Arc<str>, Became>,
}

impl Ledger {
    /// What a stack comes to.
    pub fn of(stack: &Stack) -> Self {
        let modules = stack.by_module().into_iter().flat_map(|(_, nodes)| {
            let resources = nodes.into_iter().map(|it| &it.address);
            let resources = resources.filter(|it| it.kind() == BlockKind::Resource);
            // So all are sorted, and quickly a map: no module or type has a letter that comes before the dot.
            let mut sorted: Vec<_> = resources.map(Address::text).collect();
            sorted.sort_unstable();
            sorted
        });
        let mut lines: BTreeMap<_, _> = modules.map(|it| (it, Became::Live)).collect();
        // What is still there is a broken rule already, and nothing is written.
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
        Ledger { lines }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        // What a line says beside its address is rare, and room grows for it.
        let room = self.lines.keys().map(|it| it.len() + 1).sum::<usize>() + HEAD.len();
        let mut text = String::with_capacity(room);
        text.push_str(HEAD);
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
    /// What no ledger says, with the number of its line.
    pub fn parse(text: &str) -> Result<Self, Vec<(usize, String)>> {
        let (mut lines, mut wrong) = (BTreeMap::new(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with("# ") {
                continue;
            }
            match entry(line) {
                // A merge that kept the lines of both sides: what became of it says more.
                Some((address, became)) => {
                    let known: &mut Became = lines.entry(address.into()).or_insert(Became::Live);
                    if became > *known {
                        *known = became;
                    }
                }
                None => wrong.push((at + 1, line.to_owned())),
            }
        }
        if wrong.is_empty() { Ok(Ledger { lines }) } else { Err(wrong) }
    }

    /// Where an address has gone, by all moves, those of its module included. `None` where it has
    /// not moved.
    fn now(&self, address: &str) -> Option<String> {
        let mut now = address.to_owned();
        // A way without a circle is no longer than the ledger.
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

/// A line: an address, and what became of it.
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

/// What would be lost: addresses of the committed ledger that the topology does not account for.
/// `path` is where the ledger lies.
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
    found.sort();
    found
}

fn unreadable(path: &str, at: usize, line: &str) -> Violation {
    Violation::new(
        "ledger/unreadable",
        format!("{path}:{at}"),
        format!("this is no line of a ledger: {line}"),
        "where two branches met, keep the lines of both and drop the marks; then run again",
    )
}

fn vanished(path: &str, address: &str, before: &Ledger, now: &Ledger) -> Violation {
    let words: Vec<_> = address.splitn(4, '.').collect();
    // The parser takes addresses of four words for what is live.
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
                "if it is {new} now, write `.was(const {{ &[{was}] }})` behind its `resource!(…)`; "
            )
        }
        None => String::new(),
    };
    let removed = format!(
        "if it is to go, write `stack.removed(const {{ {constant}.at(\"{tf_type}.{name}\") }}, \
         Fate::Destroyed)`, or `Fate::Kept` where AWS shall keep it"
    );
    Violation::new(
        "ledger/vanished",
        address,
        format!("{path} has it and the topology does not: Terraform would destroy it"),
        format!("{moved}{removed}"),
    )
}

fn forgotten(path: &str, address: &str, became: &Became) -> Violation {
    let said = match became {
        Became::Live => "was there".to_owned(),
        Became::Moved(to) => format!("had moved to {to}"),
        Became::Destroyed => "was removed".to_owned(),
        Became::Kept => "was removed, and AWS keeps it".to_owned(),
    };
    Violation::new(
        "ledger/forgotten",
        address,
        format!(
            "the topology said that it {said}, and says so no longer: a state that was not applied since would lose it"
        ),
        format!(
            "put the line back; or, once every state was applied, delete the address from {path}, and keep what AWS calls it by `Id::in_aws`"
        ),
    )
}
