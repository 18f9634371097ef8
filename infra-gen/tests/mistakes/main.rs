//! Makes systematic mistakes in the topology, one at a time, and asks who refuses each: rustc, a rule of the generator,
//! a test, or nothing.
//!
//! `cargo test` judges a sample by rustc and by the rules. `cargo xtask mistakes` judges all, and asks the tests, too.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod asked;
mod judge;
mod make;
mod names;
mod numbers;
mod source;
mod table;
mod topology;

use std::{
    collections::BTreeMap,
    env,
    fmt::{self, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::ensure;
use compile_fail::Invocation;
use fs_err as fs;
use sha2::{Digest as _, Sha256};

use self::{
    asked::Failed,
    judge::{Judge, Verdict},
    make::Choice,
    source::{Edit, Source},
    table::Row,
    topology::{DOFS, THUMBNAILS, Topology},
};

/// A change of a topology that its author did not mean.
#[derive(Debug)]
struct Mistake {
    path: String,
    /// The number of its first line, from 1.
    number: usize,
    /// The text of that line, without surrounding spaces.
    line: String,
    what: String,
    edits: Vec<Edit>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mistake { path, number, what, .. } = self;
        write!(f, "{path}:{number}: {what}")
    }
}

/// How many mistakes of each topology the suite judges.
const SAMPLE: usize = 12;

/// The committed list, from the package.
const LIST: &str = "tests/mistakes/list.txt";

/// Selects the mode of the whole run: `bless` writes the list, `untested` asks no test and compares no list, and `list` only prints
/// the mistakes.
const MODE: &str = "DOFS_MISTAKES";
/// Judges only mistakes whose file or description contains a line of this text.
const ONLY: &str = "DOFS_MISTAKES_ONLY";

#[test]
fn rustc_and_the_rules_refuse_most_of_a_sample() -> anyhow::Result<()> {
    for topology in [&DOFS, &THUMBNAILS] {
        let (sources, mut mistakes, _) = topology.mistakes(workspace())?;
        // Always the same ones, from all files.
        mistakes.sort_by_key(|it| Sha256::digest(format!("{}{}{}", it.path, it.line, it.what)));
        mistakes.truncate(SAMPLE);
        let judge = Judge::new(INVOCATION, topology, &folder("sample"))?;
        let mut counts = Counts::default();
        let mut pass = Vec::new();
        for mistake in &mistakes {
            let edited = source(&sources, mistake).edited(&mistake.edits);
            let verdict = judge.of(&mistake.path, &edited, false)?;
            if verdict == Verdict::Differs {
                pass.push(mistake.to_string());
            }
            counts.add(&verdict);
        }
        println!("{}: a sample of {SAMPLE} mistakes\n{}", topology.package, counts.table());
        ensure!(
            pass.len() <= SAMPLE - topology.least,
            "of {SAMPLE} mistakes in {}, neither rustc nor a rule refuses these:\n{}",
            topology.package,
            pass.join("\n")
        );
    }
    Ok(())
}

#[test]
fn the_list_has_a_reason_for_each_mistake_that_can_be_made() -> anyhow::Result<()> {
    let mut rows = listed()?;
    assert!(rows.iter().all(Row::is_explained));
    for topology in [&DOFS, &THUMBNAILS] {
        let (_, mistakes, _) = topology.mistakes(workspace())?;
        rows.retain(|row| !mistakes.iter().any(|it| row.is(it)));
    }
    let gone: Vec<String> = rows.iter().map(Row::to_string).collect();
    ensure!(gone.is_empty(), "these mistakes cannot be made any more:\n{}", gone.join("\n"));
    Ok(())
}

/// Takes about an hour.
#[test]
#[ignore = "cargo xtask mistakes"]
fn every_mistake_is_refused() -> anyhow::Result<()> {
    let listed = listed()?;
    let (mode, only) = (setting(MODE), setting(ONLY));
    let is_tested = mode.as_deref() != Some("untested");
    let is_asked = |it: &Mistake| {
        let it = it.to_string();
        only.as_ref().is_none_or(|only| only.lines().any(|line| it.contains(line)))
    };
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for topology in [&DOFS, &THUMBNAILS] {
        let (sources, mistakes, choices) = topology.mistakes(workspace())?;
        let is_listed = mode.as_deref() == Some("list");
        let mut counts = Counts::default();
        let asked: Vec<&Mistake> = mistakes.iter().filter(|it| is_asked(it)).collect();
        println!("{}: {} of {} mistakes", topology.package, asked.len(), mistakes.len());
        print!("{}", chosen(&choices));
        rows.extend(
            listed
                .iter()
                .filter(|row| mistakes.iter().any(|it| row.is(it) && !is_asked(it)))
                .cloned(),
        );
        if is_listed || asked.is_empty() {
            asked.iter().for_each(|it| println!("{it}"));
            continue;
        }
        for (mistake, verdict) in judged(topology, &sources, &asked, is_tested)? {
            let known = listed.iter().find(|it| it.is(mistake));
            if verdict == Verdict::Passes {
                rows.push(known.cloned().unwrap_or_else(|| Row::unexplained(mistake)));
            }
            counts.add(&verdict);
        }
        println!("{}: {} mistakes\n{}", topology.package, mistakes.len(), counts.table());
    }
    if !is_tested || mode.as_deref() == Some("list") {
        return Ok(());
    }
    let unexplained = rows.iter().filter(|it| !it.is_explained());
    problems
        .extend(unexplained.map(|it| format!("nothing refuses it, and no reason is listed: {it}")));
    let (now, before) = (table::text(&rows), table::text(&listed));
    if mode.as_deref() == Some("bless") {
        fs::write(Path::new(INVOCATION.package).join(LIST), &now)?;
    } else if now != before {
        problems.push(similar::TextDiff::from_lines(&before, &now).unified_diff().to_string());
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// The verdict on each mistake. All cores ask rustc and the rules. Then one asks the tests for what is left, because it
/// builds them once for its copy of the workspace.
#[expect(clippy::print_stdout, reason = "a run of several minutes prints its progress")]
fn judged<'m>(
    topology: &'static Topology,
    sources: &[Source],
    mistakes: &[&'m Mistake],
    is_tested: bool,
) -> anyhow::Result<Vec<(&'m Mistake, Verdict)>> {
    let edited = |it: &&Mistake| source(sources, it).edited(&it.edits);
    let edited: Vec<(&Mistake, String)> = mistakes.iter().map(|it| (*it, edited(it))).collect();
    let next = AtomicUsize::new(0);
    let work = |at: usize| {
        let judge = Judge::new(INVOCATION, topology, &folder(&format!("whole{at}")))?;
        let mut found = Vec::new();
        while let Some((mistake, text)) = edited.get(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = judge.of(&mistake.path, text, false)?;
            println!("{mistake}: {verdict:?}");
            found.push((mistake, text, verdict));
        }
        anyhow::Ok(found)
    };
    let cores = thread::available_parallelism()?.get();
    let found = thread::scope(|scope| {
        let all: Vec<_> = (0..cores)
            .map(|at| {
                scope.spawn({
                    let work = &work;
                    move || work(at)
                })
            })
            .collect();
        let all = all.into_iter().map(|it| it.join().unwrap());
        all.collect::<anyhow::Result<Vec<_>>>()
    })?;
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    if is_tested {
        let judge = Judge::new(INVOCATION, topology, &folder("whole0"))?;
        judge.check_tests()?;
        for (mistake, text, verdict) in &mut found {
            if *verdict == Verdict::Differs {
                *verdict = judge.of(&mistake.path, text, true)?;
                println!("{mistake}: {verdict:?}");
            }
        }
    }
    Ok(found.into_iter().map(|(mistake, _, verdict)| (*mistake, verdict)).collect())
}

/// How many changes are not made, because they are choices.
fn chosen(choices: &[Choice]) -> String {
    let mut counts: BTreeMap<Choice, usize> = BTreeMap::new();
    choices.iter().for_each(|it| *counts.entry(*it).or_default() += 1);
    let row = |(it, count): (Choice, usize)| format!("left out {count:7}  {}\n", it.text());
    counts.into_iter().map(row).collect()
}

/// How many mistakes are refused by whom.
#[derive(Default)]
struct Counts(BTreeMap<&'static str, usize>);

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        let by = match verdict {
            Verdict::Compiler(_) => "1 rustc",
            Verdict::Rule(_) => "2 a rule",
            Verdict::Test(Failed::Test(_)) => "3 a test",
            Verdict::Test(Failed::Snapshot(_)) => "4 a snapshot",
            Verdict::Passes | Verdict::Differs => "5 nothing",
            Verdict::Same => "6 changes nothing",
        };
        *self.0.entry(by).or_default() += 1;
    }

    /// The table, with shares of the mistakes that change something.
    fn table(&self) -> String {
        let same = self.0.get("6 changes nothing").copied().unwrap_or_default();
        let all: usize = self.0.values().sum::<usize>() - same;
        let mut table = String::new();
        for (by, count) in &self.0 {
            let by = &by[2..];
            let share = 100.0 * *count as f64 / all.max(1) as f64;
            let _ = match by {
                "changes nothing" => writeln!(table, "{by:16}{count:6}"),
                _ => writeln!(table, "{by:16}{count:6}{share:7.1} %"),
            };
        }
        table
    }
}

const INVOCATION: Invocation<'_> = compile_fail::invocation!();

fn workspace() -> &'static Path {
    Path::new(INVOCATION.workspace)
}

/// A folder for copies and builds. It stays, so that the next run builds less.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes").join(name)
}

fn listed() -> anyhow::Result<Vec<Row>> {
    table::read(&fs::read_to_string(Path::new(INVOCATION.package).join(LIST))?)
}

fn source<'s>(sources: &'s [Source], mistake: &Mistake) -> &'s Source {
    sources.iter().find(|it| it.path == mistake.path).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a setting of this run, not of a Lambda function")]
fn setting(name: &str) -> Option<String> {
    env::var(name).ok()
}
