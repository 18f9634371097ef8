//! What `cargo xtask simulate` starts: many seeds, as fast as this machine runs them.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a terminal")]

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use serde::Deserialize;
use simulation::{
    facts::Facts,
    many::{Failed, Tally, many},
};

/// What to do, as JSON in the only argument.
#[derive(Debug, Deserialize)]
struct Job {
    first: u64,
    until: Until,
    /// The file that gets the seeds that fail.
    keep: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Until {
    Seeds(u64),
    Seconds(u64),
}

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_default();
    let job = match serde_json::from_str::<Job>(&argument) {
        Ok(job) => job,
        Err(err) => {
            eprintln!("error: `{argument}` is no job: {err}\n  fix: cargo xtask simulate");
            return ExitCode::FAILURE;
        }
    };
    let facts = match Facts::of_dev() {
        Ok(facts) => facts,
        Err(err) => {
            eprintln!("error: generated/dev: {err}\n  fix: cargo run -p infra-gen");
            return ExitCode::FAILURE;
        }
    };
    let begin = Instant::now();
    let (count, end) = match job.until {
        Until::Seeds(count) => (count, None),
        Until::Seconds(seconds) => (u64::MAX, begin.checked_add(Duration::from_secs(seconds))),
    };
    let seeds = job.first..job.first.saturating_add(count);
    let tally = many(&facts, seeds, end, |seed, why| {
        eprintln!("seed {seed}: {why}");
        if let Err(err) = keep(&job.keep, seed, why) {
            eprintln!("error: {} cannot be written: {err}", job.keep.display());
        }
    });
    let seconds = begin.elapsed().as_secs_f64();
    for (seed, why) in &tally.failed {
        println!("\n{}", why.story(&facts, *seed));
    }
    report(&tally, seconds);
    if tally.failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    let kept = job.keep.display();
    println!(
        "{} failed; {kept} has their seeds, as lambdas/simulation/tests/seeds.txt takes them",
        tally.failed.len()
    );
    ExitCode::FAILURE
}

/// Adds a seed to the file, as a line of the list that the suite runs.
fn keep(file: &Path, seed: u64, why: &Failed) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    let why = why.to_string().replace('\n', " ");
    file.write_all(format!("{seed} # {why}\n").as_bytes())
}

fn report(tally: &Tally, seconds: f64) {
    println!(
        "{} seeds in {seconds:.1} s: {:.0} seeds/s, {} faults",
        tally.runs,
        tally.runs as f64 / seconds,
        tally.faults
    );
    println!("orders: {}", counts(&tally.ends));
    println!("executions ended in: {}", counts(&tally.last_states));
}

fn counts(of: &simulation::many::Counts) -> String {
    let each = of.iter().map(|(name, count)| format!("{count} {name}"));
    each.collect::<Vec<_>>().join(", ")
}
