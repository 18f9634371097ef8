//! What must not compile. Each file in a folder of cases makes one mistake, and the `.stderr` beside it is what rustc
//! says about that mistake. In the folder `pass` are cases that compile: the same without the mistake.
//!
//! rustc compiles the cases against the very libraries that the test program is built from: [`invocation!`] takes their
//! files from the arguments by which rustc compiles the test program. So nothing is built for the cases, and the
//! program needs no cargo when it runs.
//!
//! After a change of a message: the same command with `DOFS_UI=bless`, and then read the difference.

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

/// Set to `bless`, the expectations are written instead of compared.
const VARIABLE: &str = "DOFS_UI";

/// How rustc compiled a test program. [`invocation!`] makes it.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The compiler itself.
    pub rustc: &'a str,
    /// The folder in which cargo starts rustc: that of the workspace.
    pub workspace: &'a str,
    /// The folder of the package that the test program belongs to.
    pub package: &'a str,
    /// The arguments that name libraries, and the edition.
    pub arguments: &'a [&'a str],
}

/// What becomes of the expectations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What rustc says is compared with them.
    Compare,
    /// What rustc says is written into them.
    Bless,
}

/// A folder of cases.
#[derive(Debug, Clone, Copy)]
pub struct Suite<'a> {
    /// How the cases are compiled.
    pub invocation: Invocation<'a>,
    /// Where they are, below the folder of the package.
    pub folder: &'a str,
    /// How many must not compile: their number may grow, and what deletes many of them is found.
    pub fewest: usize,
}

impl Suite<'_> {
    /// Runs the cases, in the mode that `DOFS_UI` sets.
    ///
    /// # Errors
    ///
    /// Names every case that is not as it should be, with the difference; or what keeps all cases from being compiled.
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

/// What is wrong with the cases, in their order.
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
