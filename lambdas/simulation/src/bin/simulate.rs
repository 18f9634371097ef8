//! The program of `cargo xtask simulate`: it runs many seeds, as fast as this machine can.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use fs_err::os::unix::fs::FileExt as _;
use serde::Deserialize;
use simulation::{
    facts::Facts,
    many::{Failed, News, Tally, many, workers},
};

/// A seed creates and drops many small JSON values, and the C library's allocator takes a fifth more time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The options of a run, as JSON in the only argument.
#[derive(Debug, Deserialize)]
struct Job {
    first: u64,
    /// The last seed, if there is time for all.
    last: u64,
    seconds: Option<u64>,
    /// The file that gets the seeds that fail.
    keep: PathBuf,
    /// The folder with a file for each worker, which holds the seed that the worker runs.
    running: PathBuf,
}

/// Writes a line to stdout. xtask reads it to the end, even if its own reader has gone.
macro_rules! say {
    ($($part:tt)*) => { drop(writeln!(io::stdout(), $($part)*)) };
}

/// Writes a line to stderr. If that fails, only the exit code shows the failure.
macro_rules! complain {
    ($($part:tt)*) => { drop(writeln!(io::stderr(), $($part)*)) };
}

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_default();
    let job = match serde_json::from_str::<Job>(&argument) {
        Ok(job) => job,
        Err(err) => {
            complain!("error: `{argument}` is not a job: {err}\n  fix: cargo xtask simulate");
            return ExitCode::FAILURE;
        }
    };
    let facts = match Facts::of_dev() {
        Ok(facts) => facts,
        Err(err) => {
            complain!("error: generated/dev: {err}\n  fix: cargo run -p infra-gen");
            return ExitCode::FAILURE;
        }
    };
    let running = match Running::in_folder(&job.running) {
        Ok(running) => running,
        Err(err) => {
            complain!("error: {err}");
            return ExitCode::FAILURE;
        }
    };
    let begin = Instant::now();
    let end = job.seconds.and_then(|it| begin.checked_add(Duration::from_secs(it)));
    let tally = many(&facts, job.first..=job.last, end, |news| match news {
        News::Runs { worker, seed } => {
            if let Err(err) = running.holds(worker, seed) {
                complain!("error: {err}");
            }
        }
        News::Failed { seed, why } => {
            complain!("seed {seed}: {why}");
            if let Err(err) = keep(&job.keep, seed, why) {
                complain!("error: {} cannot be written: {err}", job.keep.display());
            }
        }
    });
    let seconds = begin.elapsed().as_secs_f64();
    for (seed, why) in &tally.failed {
        say!("\n{}", why.story(&facts, *seed));
    }
    report(&facts, &tally, seconds);
    if tally.runs == 0 {
        complain!("error: no seed was run\n  fix: more time, by --seconds or --hours");
        return ExitCode::FAILURE;
    }
    say!("again: cargo xtask simulate --first {} --seeds {}", job.first, tally.runs);
    if tally.failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    let kept = job.keep.display();
    say!(
        "{} failed; {kept} has their seeds, as lambdas/simulation/tests/seeds.txt takes them",
        tally.failed.len()
    );
    ExitCode::FAILURE
}

/// A file for each worker. It still has the worker's seed if the process is killed.
struct Running(Vec<fs_err::File>);

impl Running {
    fn in_folder(folder: &Path) -> io::Result<Self> {
        fs_err::create_dir_all(folder)?;
        let files = (0..workers()).map(|it| fs_err::File::create(folder.join(it.to_string())));
        Ok(Running(files.collect::<Result<_, _>>()?))
    }

    /// Replaces the content: a text as wide as the largest seed, and blank without one.
    fn holds(&self, worker: usize, seed: Option<u64>) -> io::Result<()> {
        let seed = seed.map(|it| it.to_string()).unwrap_or_default();
        self.0[worker].write_all_at(format!("{seed:20}\n").as_bytes(), 0)
    }
}

/// Adds a seed to the file, as a line of the list that the suite runs.
fn keep(file: &Path, seed: u64, why: &Failed) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    let why = why.to_string().replace('\n', " ");
    file.write_all(format!("{seed} # {why}\n").as_bytes())
}

fn report(facts: &Facts, tally: &Tally, seconds: f64) {
    say!(
        "{} seeds in {seconds:.1} s: {:.0} seeds/s, {} faults",
        tally.runs,
        tally.runs as f64 / seconds,
        tally.faults
    );
    say!("orders: {}", counts(&tally.ends));
    say!("executions ended in: {}", counts(&tally.last_states));
    say!("seeds that came to each state, way and delivery:");
    for (name, count) in tally.reach.counts(facts) {
        say!("{count:>10} {name}");
    }
}

fn counts(of: &simulation::many::Counts) -> String {
    let each = of.iter().map(|(name, count)| format!("{count} {name}"));
    each.collect::<Vec<_>>().join(", ")
}
