//! Seeds that no run had before, as many as this machine runs: `cargo xtask simulate`. The suite runs the same
//! seeds every time.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use crate::workspace::Workspace;

/// The profile in the workspace's Cargo.toml.
const PROFILE: &str = "simulate";

/// Without a limit, so many seconds.
const SECONDS: u64 = 60;

/// What `cargo xtask simulate` is told.
#[derive(Debug, Args)]
#[group(id = "limit", multiple = false)]
pub(crate) struct Limit {
    /// Runs so many seeds.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// Runs for so many seconds; without any limit, for 60.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
    /// Runs for so many hours.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=8_760))]
    hours: Option<u64>,
}

/// What `cargo xtask simulate` is told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    limit: Limit,
    /// The first seed; each next one is one more. Without it, the microsecond at which the run begins: runs
    /// that follow each other share no seed.
    #[arg(long)]
    first: Option<u64>,
}

impl Limit {
    fn until(&self) -> Value {
        match (self.seeds, self.seconds, self.hours) {
            (Some(seeds), ..) => json!({ "seeds": seeds }),
            (None, Some(seconds), _) => json!({ "seconds": seconds }),
            (None, None, Some(hours)) => json!({ "seconds": hours * 3_600 }),
            (None, None, None) => json!({ "seconds": SECONDS }),
        }
    }
}

/// Builds the simulation, runs seeds, and says whether none failed.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let first = match options.first {
        Some(first) => first,
        None => now()?,
    };
    let keep = workspace.target.join("simulation/seeds.txt");
    let job = json!({ "first": first, "until": options.limit.until(), "keep": keep });
    say!("seeds from {first}; again: cargo xtask simulate --first {first}");
    let status = infra_gen::cargo::command()
        .current_dir(&workspace.root)
        .args(["run", "--quiet", "--locked", "--profile", PROFILE])
        .args(["--package", "simulation", "--bin", "simulate", "--"])
        .arg(job.to_string())
        .status()
        .context("cargo cannot be started")?;
    Ok(status.success())
}

fn now() -> anyhow::Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.context("this machine's clock is before 1970")?.as_micros();
    u64::try_from(micros).context("this machine's clock is past the year 500,000")
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
        fn check(arguments: &[&str], expected: Option<Value>) {
            let cli = Cli::try_parse_from([&["simulate"], arguments].concat());
            assert_eq!(cli.ok().map(|it| it.options.limit.until()), expected, "{arguments:?}");
        }
        check(&[], Some(json!({ "seconds": 60 })));
        check(&["--seeds", "7"], Some(json!({ "seeds": 7 })));
        check(&["--seconds", "5", "--first", "0"], Some(json!({ "seconds": 5 })));
        check(&["--hours", "2"], Some(json!({ "seconds": 7_200 })));
        check(&["--hours", "18446744073709551615"], None);
        check(&["--seeds", "0"], None);
        check(&["--seeds", "7", "--seconds", "5"], None);
    }
}
