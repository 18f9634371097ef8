//! Runs cargo-mutants in a copy of the workspace.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use fs_err as fs;
use serde::Deserialize;

use super::{
    judge::{Judge, Package},
    tree,
};
use crate::{
    tools,
    workspace::{Workspace, said},
};

/// The version of cargo-mutants. Another version makes other mutants, and the list of survivors is for these.
const VERSION: &str = "27.1.0";

/// The timeout of building a mutant. The compiler itself runs a `const fn`, so an infinite loop in one never ends.
const BUILD: Duration = Duration::from_secs(300);

/// The settings for cargo. Nearly all of the time is spent in the compiler, so they make it do little.
fn cargo_arguments(judge: &Judge) -> Vec<&'static str> {
    let mut all = vec!["--locked", "--config", "profile.dev.debug=false"];
    if !judge.is_long {
        for package in [
            "profile.dev.package.asl.opt-level=0",
            "profile.dev.package.function-contract.opt-level=0",
            "profile.dev.package.simulation.opt-level=0",
        ] {
            all.extend(["--config", package]);
        }
    }
    all
}

/// A change of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// The name: file, line, column and change.
    pub(crate) name: String,
    pub(crate) package: String,
    pub(crate) file: String,
    /// The changed line, without surrounding spaces.
    pub(crate) line: String,
}

impl Mutant {
    /// The change, without its position.
    pub(crate) fn what(&self) -> &str {
        self.name.splitn(4, ':').nth(3).unwrap_or_default().trim_start()
    }
}

/// A mutant in the JSON of cargo-mutants.
#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    package: String,
    file: String,
    span: Span,
}

#[derive(Debug, Deserialize)]
struct Span {
    start: Start,
}

#[derive(Debug, Deserialize)]
struct Start {
    line: usize,
}

/// cargo-mutants, and its folders.
pub(super) struct Mutants {
    tool: PathBuf,
    root: PathBuf,
    /// The folder of its output and its builds.
    folder: PathBuf,
    /// The copy of the workspace, in which it makes the mutants.
    tree: PathBuf,
}

impl Mutants {
    /// Installs the tool if it is missing.
    pub(super) fn prepare(workspace: &Workspace) -> anyhow::Result<Self> {
        let tool = tools::prepare(workspace, "cargo-mutants", VERSION)?;
        let folder = workspace.target.join("mutants");
        let tree = folder.join("tree");
        Ok(Mutants { tool, root: workspace.root.clone(), folder, tree })
    }

    fn command(&self, packages: &[&Package], diff: Option<&Path>) -> Command {
        let mut command = Command::new(&self.tool);
        command.arg("mutants");
        for package in packages {
            command.args(["--package", package.name]);
        }
        if let Some(diff) = diff {
            command.arg("--in-diff").arg(diff);
        }
        command
    }

    /// The mutants of packages: all, or those in the lines of a diff.
    pub(super) fn list(
        &self,
        packages: &[&Package],
        diff: Option<&Path>,
    ) -> anyhow::Result<Vec<Mutant>> {
        let mut command = self.command(packages, diff);
        command.current_dir(&self.root).args(["--list", "--json"]);
        let said = said(command)?;
        // If the diff has no line of Rust, cargo-mutants prints nothing.
        let listed: Vec<Listed> = match said.trim() {
            "" => Vec::new(),
            said => serde_json::from_str(said).context("cargo-mutants lists mutants otherwise")?,
        };
        listed.into_iter().map(|it| self.read(it)).collect()
    }

    fn read(&self, listed: Listed) -> anyhow::Result<Mutant> {
        let Listed { name, package, file, span } = listed;
        let text = fs::read_to_string(self.root.join(&file))?;
        let line = text.lines().nth(span.start.line.saturating_sub(1));
        let line = line.with_context(|| format!("{name} is in no line of {file}"))?;
        Ok(Mutant { name, package, file, line: line.trim().to_owned() })
    }

    /// Copies the present workspace to the folder in which mutants are made.
    pub(super) fn copy(&self) -> anyhow::Result<()> {
        tree::copy(&self.root, &self.tree)
    }

