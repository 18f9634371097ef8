//! Finds seeds that crash the process of the simulation, or never end.
//!
//! Each worker of the simulation writes the seed that it runs to a file. After the end of the process, these files
//! contain the seeds that may have ended it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use fs_err as fs;

/// The time between two checks of the process.
const PAUSE: Duration = Duration::from_millis(100);

/// How a simulation ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It exited by itself.
    Exits { well: bool },
    /// It crashed, or was killed.
    Lost(Lost),
}

/// The seeds that were running when the process ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lost {
    why: String,
    seeds: BTreeSet<u64>,
}

/// Waits for the end of the simulation. Kills it if a seed runs for longer than `patience`.
pub(super) fn wait(
    simulation: &mut Child,
    running: &Path,
    patience: Duration,
) -> anyhow::Result<Ended> {
    let mut since = BTreeMap::<u64, Instant>::new();
    loop {
        let status = simulation.try_wait().context("the simulation cannot be waited for")?;
        let seeds = seeds(running)?;
        if let Some(status) = status {
            return Ok(match status.signal() {
                None => Ended::Exits { well: status.success() },
                Some(_) => {
                    Ended::Lost(Lost { why: format!("the process ended by {status}"), seeds })
                }
            });
        }
        since.retain(|seed, _| seeds.contains(seed));
        for seed in seeds {
            since.entry(seed).or_insert_with(Instant::now);
        }
        let endless = since.iter().filter(|it| it.1.elapsed() >= patience).map(|it| *it.0);
        let endless: BTreeSet<u64> = endless.collect();
        if !endless.is_empty() {
            simulation.kill().context("the simulation cannot be killed")?;
            simulation.wait().context("the simulation cannot be waited for")?;
            let why = format!("the run did not end within {} s", patience.as_secs());
            return Ok(Ended::Lost(Lost { why, seeds: endless }));
        }
        std::thread::sleep(PAUSE);
    }
}

/// The running seeds. The file of an idle worker is empty.
fn seeds(running: &Path) -> anyhow::Result<BTreeSet<u64>> {
    let mut seeds = BTreeSet::new();
    for file in fs::read_dir(running)? {
        let text = fs::read_to_string(file?.path())?;
        seeds.extend(text.trim().parse::<u64>().ok());
    }
    Ok(seeds)
}

impl Lost {
    /// Appends the seeds to the file, in the format of the list that the suite runs.
    pub(super) fn keep(&self, file: &Path) -> anyhow::Result<()> {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(file)?;
        for seed in &self.seeds {
            file.write_all(format!("{seed} # {}\n", self.why).as_bytes())?;
        }
        Ok(())
    }

    /// The error message: what happened, and how to repeat it.
    pub(super) fn told(&self, keep: &Path) -> String {
        let (why, keep) = (&self.why, keep.display());
        let Some(first) = self.seeds.first() else {
            return format!(
                "{why}, and no seed was running; {keep} has the seeds that failed before"
            );
        };
        let seeds = self.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        format!(
            "{why}, at one of the seeds {seeds}; {keep} has them\n  fix: look at each alone: DOFS_SEED={first} cargo \
             test -p simulation --test seeds -- --nocapture"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// How a script ends that writes its seeds where the simulation does.
    fn ended(script: &str, patience: u64) -> Ended {
        let running = tempfile::tempdir().unwrap();
        let mut script =
            Command::new("sh").args(["-c", script]).current_dir(running.path()).spawn().unwrap();
        let ended = wait(&mut script, running.path(), Duration::from_secs(patience)).unwrap();
        assert!(script.try_wait().unwrap().is_some(), "it still runs");
        ended
    }

    fn lost(why: &str, seeds: &[u64]) -> Ended {
        Ended::Lost(Lost { why: why.to_owned(), seeds: seeds.iter().copied().collect() })
    }

    #[test]
    fn a_signal_leaves_the_seeds_that_ran() {
        let blank = "printf '%20s\\n' > 2";
        for (signal, why) in [
            ("KILL", "the process ended by signal: 9 (SIGKILL)"),
            ("TERM", "the process ended by signal: 15 (SIGTERM)"),
        ] {
            let script =
                format!("echo 7 > 0; echo 18446744073709551615 > 1; {blank}; kill -{signal} $$");
            assert_eq!(ended(&script, 60), lost(why, &[7, u64::MAX]));
            assert_eq!(ended(&format!("{blank}; kill -{signal} $$"), 60), lost(why, &[]));
        }
    }

    #[test]
    fn an_end_by_itself_loses_none() {
        assert_eq!(ended("echo 7 > 0; exit 0", 60), Ended::Exits { well: true });
        assert_eq!(ended("echo 7 > 0; exit 1", 60), Ended::Exits { well: false });
    }

    #[test]
    fn a_seed_that_does_not_end_is_named_and_its_neighbour_is_not() {
        let script = "echo 7 > 0; i=100; while :; do i=$((i + 1)); echo $i > 1; sleep 0.2; done";
        assert_eq!(ended(script, 1), lost("the run did not end within 1 s", &[7]));
    }

    #[test]
    fn lost_seeds_are_kept_and_printed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seeds.txt");
        fs::write(&file, "1 # I1\n").unwrap();
        let lost = Lost { why: "why".to_owned(), seeds: [7, 8].into() };
        lost.keep(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "1 # I1\n7 # why\n8 # why\n");
        let told = lost.told(&file);
        assert!(told.starts_with("why, at one of the seeds 7, 8; "), "{told}");
        assert!(told.contains("DOFS_SEED=7 cargo test"), "{told}");
        let none = Lost { why: "why".to_owned(), seeds: BTreeSet::new() };
        assert!(none.told(&file).contains("no seed was running"));
    }
}
