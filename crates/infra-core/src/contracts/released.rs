//! Compares the data of a root with that of released versions.
//!
//! A release is a copy of `contracts.json` that was deployed. A later version reads what every release wrote, because the
//! data may still be there. While a version is deployed, and after a rollback, functions of the newest release also read
//! what the later version writes.

use std::{collections::BTreeMap, fmt, path::Path};

use fs_err as fs;
use serde_json::Value;

use super::{
    Contracts, Entry, FILE, local, longest,
    readable::{self, Reading, Side},
};
use crate::{model::data::DataKind, violation::Violation};

/// A released version.
#[derive(Debug, Clone)]
pub struct Release {
    /// The folder, such as `lambdas/contracts/released/0001`.
    pub folder: String,
    /// Its data.
    pub contracts: Contracts,
}

/// Who reads data of the other version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// The later version reads what the earlier one wrote.
    Later,
    /// The earlier version reads what the later one writes.
    Earlier,
}

/// Data with another type than before.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The present address of the resource.
    pub at: String,
    /// The kind of data.
    pub kind: DataKind,
    /// How long data of both versions can meet, in seconds. `None` for as long as the resource exists.
    pub kept_seconds: Option<u64>,
    /// How the later version reads data of the earlier one.
    pub later: Reading,
    /// How the earlier version reads data of the later one.
    pub earlier: Reading,
}

/// The data of two versions of a root.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Data that both have, and that differs.
    pub differs: Vec<Difference>,
    /// Data of the earlier version that the later one does not have: the address, and the kind.
    pub gone: Vec<(String, DataKind)>,
    /// Data that only the later version has.
    pub new: Vec<(String, DataKind)>,
}

/// Compares two versions of a root.
pub fn compare(before: &Contracts, after: &Contracts) -> Comparison {
    let definitions = |of: &Contracts| Value::Object(of.definitions().clone());
    let (old, new) = (definitions(before), definitions(after));
    let mut comparison = Comparison::default();
    let mut known = Vec::new();
    for (address, kind, entry) in before.entries() {
        let at = after.now(address);
        let Some(now) = after.entry(&at, kind) else {
            comparison.gone.push((address.to_owned(), kind));
            continue;
        };
        known.push((at.clone(), kind));
        let inlined = |of: &Contracts, it: &Entry| of.inlined(&it.schema, &mut Vec::new());
        if inlined(before, entry) == inlined(after, now) {
            continue;
        }
        // Only state machines call functions with data that is compared. They read an answer by paths.
        let by_path = kind == DataKind::Output;
        let old = Side { schema: &entry.schema, definitions: &old, by_path };
        let new = Side { schema: &now.schema, definitions: &new, by_path };
        comparison.differs.push(Difference {
            at,
            kind,
            kept_seconds: longest(entry.kept_seconds, now.kept_seconds),
            later: readable::read(old, new),
            earlier: readable::read(new, old),
        });
    }
    let new = after.entries().map(|(at, kind, _)| (at.to_owned(), kind));
    comparison.new = new.filter(|it| !known.contains(it)).collect();
    comparison
}

impl Comparison {
    /// The functions that are gone, and that executions of the earlier version call.
    pub fn callees_gone(&self) -> impl Iterator<Item = &str> {
        let is_function = |at: &str| local(at).starts_with("aws_lambda_function.");
        let gone =
            self.gone.iter().filter(move |(at, kind)| *kind == DataKind::Input && is_function(at));
        gone.map(|(at, _)| at.as_str())
    }
}

impl Difference {
    /// How the reader of a direction reads the data.
    pub fn reading(&self, by: Reader) -> &Reading {
        match by {
            Reader::Later => &self.later,
            Reader::Earlier => &self.earlier,
        }
    }

    /// Whether every release meets the data in this direction. In the other direction, only the newest one does.
    ///
    /// An execution of an earlier release keeps its definition. So it calls functions with its data, and reads what a
    /// later version of the function returns.
    fn meets_all(&self, by: Reader) -> bool {
        match self.kind {
            DataKind::Output => by == Reader::Earlier,
            DataKind::Item | DataKind::Message | DataKind::Input => by == Reader::Later,
        }
    }
}

