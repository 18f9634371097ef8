//! Runs rustc as it was run for the test program.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

use anyhow::{Context as _, ensure};
use fs_err as fs;
use similar::TextDiff;
use tempfile::TempDir;

use crate::{Invocation, Mode, folder::Case, message};

/// Options for messages with full type names, and with lines that do not depend on the width of a terminal.
const MESSAGES: [&str; 3] = ["--color=never", "--diagnostic-width=140", "--verbose"];

/// rustc with the libraries of the test program.
pub(crate) struct Compiler<'a> {
    invocation: Invocation<'a>,
    /// The folder for the output of cases that compile.
    out: TempDir,
}

impl<'a> Compiler<'a> {
    /// Checks that the compiler and the libraries still exist.
    pub(crate) fn new(invocation: Invocation<'a>) -> anyhow::Result<Self> {
        let options = invocation.arguments.windows(2).filter(|it| it[0] == "--extern");
        let libraries = options.filter_map(|it| Some(it[1].split_once('=')?.1));
        for file in libraries.chain([invocation.rustc]) {
            ensure!(
                Path::new(file).exists(),
                "{file} no longer exists, but the test program was built with it\n  fix: build the test program again with `cargo test`"
            );
        }
        Ok(Self { invocation, out: tempfile::tempdir()? })
    }

    /// Fails unless a case compiles without any message.
    pub(crate) fn must_pass(&self, case: &Case) -> anyhow::Result<()> {
        let (status, said) = self.compile(case)?;
        ensure!(
            status.success() && said.is_empty(),
            "it must compile without a message, but rustc prints\n{said}"
        );
        Ok(())
    }

    /// Fails unless a case describes its mistake, and rustc refuses it with the expected message.
    pub(crate) fn must_fail(&self, case: &Case, mode: Mode) -> anyhow::Result<()> {
        let source = fs::read_to_string(self.file(case))?;
        let docs = source.lines().filter(|it| it.starts_with("//!")).count();
        ensure!(
            source.starts_with("//! ") && docs == 1,
            "its first line, and no other line, must be a `//! ` comment that describes the mistake"
        );
        let (status, said) = self.compile(case)?;
        ensure!(!status.success(), "it must not compile, but it compiles");
        ensure!(status.code() == Some(1), "rustc ended abnormally: {status}\n{said}");
        let said = message::normal(&said, &self.invocation, &case.0);
        message::one_clear_error(&said).with_context(|| format!("rustc prints\n{said}"))?;
        let expectation = self.file(case).with_extension("stderr");
        if mode == Mode::Bless {
            return Ok(fs::write(expectation, said)?);
        }
        ensure!(expectation.exists(), "it has no `.stderr` file; rustc prints\n{said}");
        let expected = fs::read_to_string(expectation)?;
        let difference = TextDiff::from_lines(&expected, &said);
        ensure!(
            said == expected,
            "the output of rustc differs from the `.stderr` file; if the new output is right, run the test with DOFS_UI=bless\n{}",
            difference.unified_diff()
        );
        Ok(())
    }

    fn file(&self, case: &Case) -> PathBuf {
        Path::new(self.invocation.package).join(&case.0)
    }

    /// Compiles a case, and returns the exit status of rustc and its messages.
    fn compile(&self, case: &Case) -> anyhow::Result<(ExitStatus, String)> {
        let output = Command::new(self.invocation.rustc)
            // The libraries have paths of their sources relative to this folder, and rustc shows lines of the sources.
            .current_dir(self.invocation.workspace)
            .args(self.invocation.arguments)
            .args(MESSAGES)
            .args(["--allow=dead_code", "--emit=metadata", "--out-dir"])
            .arg(self.out.path())
            .arg(self.file(case))
            .output()
            .with_context(|| format!("cannot start {}", self.invocation.rustc))?;
        Ok((output.status, String::from_utf8(output.stderr)?))
    }
}
