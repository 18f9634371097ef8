//! Tests that mistakes do not compile. Each file in a folder of cases makes one mistake, and the `.stderr` file next to
//! it has the message that rustc must print. The cases in the folder `pass` must compile: they are the same code
//! without the mistake.
//!
//! rustc compiles the cases with the libraries of the test program: [`invocation!`] takes the paths of the libraries
//! from the arguments with which rustc compiles the test program. So the cases need no build of their own, and the test
//! program does not run cargo.
//!
//! After a change that affects messages, run the same test with `DOFS_UI=bless`, and read the diff.

mod compiler;
mod folder;
mod message;

use std::{
    env,
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{bail, ensure};
pub use compile_fail_invocation::invocation;

use crate::{
    compiler::Compiler,
    folder::{Case, Folder},
};

/// The environment variable that selects the mode. With the value `bless`, the `.stderr` files are written instead of
/// compared.
const VARIABLE: &str = "DOFS_UI";

/// The rustc command that compiled a test program. [`invocation!`] creates it.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The path of rustc.
    pub rustc: &'a str,
    /// The working directory of rustc: the folder of the workspace.
    pub workspace: &'a str,
    /// The folder of the test program's package.
    pub package: &'a str,
    /// The arguments that name libraries, and the edition.
    pub arguments: &'a [&'a str],
}

/// How the `.stderr` files are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Compare the messages of rustc with them.
    Compare,
    /// Write the messages of rustc into them.
    Bless,
}

/// A folder of cases.
#[derive(Debug, Clone, Copy)]
pub struct Suite<'a> {
    /// The command that compiles the cases.
    pub invocation: Invocation<'a>,
    /// The folder of the cases, relative to the folder of the package.
    pub folder: &'a str,
    /// The minimum number of cases that must not compile. It reveals an accidental deletion of cases.
    pub fewest: usize,
}

impl Suite<'_> {
    /// Runs the cases, in the mode that `DOFS_UI` sets.
    ///
    /// # Errors
    ///
    /// Returns every case that fails, with the difference, or the reason why no case can be compiled.
    pub fn run(self) -> anyhow::Result<()> {
        self.run_as(mode()?)
    }

    /// Runs the cases in this mode.
    ///
    /// # Errors
    ///
    /// As [`Suite::run`].
    pub fn run_as(self, mode: Mode) -> anyhow::Result<()> {
        let Self { invocation, folder, fewest } = self;
        let compiler = Compiler::new(invocation)?;
        let Folder { failing, passing, strays } = Folder::read(invocation.package, folder)?;
        ensure!(
            failing.len() >= fewest,
            "{folder} has {} cases, but at least {fewest} is expected",
            failing.len()
        );
        ensure!(
            !passing.is_empty(),
            "{folder}/pass has no case; at least one must compile, to show that rustc finds the libraries"
        );
        let problems = on_every_core(&passing, |case| compiler.must_pass(case));
        if !problems.is_empty() {
            bail!("{}\n\nthe other cases prove nothing until this compiles", problems.join("\n\n"));
        }
        let mut problems = on_every_core(&failing, |case| compiler.must_fail(case, mode));
        problems.extend(
            strays
                .iter()
                .map(|it| format!("{it}: there is no case with this name\n  fix: delete it")),
        );
        ensure!(
            problems.is_empty(),
            "problems in {folder}: {}\n\n{}",
            problems.len(),
            problems.join("\n\n")
        );
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a setting of this test run, not of a Lambda function"
)]
fn mode() -> anyhow::Result<Mode> {
    match env::var_os(VARIABLE) {
        None => Ok(Mode::Compare),
        Some(value) if value == "bless" => Ok(Mode::Bless),
        Some(value) => bail!("{VARIABLE} is {value:?}\n  fix: set it to `bless`, or unset it"),
    }
}

/// Checks the cases on all cores, and returns their problems, sorted.
fn on_every_core(
    cases: &[Case],
    check: impl Fn(&Case) -> anyhow::Result<()> + Sync,
) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut problems = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            problems.extend(check(case).err().map(|err| format!("{case}: {err:#}")));
        }
        problems
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut problems: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|it| it.join().unwrap_or_else(|it| resume_unwind(it)))
            .collect()
    });
    problems.sort_unstable();
    problems
}
