//! The tests that judge the generated files of a topology.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, bail};

use super::judge::{Judge, text};

/// Tests of a topology.
#[derive(Debug)]
pub(crate) enum Test {
    /// The arguments of `cargo test`. These programs do not have the library of the topology, so they are built once, and read
    /// the generated files.
    Cargo(&'static [&'static str]),
    /// The root file of a test program with the library of the topology, or of the library itself, and the arguments of the
    /// program. rustc compiles it for each mistake, with the libraries of this test program.
    Rustc(&'static str, &'static [&'static str]),
}

/// Tests that fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// A test, with its name.
    Test(String),
    /// Only comparisons with committed snapshots, with the name of the first. A reader of their difference must see the mistake.
    Snapshot(String),
}

impl Judge<'_> {
    /// Runs tests in the copy, and returns the first one that fails.
    pub(super) fn asked(&self, test: &Test) -> anyhow::Result<Option<Failed>> {
        let output = match test {
            Test::Cargo(arguments) => {
                let mut cargo = processes::cargo::command();
                // The libraries from registries are there already.
                let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("");
                cargo.current_dir(&self.tree).env("CARGO_TARGET_DIR", target);
                cargo.args(["test", "--locked", "--quiet", "--no-fail-fast"]).args(*arguments);
                cargo.output().context("cargo cannot be started")?
            }
            Test::Rustc(file, arguments) => {
                let compiled = self.compile_tests(file)?;
                if !compiled.status.success() {
                    return Ok(Some(Failed::Test(format!("{file} does not compile"))));
                }
                let mut program = Command::new(self.builds.join("tests"));
                program.current_dir(self.package(file)).args(["--quiet"]).args(*arguments);
                program.output().context("the tests cannot be started")?
            }
        };
        if output.status.success() {
            return Ok(None);
        }
        failed(&text(&output)).map(Some)
    }

    fn compile_tests(&self, file: &str) -> anyhow::Result<Output> {
        let library = self.crate_name();
        let mut rustc = self.rustc();
        rustc.args(["--test", "--crate-name", "tests", "-o"]).arg(self.builds.join("tests"));
        if file != self.topology.library {
            let rlib = self.builds.join(format!("lib{library}.rlib"));
            rustc.arg("--extern").arg(format!("{library}={}", rlib.display()));
        }
        rustc.env("CARGO_MANIFEST_DIR", self.package(file));
        rustc.env("CARGO_TARGET_TMPDIR", &self.builds);
        Ok(rustc.arg(file).output()?)
    }

    /// The folder of the package in the copy that a file belongs to.
    fn package(&self, file: &str) -> PathBuf {
        let folders = ["/src/", "/tests/"].into_iter().filter_map(|it| file.find(it));
        self.tree.join(&file[..folders.min().unwrap_or_default()])
    }
}

/// The failed test in the output of a test program.
fn failed(said: &str) -> anyhow::Result<Failed> {
    let mut snapshot = None;
    for part in said.split("\n---- ").skip(1) {
        let Some((name, said)) = part.split_once(" stdout ----") else { continue };
        if !said.contains("cargo xtask bless") {
            return Ok(Failed::Test(name.to_owned()));
        }
        snapshot.get_or_insert(Failed::Snapshot(name.to_owned()));
    }
    match snapshot {
        Some(it) => Ok(it),
        None if said.contains("error") => Ok(Failed::Test("the tests do not compile".to_owned())),
        None => bail!("the tests failed without a failed test\n{said}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_counts_more_than_a_snapshot() {
        let snapshot = "\n---- alarms stdout ----\nIf it is right, run `cargo xtask bless`.\n";
        let test = "\n---- rights stdout ----\nassertion failed\n";
        assert_eq!(failed(snapshot).unwrap(), Failed::Snapshot("alarms".to_owned()));
        let both = format!("failures:\n{snapshot}{test}");
        assert_eq!(failed(&both).unwrap(), Failed::Test("rights".to_owned()));
        failed("killed").unwrap_err();
    }
}