    /// The names of the mutants of a package that no judge notices.
    pub(super) fn judge(
        &self,
        package: &Package,
        diff: Option<&Path>,
    ) -> anyhow::Result<BTreeSet<String>> {
        let out = self.folder.join(package.name);
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(&out)?;
        let mut missed = BTreeSet::new();
        for (number, judge) in package.judges.iter().enumerate() {
            // The mutants that earlier judges did not catch.
            if number > 0 && missed.is_empty() {
                break;
            }
            say!("-- {}: {}", judge.packages.join(" "), judge.programs.join(" "));
            let status = self.run(self.command(&[package], diff), judge, number > 0, &out)?;
            // The exit codes: all caught, some missed, some timed out.
            if !matches!(status.code(), Some(0 | 2 | 3)) {
                bail!(
                    "cargo-mutants failed ({status}; see above, and {})",
                    out.join("mutants.out/log").display()
                );
            }
            let names = |file: &str| -> anyhow::Result<BTreeSet<String>> {
                let text = fs::read_to_string(out.join("mutants.out").join(file))?;
                Ok(text.lines().map(str::to_owned).collect())
            };
            let (endless, caught) = (names("timeout.txt")?, names("caught.txt")?);
            missed = names("missed.txt")?;
            // A timeout counts as caught. cargo-mutants lists it separately, so the next judge would run the mutant,
            // too, and wait for its own timeout.
            let caught: Vec<String> = caught.union(&endless).map(|it| format!("{it}\n")).collect();
            fs::write(out.join("mutants.out/caught.txt"), caught.concat())?;
        }
        Ok(missed)
    }

    /// Runs one judge for a package. cargo-mutants would first run the tests of that package without a mutant, so the
    /// arguments tell it to skip that.
    fn run(
        &self,
        mut command: Command,
        judge: &Judge,
        goes_on: bool,
        out: &Path,
    ) -> anyhow::Result<ExitStatus> {
        let limit = self.pass(judge)? * 5 + Duration::from_secs(20);
        self.build_apart(&mut command);
        command.args(["--in-place", "--no-shuffle", "--colors", "never", "--output"]).arg(out);
        command.args(["--baseline", "skip", "--timeout", &limit.as_secs().to_string()]);
        command.args(["--build-timeout", &BUILD.as_secs().to_string()]);
        if goes_on {
            command.arg("--iterate");
        }
        command.args(["--test-package", &judge.packages.join(",")]);
        for argument in cargo_arguments(judge) {
            command.arg(format!("--cargo-arg={argument}"));
        }
        command.arg("--").args(judge.programs);
        command.status().context("cargo-mutants cannot be started")
    }

    /// Measures how long the tests of a judge take. They must pass without a mutant, because otherwise every mutant
    /// would seem to be caught.
    fn pass(&self, judge: &Judge) -> anyhow::Result<Duration> {
        let test = |more: &[&str]| {
            let mut cargo = processes::cargo::command();
            self.build_apart(&mut cargo);
            cargo.args(["test", "--quiet"]).args(cargo_arguments(judge));
            for package in judge.packages {
                cargo.args(["--package", package]);
            }
            cargo.args(more).args(judge.programs).output().context("starting cargo failed")
        };
        let built = test(&["--no-run"])?;
        let began = Instant::now();
        let passed = test(&[])?;
        for output in [&built, &passed] {
            if !output.status.success() {
                let said = [&output.stdout[..], &output.stderr].concat();
                bail!("the tests fail without a mutant\n{}", String::from_utf8_lossy(&said));
            }
        }
        Ok(began.elapsed())
    }

    fn build_apart(&self, command: &mut Command) {
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", self.folder.join("build"));
        // Incremental builds are on, although the suite disables them: from one mutant to the next, nearly all code
        // stays the same.
        command.env("CARGO_INCREMENTAL", "1").env_remove("CARGO_PROFILE_DEV_CODEGEN_UNITS");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_of_a_mutant_is_read_without_its_position() {
        let mutant = Mutant {
            name: "a/b.rs:12:9: replace A::f -> B with C::d()".to_owned(),
            package: "a".to_owned(),
            file: "a/b.rs".to_owned(),
            line: String::new(),
        };
        assert_eq!(mutant.what(), "replace A::f -> B with C::d()");
    }
}
