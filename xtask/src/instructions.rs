//! `cargo xtask instructions` counts the instructions that parts of the generator take, and compares the counts with a
//! committed baseline. Times vary on a shared machine, and instruction counts do not.
//!
//! Callgrind runs this same program with the hidden command `piece`. The suite builds it before everything else.

pub(crate) mod valgrind;

#[path = "../../infra-gen/benches/scenarios/mod.rs"]
mod scenarios;

use std::{collections::BTreeMap, path::Path, time::Instant};

use anyhow::{Context as _, bail};
use clap::{Args, builder::PossibleValuesParser};
use fs_err as fs;
use serde::{Deserialize, Serialize};

use self::valgrind::Valgrind;
use crate::{
    libtest::{Failure, Tally},
    workspace::Workspace,
};

/// The file with the baseline counts.
const BASELINE: &str = "bench/instructions.json";

/// How far a count may differ from its baseline, as a share of the baseline.
const TOLERANCE: f64 = 0.10;

const BLESS: &str = "cargo xtask instructions --bless";

/// Options of `cargo xtask instructions`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write the counts to `bench/instructions.json` as the new baseline, and compare nothing.
    #[arg(long)]
    bless: bool,
}

/// The hidden command `piece`: what callgrind runs and counts.
#[derive(Debug, Args)]
pub(crate) struct Piece {
    #[arg(value_parser = PossibleValuesParser::new(scenarios::ALL.map(|it| it.0)))]
    name: String,
    /// How often to run it. 0 runs only the preparation.
    times: usize,
}

/// The instructions of each piece.
type Counts = BTreeMap<String, u64>;

/// The content of the file: a baseline for each target of rustc, because the same source compiles to other instructions
/// on another target.
type Baselines = BTreeMap<String, Baseline>;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Baseline {
    /// The commit of rustc. Another rustc generates other instructions.
    rustc: String,
    counts: Counts,
}

/// Counts, prints each count next to its baseline, and returns whether all are within the tolerance.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    if options.bless {
        return bless(&workspace).map(|()| true);
    }
    let tally = check(&workspace)?;
    tally.failures.iter().for_each(|it| say!("failed: {it}"));
    say!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(tally.failed == 0)
}

/// Runs a piece.
pub(crate) fn piece(piece: &Piece) -> anyhow::Result<bool> {
    let work = scenarios::named(&piece.name)
        .with_context(|| format!("there is no piece {:?}", piece.name))?;
    for _ in 0..piece.times {
        work();
    }
    Ok(true)
}

/// Counts each piece, and compares it with its baseline.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Tally> {
    let host = &workspace.rustc.host;
    let baselines = read(&workspace.root)?;
    let Some(baseline) = baselines.get(host) else {
        bail!("{BASELINE} has no counts for {host}\n  fix: {BLESS}, and commit what it writes");
    };
    let begin = Instant::now();
    let counts = count(workspace)?;
    let verdicts = compare(&baseline.counts, &counts);
    verdicts.iter().for_each(|it| say!("{}", it.line()));
    say!("counted in {} s", begin.elapsed().as_secs());
    let mut tally = Tally::default();
    for verdict in &verdicts {
        match verdict.problem() {
            None => tally.passed += 1,
            Some(problem) => {
                tally.failed += 1;
                tally.failures.push(Failure::Other(format!("instructions: {problem}")));
            }
        }
    }
    if tally.failed > 0 && baseline.rustc != workspace.rustc.commit {
        say!("note: the baseline was counted with another rustc");
    }
    Ok(tally)
}

fn bless(workspace: &Workspace) -> anyhow::Result<()> {
    let mut baselines = read(&workspace.root)?;
    let counts = count(workspace)?;
    for (name, count) in &counts {
        say!("{name:<16} {count:>14}");
    }
    let rustc = workspace.rustc.commit.clone();
    baselines.insert(workspace.rustc.host.clone(), Baseline { rustc, counts });
    let path = workspace.root.join(BASELINE);
    fs::create_dir_all(workspace.root.join("bench"))?;
    fs::write(path, format!("{:#}\n", serde_json::to_value(&baselines)?))?;
    say!("written: {BASELINE}");
    Ok(())
}