/// Reports each reason why a release and the present version cannot read each other's data. The releases are sorted, the
/// newest one last.
pub fn check(releases: &[Release], now: &Contracts) -> Vec<Violation> {
    let mut problems: BTreeMap<Problem, Vec<&str>> = BTreeMap::new();
    for (number, release) in releases.iter().enumerate() {
        let is_newest = number + 1 == releases.len();
        let compared = compare(&release.contracts, now);
        let mut add = |it: Problem| problems.entry(it).or_default().push(&release.folder);
        for it in &compared.differs {
            for by in [Reader::Later, Reader::Earlier] {
                if is_newest || it.meets_all(by) {
                    it.problems(by).into_iter().for_each(&mut add);
                }
            }
        }
        // The ledger of addresses asks what became of a queue or a table. Running executions call a function that is
        // removed.
        for at in compared.callees_gone() {
            let (at, data) = (at.to_owned(), DataKind::Input);
            let kept = release.contracts.entry(&at, data).and_then(|it| it.kept_seconds);
            add(Problem { at, kind: Kind::CalleeGone, data, reason: String::new(), kept });
        }
    }
    let mut found: Vec<Violation> =
        problems.into_iter().map(|(it, releases)| it.violation(&releases.join(" and "))).collect();
    found.sort();
    found
}

/// A reason why one version cannot read what another one wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    at: String,
    kind: Kind,
    data: DataKind,
    reason: String,
    kept: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The present version cannot read what the release wrote.
    OldData,
    /// The release cannot read what the present version writes.
    NewData,
    /// It is not known whether it can.
    Unjudged,
    /// The present version ignores a field that the release wrote.
    Ignored,
    /// Executions of the release call a function that is gone.
    CalleeGone,
}

impl Difference {
    fn problems(&self, by: Reader) -> Vec<Problem> {
        let problem = |kind, place: &str, reason: &str| {
            let place = if place.is_empty() { String::new() } else { format!("`{place}` ") };
            let (at, data, kept) = (self.at.clone(), self.kind, self.kept_seconds);
            Problem { at, kind, data, reason: format!("{place}{reason}"), kept }
        };
        let reading = self.reading(by);
        let unreadable = reading.unreadable.iter().map(|it| {
            let kind = match (it.is_unjudged, by) {
                (true, _) => Kind::Unjudged,
                (false, Reader::Later) => Kind::OldData,
                (false, Reader::Earlier) => Kind::NewData,
            };
            problem(kind, &it.place, &it.reason)
        });
        // An earlier version ignores what it does not know. A later one knows what it gives up.
        let ignored = reading.ignored.iter().filter(|_| by == Reader::Later);
        unreadable.chain(ignored.map(|it| problem(Kind::Ignored, it, "is ignored"))).collect()
    }
}

impl Problem {
    fn violation(self, releases: &str) -> Violation {
        let Problem { at, kind, data, reason, kept } = self;
        let kept = Kept(kept);
        let what = data.as_str();
        let (rule, problem, fix) = match kind {
            Kind::OldData => (
                "contract/old-data",
                format!(
                    "this version cannot read a {what} that {releases} wrote, which is kept {kept}: {reason}"
                ),
                format!(
                    "let this version read both forms, such as by an `Option` for a field that older data lacks; or delete this \
                     {what} from {FILE} of {releases}, if none is left"
                ),
            ),
            Kind::NewData => (
                "contract/new-data",
                format!("{releases} cannot read a {what} that this version writes: {reason}"),
                "make two releases: in the first one, all readers accept both forms; in the second one, the writers use \
                 the new form"
                    .to_owned(),
            ),
            Kind::Ignored => (
                "contract/ignored",
                format!("this version loses data of a {what} that {releases} wrote: {reason}"),
                "if the field has another name in Rust now, give it `as` and the name in the data; if the data is not \
                 needed any more, give the type `without` and the name"
                    .to_owned(),
            ),
            Kind::Unjudged => (
                "contract/unjudged",
                format!("the {what} differs from {releases}, and no rule judges how: {reason}"),
                format!(
                    "compare the two yourself; if each version reads what the other one writes, delete this {what} from \
                     {FILE} of {releases}"
                ),
            ),
            Kind::CalleeGone => (
                "contract/callee-gone",
                format!("executions of {releases} call this function {kept}, and it is gone"),
                format!(
                    "keep the function until no such execution runs; then delete its entries from {FILE} of {releases}, and remove it"
                ),
            ),
        };
        let address = if kind == Kind::CalleeGone { at } else { format!("{at}: {what}") };
        Violation::new(rule, address, problem, fix)
    }
}

