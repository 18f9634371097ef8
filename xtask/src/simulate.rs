//! `cargo xtask simulate` runs the simulation with new seeds, as many as there is time for. The suite runs the same seeds
//! every time.

mod lost;

use std::{
    io::{BufRead as _, BufReader, Read},
    process::Stdio,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use self::lost::Ended;

use crate::workspace::Workspace;

/// The profile in the workspace's Cargo.toml.
pub(crate) const PROFILE: &str = "simulate";

/// The seconds that a run takes if no limit is given.
const SECONDS: u64 = 60;

/// A seed takes milliseconds. A seed that is not done after this time is treated as one that never ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long `cargo xtask simulate` runs.
#[derive(Debug, Args)]
#[group(id = "limit", multiple = false)]
pub(crate) struct Limit {
    /// Run this number of seeds.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// Run for this number of seconds. Default: 60, if neither `--seeds` nor `--hours` is given.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
    /// Run for this number of hours.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=8_760))]
    hours: Option<u64>,
}

/// Options of `cargo xtask simulate`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    limit: Limit,
    /// Begin with this seed, and add one for each next seed. Default: the current time in microseconds, so that runs do
    /// not repeat each other's seeds.
    #[arg(long)]
    first: Option<u64>,
}

impl Limit {
    /// The last seed, if there is time for all.
    fn last(&self, first: u64) -> anyhow::Result<u64> {
        let Some(seeds) = self.seeds else { return Ok(u64::MAX) };
        first.checked_add(seeds - 1).with_context(|| {
            format!(
                "there are no {seeds} seeds from {first} on: the largest is {}\n  fix: use a smaller --first, or fewer --seeds",
                u64::MAX
            )
        })
    }

    fn seconds(&self) -> Option<u64> {
        match (self.seeds, self.seconds, self.hours) {
            (Some(_), ..) => None,
            (None, Some(seconds), _) => Some(seconds),
            (None, None, Some(hours)) => Some(hours * 3_600),
            (None, None, None) => Some(SECONDS),
        }
    }
}

/// Builds the simulation, runs seeds, and returns whether none failed.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let first = match options.first {
        Some(first) => first,
        None => now()?,
    };
    let (last, seconds) = (options.limit.last(first)?, options.limit.seconds());
    let folder = workspace.target.join("simulation");
    fs_err::create_dir_all(&folder)?;
    let keep = folder.join("seeds.txt");
    // Each run has a folder of its own, because another simulation may run in this workspace.
    let running = tempfile::Builder::new().prefix("running-").tempdir_in(&folder)?;
    let job = json!({
        "first": first, "last": last, "seconds": seconds, "keep": keep, "running": running.path(),
    });
    say!("seeds from {first}");
    // `cargo run` replaces itself with the program (exec), so a signal that ends cargo ends the simulation.
    let mut simulation = processes::cargo::command()
        .current_dir(&workspace.root)
        .args(["run", "--quiet", "--locked", "--profile", PROFILE])
        .args(["--package", "simulation", "--bin", "simulate", "--"])
        .arg(job.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting cargo failed")?;
    let stdout = simulation.stdout.take().context("the simulation's stdout is not a pipe")?;
    let told = std::thread::spawn(move || tell(stdout));
    let ended = lost::wait(&mut simulation, running.path(), PATIENCE)?;
    // The simulation has ended and closed the pipe, so the thread ends, too.
    let _ = told.join();
    match ended {
        Ended::Exits { well } => Ok(well),
        Ended::Lost(lost) => {
            lost.keep(&keep)?;
            anyhow::bail!("{}", lost.told(&keep))
        }
    }
}

/// Copies the output of the simulation to its end, even if the reader of this process's stdout has gone.
fn tell(stdout: impl Read) {
    for line in BufReader::new(stdout).lines() {
        match line {
            Ok(line) => say!("{line}"),
            Err(_) => return,
        }
    }
}

fn now() -> anyhow::Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.context("the clock of this machine is before 1970")?.as_micros();
    u64::try_from(micros).context("the clock of this machine is past the year 500,000")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn a_limit_is_seeds_or_a_time() {
        fn check(arguments: &[&str], expected: Option<(u64, Option<u64>)>) {
            let cli = Cli::try_parse_from([&["simulate"], arguments].concat()).ok();
            let limits = cli.map(|it| {
                let (first, limit) = (it.options.first.unwrap_or(1_000), it.options.limit);
                (limit.last(first).unwrap(), limit.seconds())
            });
            assert_eq!(limits, expected, "{arguments:?}");
        }
        check(&[], Some((u64::MAX, Some(60))));
        check(&["--seeds", "7"], Some((1_006, None)));
        check(&["--seconds", "5", "--first", "0"], Some((u64::MAX, Some(5))));
        check(&["--hours", "2"], Some((u64::MAX, Some(7_200))));
        check(&["--seeds", "1", "--first", "18446744073709551615"], Some((u64::MAX, None)));
        check(&["--seeds", "18446744073709551615", "--first", "1"], Some((u64::MAX, None)));
        check(&["--hours", "18446744073709551615"], None);
        check(&["--seeds", "0"], None);
        check(&["--seeds", "7", "--seconds", "5"], None);
    }

    #[test]
    fn seeds_end_at_the_largest_number() {
        let limit = Limit { seeds: Some(2), seconds: None, hours: None };
        let err = limit.last(u64::MAX).unwrap_err().to_string();
        assert!(err.contains("there are no 2 seeds from 18446744073709551615 on"), "{err}");
    }
}