fn read(root: &Path) -> anyhow::Result<Baselines> {
    let path = root.join(BASELINE);
    if !path.exists() {
        return Ok(Baselines::default());
    }
    serde_json::from_slice(&fs::read(path)?)
        .with_context(|| format!("{BASELINE} cannot be read\n  fix: {BLESS}"))
}

/// Counts every piece: the instructions with its work, minus the instructions of its preparation alone.
fn count(workspace: &Workspace) -> anyhow::Result<Counts> {
    let valgrind = Valgrind::find(&workspace.target)?;
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let one = |name: &str| {
        let counted = |times: &str| valgrind.instructions(&program, &["piece", name, times]);
        // Two pieces run at a time, each on its own core.
        let (ready, done) = std::thread::scope(|scope| {
            let ready = scope.spawn(|| counted("0"));
            let done = counted("1");
            (ready.join().unwrap_or_else(|it| std::panic::resume_unwind(it)), done)
        });
        let count =
            done?.checked_sub(ready?).context("less was counted with the work than without")?;
        anyhow::Ok((name.to_owned(), count))
    };
    scenarios::ALL.iter().map(|it| one(it.0).with_context(|| it.0)).collect()
}

/// A piece, with its baseline and its count.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    name: String,
    before: Option<u64>,
    now: Option<u64>,
}

fn compare(before: &Counts, now: &Counts) -> Vec<Verdict> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let verdict = |name: &String| Verdict {
        name: name.clone(),
        before: before.get(name).copied(),
        now: now.get(name).copied(),
    };
    names.into_iter().map(verdict).collect()
}

impl Verdict {
    /// The change as a share of the baseline, if both are known.
    fn more(&self) -> Option<f64> {
        let (before, now) = self.before.zip(self.now)?;
        Some(now as f64 / before as f64 - 1.0)
    }

    fn line(&self) -> String {
        let told = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let more = self.more().map_or_else(String::new, |it| format!("{:+.1} %", it * 100.0));
        format!("{:<16} {:>14} was {:>14} {more:>9}", self.name, told(self.now), told(self.before))
    }

    /// The problem, and the fix.
    fn problem(&self) -> Option<String> {
        let Verdict { name, .. } = self;
        let Some(more) = self.more() else {
            let (wrong, what) = match self.before {
                None => ("has no baseline", "for its first"),
                Some(_) => ("is no longer counted", "to forget it"),
            };
            return Some(format!(
                "{name} {wrong}\n  fix: {BLESS}, {what}, and commit what it writes"
            ));
        };
        let percent = more.abs() * 100.0;
        if more > TOLERANCE {
            return Some(format!(
                "{name} takes {percent:.1} % more instructions than when it was last looked at\n  \
                 fix: make it take less, or say in the commit why it is worth that, after {BLESS}"
            ));
        }
        // An improvement must update the baseline, because otherwise losing it again would go unnoticed.
        (more < -TOLERANCE).then(|| {
            format!(
                "{name} takes {percent:.1} % fewer instructions than when it was last looked at: well done\n  \
                 fix: {BLESS}, and commit what it writes, so that it stays so"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_and_fewer_instructions_are_problems() {
        #[track_caller]
        fn check(before: Option<u64>, now: Option<u64>, expected: Option<&str>) {
            let counts =
                |count: Option<u64>| count.map(|it| ("asl".to_owned(), it)).into_iter().collect();
            let verdicts = compare(&counts(before), &counts(now));
            assert_eq!(verdicts.len(), 1);
            match (verdicts[0].problem(), expected) {
                (None, None) => (),
                (Some(problem), Some(expected)) => {
                    assert!(problem.contains(expected) && problem.contains(BLESS), "{problem}");
                }
                (problem, _) => panic!("{problem:?}"),
            }
        }
        check(Some(1000), Some(1000), None);
        check(Some(1000), Some(1099), None);
        check(Some(1000), Some(901), None);
        check(Some(1000), Some(1101), Some("10.1 % more"));
        check(Some(1000), Some(2000), Some("100.0 % more"));
        check(Some(1000), Some(899), Some("10.1 % fewer"));
        check(None, Some(1000), Some("has no baseline"));
        check(Some(1000), None, Some("is no longer counted"));
    }

    #[test]
    fn every_piece_can_be_run() {
        for (name, _) in scenarios::ALL {
            assert!(piece(&Piece { name: name.to_owned(), times: 1 }).unwrap(), "{name}");
        }
    }
}
