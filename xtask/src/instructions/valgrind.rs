//! Runs Valgrind's callgrind, from the `PATH`, or from Debian's package, which is unpacked below the target folder.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use fs_err as fs;

const FIX: &str = "install valgrind, such as by `apt-get install valgrind`, and put it on the PATH";

/// An installation of Valgrind.
pub(crate) struct Valgrind {
    program: PathBuf,
    /// The folder of its tools, if it is not the default one.
    tools: Option<PathBuf>,
}

impl Valgrind {
    /// Finds Valgrind. If it is missing on a Debian system, downloads the package.
    pub(crate) fn find(target: &Path) -> anyhow::Result<Self> {
        let on_path = PathBuf::from("valgrind");
        if answers(&on_path, None) {
            return Ok(Valgrind { program: on_path, tools: None });
        }
        let folder = target.join("tools/valgrind");
        let program = folder.join("usr/bin/valgrind");
        if !program.exists() {
            fetch(&folder).with_context(|| {
                format!("valgrind is not on the PATH, and cannot be fetched\n  fix: {FIX}")
            })?;
        }
        let places = ["usr/libexec/valgrind", "usr/lib/valgrind"].map(|it| folder.join(it));
        let tools = places.into_iter().find(|it| it.is_dir());
        if !answers(&program, tools.as_deref()) {
            bail!("{} does not start\n  fix: {FIX}", program.display());
        }
        Ok(Valgrind { program, tools })
    }

    /// Runs a program to its end, and returns the number of instructions of all its threads.
    pub(super) fn instructions(&self, program: &Path, arguments: &[&str]) -> anyhow::Result<u64> {
        let folder = tempfile::tempdir()?;
        let counted = folder.path().join("callgrind.out");
        let mut command = self.callgrind(&counted);
        command.arg(program).args(arguments);
        let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
        if !output.status.success() {
            bail!("{command:?} failed\n{}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        total(&counted)
    }

    /// A command that counts the instructions of a program. The caller adds the program and its arguments. After its
    /// end, the file contains the counts.
    pub(crate) fn callgrind(&self, counted: &Path) -> Command {
        let mut command = command(&self.program, self.tools.as_deref());
        command.args(["--tool=callgrind", "--quiet"]);
        command.arg(format!("--callgrind-out-file={}", counted.display()));
        command
    }
}

/// The number of instructions in a file of callgrind.
pub(crate) fn total(counted: &Path) -> anyhow::Result<u64> {
    sum(&fs::read_to_string(counted)?).context("callgrind's file has no sum")
}

fn command(program: &Path, tools: Option<&Path>) -> Command {
    let mut command = Command::new(program);
    if let Some(tools) = tools {
        command.env("VALGRIND_LIB", tools);
    }
    command
}

fn answers(program: &Path, tools: Option<&Path>) -> bool {
    let output = command(program, tools).arg("--version").output();
    output.is_ok_and(|it| it.status.success())
}

/// Downloads and unpacks Debian's package. It is not installed, because that would require root.
fn fetch(folder: &Path) -> anyhow::Result<()> {
    let download = tempfile::tempdir()?;
    run(Command::new("apt-get").current_dir(download.path()).args(["download", "valgrind"]))?;
    let package = fs::read_dir(download.path())?.next().context("apt-get brought no package")??;
    fs::create_dir_all(folder)?;
    run(Command::new("dpkg-deb").arg("-x").arg(package.path()).arg(folder))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    if !output.status.success() {
        bail!("{command:?} failed\n{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}

/// The total, which callgrind writes at the end of the file.
fn sum(text: &str) -> Option<u64> {
    let line = text.lines().rev().find_map(|it| it.strip_prefix("totals: "))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_read() {
        fn check(text: &str, expected: Option<u64>) {
            assert_eq!(sum(text), expected);
        }
        check("events: Ir\n\nfn=(1) main\n1 20\n\ntotals: 123456\n", Some(123_456));
        check("events: Ir\n", None);
        check("totals: many\n", None);
    }
}