/// A time that data is kept, in words.
#[derive(Debug, Clone, Copy)]
pub struct Kept(pub Option<u64>);

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("for ever"),
            Some(0) => f.write_str("while a deployment runs"),
            Some(seconds) if seconds % 86_400 == 0 => write!(f, "for {} d", seconds / 86_400),
            Some(seconds) if seconds % 3_600 == 0 => write!(f, "for {} h", seconds / 3_600),
            Some(seconds) => write!(f, "for {seconds} s"),
        }
    }
}

/// Reads the releases in a folder of the repository, sorted by their numbers. None if the folder does not exist.
///
/// # Errors
///
/// If a file cannot be read, or is not the `contracts.json` of a release.
pub fn read(repository: &Path, folder: &str) -> Result<Vec<Release>, ReleaseError> {
    let at = repository.join(folder);
    if !at.exists() {
        return Ok(Vec::new());
    }
    let mut releases = Vec::new();
    for entry in fs::read_dir(&at)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let folder = format!("{folder}/{name}");
        let is_number = name.len() == 4 && name.bytes().all(|it| it.is_ascii_digit());
        if !is_number {
            return Err(ReleaseError::Name { path: folder });
        }
        let path = format!("{folder}/{FILE}");
        let text = fs::read_to_string(repository.join(&path))?;
        let contracts =
            Contracts::parse(&text).map_err(|source| ReleaseError::Text { path, source })?;
        releases.push(Release { folder, contracts });
    }
    releases.sort_by(|a, b| a.folder.cmp(&b.folder));
    let number = |it: &Release| it.folder.rsplit('/').next().and_then(|it| it.parse::<u32>().ok());
    let numbers: Vec<u32> = releases.iter().filter_map(number).collect();
    // Old releases are deleted first, so a gap is a release that was lost.
    if let Some(lost) = numbers.windows(2).find(|it| it[1] != it[0] + 1) {
        return Err(ReleaseError::Lost { path: format!("{folder}/{:04}", lost[0] + 1) });
    }
    Ok(releases)
}

/// Why the releases cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// A file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Something else is in the folder.
    #[error(
        "{path} is not a release, because its name is not a number of four digits\n  fix: move it out of the folder"
    )]
    Name {
        /// The path.
        path: String,
    },
    /// A release between two others is missing.
    #[error(
        "{path} is missing, but there are releases before and after it\n  fix: restore it with git"
    )]
    Lost {
        /// The folder.
        path: String,
    },
    /// A file has another format.
    #[error("{path} is not the {FILE} of a release: {source}\n  fix: restore it with git")]
    Text {
        /// The file.
        path: String,
        /// The first problem.
        source: serde_json::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_complete_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let add = |name: &str, text: &str| {
            fs::create_dir_all(root.path().join("released").join(name)).unwrap();
            fs::write(root.path().join("released").join(name).join(FILE), text).unwrap();
        };
        let found = || match read(root.path(), "released") {
            Ok(releases) => releases.into_iter().map(|it| it.folder).collect::<Vec<_>>().join(" "),
            Err(err) => err.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert_eq!(found(), "");
        let text = Contracts::default().text();
        add("0003", &text);
        add("0002", &text);
        assert_eq!(found(), "released/0002 released/0003");
        add("0005", &text);
        let lost = "released/0004 is missing, but there are releases before and after it";
        assert_eq!(found(), lost);
        add("0004", "{}");
        let other =
            "released/0004/contracts.json is not the contracts.json of a release: missing field";
        assert!(found().starts_with(other), "{}", found());
        add("0004", &text);
        add("4", &text);
        assert!(found().starts_with("released/4 is not a release"), "{}", found());
    }
}
