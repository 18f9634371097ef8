//! The test suite: `cargo xtask test`. It builds everything once, and runs tests that wait next to tests that compute.
//!
//! `cargo test` runs test programs one after the other. Most of that time they wait: for Terraform, and for messages
//! that return to a queue. The suite starts each program as soon as cargo has built it, while cargo builds the next.

mod build;
mod changed;
pub(crate) mod job;
mod program;
mod report;
mod run;
mod schedule;
mod step;
mod table;
mod times;

use std::{
    ffi::OsString,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use infra_gen::topology::build::BUILT_ONCE;
use signal_hook::{
    consts::{SIGHUP, TERM_SIGNALS},
    flag,
};

use self::{changed::Touched, run::Run};
use crate::{libtest::Tally, traces::Traces, workspace::Workspace};

/// Options of `cargo xtask test`.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Options {
    /// Leave out tests that need Terraform, the emulator or a browser, and run a tenth of the simulation's seeds.
    #[arg(long)]
    quick: bool,
    /// Run only the tests that a change can affect: commits since this branch left `origin/main`, and the working
    /// tree.
    #[arg(long)]
    changed: bool,
}

impl Options {
    /// Whether the suite builds without incremental files. With `--quick` and `--changed`, people build again soon, and
    /// these files save time.
    fn builds_once(self) -> bool {
        !self.quick && !self.changed
    }
}

/// An environment variable for cargo and the tests.
type Variable = (&'static str, OsString);

fn variables(options: &Options, workspace: &Workspace, traces: &Traces) -> Vec<Variable> {
    let mut variables = vec![
        // A broken link in the documentation fails.
        ("RUSTDOCFLAGS", "-D warnings".into()),
        ("TMPDIR", traces.temporary().into()),
        // Cargo builds the functions before a test that needs them begins. `dofs` would build them alone, so with other
        // features of their dependencies, and build all dependencies again.
        ("DOFS_FUNCTIONS", workspace.target.join("debug").into()),
        // Every emulator writes the requests that it gets there, and `local-aws::requests` judges them in the end.
        ("DOFS_RECORDINGS", traces.temporary().join("recordings").into()),
    ];
    // Terraform and its provider are Go programs that run for seconds, and a fifth of their work is garbage collection.
    // With this, they collect less often, and use half as much memory again. A value of the caller has priority.
    if !is_set("GOGC") {
        variables.push(("GOGC", "400".into()));
    }
    if options.quick {
        // The simulation's tests read it: see `lambdas/simulation/tests/common`.
        variables.push(("DOFS_SEEDS", "5000".into()));
    }
    if options.builds_once() {
        variables.extend(BUILT_ONCE.map(|(name, value)| (name, value.into())));
        variables.push(("DOFS_RECORDED", "everything".into()));
    }
    variables
}

#[expect(clippy::disallowed_methods, reason = "a setting of Go programs, which no function reads")]
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// Runs the tests, prints a summary, and returns whether all of them passed. The last line is `N passed, N failed`.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let touched = match options.changed {
        true => Touched::here(&workspace)?,
        false => Touched::Everything,
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    // Children are in process groups of their own, so a terminal that closes ends none of them.
    for signal in TERM_SIGNALS.iter().chain([&SIGHUP]) {
        flag::register(*signal, interrupted.clone())?;
    }
    let traces = Traces::before(&workspace.root, &workspace.target)?;
    let began = Instant::now();
    let variables = variables(options, &workspace, &traces);
    let temporary = traces.temporary();
    let mut run = Run::begin(*options, touched, workspace, variables, temporary, &interrupted)?;
    let outcome = run.until_the_end(&interrupted);
    let ended = run.end_all();
    interrupted.store(true, Ordering::Relaxed);
    run.join_the_browser();
    outcome?;
    ended?;
    let mut report = run.report;
    let left = traces.left()?;
    left.iter().for_each(|it| say!("left behind: {it}"));
    let tally = match left.as_slice() {
        [] => Tally { passed: 1, ..Tally::default() },
        _ => Tally::failure("see above".to_owned()),
    };
    report.step("nothing left", tally, Duration::ZERO, "cargo xtask test".to_owned());
    Ok(report.end(began.elapsed()))
}
