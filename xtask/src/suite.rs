//! The whole suite: `cargo xtask test`. Everything is built once, and what waits runs beside what computes.
//!
//! cargo runs test programs one after the other, and most of that time they wait: for Terraform, and for messages that
//! come back to a queue. Here each begins as soon as cargo has built it, while cargo goes on building.

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

/// What `cargo xtask test` is told.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Options {
    /// Leaves out what needs Terraform, an emulator or a browser, and runs a tenth of the simulation's seeds.
    #[arg(long)]
    quick: bool,
    /// Runs only the tests that a change can touch: what differs from where this branch left `origin/main`, the
    /// working tree included.
    #[arg(long)]
    changed: bool,
}

/// What cargo and the tests are told.
type Variable = (&'static str, OsString);

fn variables(options: &Options, workspace: &Workspace, traces: &Traces) -> Vec<Variable> {
    let mut variables = vec![
        // A link that leads nowhere fails.
        ("RUSTDOCFLAGS", "-D warnings".into()),
        ("TMPDIR", traces.temporary().into()),
        // Cargo has built them before a test that needs them begins; on its own, `dofs` would choose other
        // features of what they use, and build all of that again.
        ("DOFS_FUNCTIONS", workspace.target.join("debug").into()),
        // Every emulator writes the requests that it gets there, and `local-aws::requests` judges them in the end.
        ("DOFS_RECORDINGS", traces.temporary().join("recordings").into()),
    ];
    if options.quick {
        // The simulation's tests read it: see `lambdas/simulation/tests/common`.
        variables.push(("DOFS_SEEDS", "5000".into()));
    }
    if !options.quick && !options.changed {
        // Between two changes of the code, incremental files are worth their gigabyte, there as in every other build.
        let (name, value) = BUILT_ONCE;
        variables.push((name, value.into()));
        variables.push(("DOFS_RECORDED", "everything".into()));
    }
    variables
}

/// Runs everything, prints a summary, and says whether all is well. The last line is
/// `N passed, N failed`.
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
