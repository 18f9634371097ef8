//! The steps of the suite that are not test programs. Each is one command.

use std::{path::PathBuf, process::Command, time::Duration};

use infra_gen::topology::build::mutated;

use super::schedule::Load;
use crate::libtest::{self, Failure, Tally};

/// A step: its name and its command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    runs: Runs,
    /// How its results are counted.
    counts: Counts,
    /// How long it took on two cores.
    pub(crate) seconds: u64,
    /// Whether `--quick` runs it, too.
    pub(crate) is_quick: bool,
    /// The packages that it depends on. Empty if it depends on all.
    pub(crate) about: fn() -> Vec<&'static str>,
}

#[derive(Debug, Clone, Copy)]
enum Runs {
    /// cargo, with the lock of the target folder.
    Compiler(&'static [&'static str]),
    /// cargo, without the lock.
    Format(&'static [&'static str]),
    /// The built generator.
    Generator(&'static [&'static str]),
    /// Another command of this program, by its arguments.
    Chore(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy)]
enum Counts {
    /// As one test.
    Itself,
    /// By the output of Rust's test harness.
    Tests,
    /// By its last line: `N passed, N failed`.
    LastLine,
}

pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "format",
        runs: Runs::Format(&["fmt", "--all", "--check"]),
        counts: Counts::Itself,
        seconds: 5,
        is_quick: true,
        about: Vec::new,
    },
    Step {
        name: "lints",
        runs: Runs::Compiler(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
        counts: Counts::Itself,
        seconds: 180,
        is_quick: true,
        about: Vec::new,
    },
    Step {
        name: "documented code",
        runs: Runs::Compiler(&["test", "--workspace", "--doc", "--locked", "--no-fail-fast"]),
        counts: Counts::Tests,
        seconds: 30,
        is_quick: false,
        about: Vec::new,
    },
    Step {
        name: "docs",
        runs: Runs::Compiler(&["doc", "--workspace", "--no-deps", "--locked"]),
        counts: Counts::Itself,
        seconds: 30,
        is_quick: false,
        about: Vec::new,
    },
    Step {
        name: "generated files",
        runs: Runs::Generator(&["--check"]),
        counts: Counts::Itself,
        seconds: 2,
        is_quick: true,
        about: || vec!["infra-gen"],
    },
    Step {
        name: "prose",
        runs: Runs::Chore(&["prose"]),
        counts: Counts::LastLine,
        seconds: 5,
        // It installs codespell.
        is_quick: false,
        about: Vec::new,
    },
    Step {
        name: "instructions",
        runs: Runs::Chore(&["instructions"]),
        counts: Counts::LastLine,
        seconds: 30,
        is_quick: false,
        // It counts the instructions of the generator, which is a part of this program.
        about: || vec!["infra-gen", "xtask"],
    },
    Step {
        name: "mutants of changed lines",
        runs: Runs::Chore(&["mutants", "--changed"]),
        counts: Counts::LastLine,
        seconds: 60,
        is_quick: false,
        // The mutated packages, and this one, which has the list of survivors.
        about: || mutated().chain(["xtask"]).collect(),
    },
];

/// The time limit of a step. The longest step takes a third of it on two cores.
pub(crate) const LIMIT: Duration = Duration::from_secs(20 * 60);
/// The time limit of the mutants. Each mutant is built and tested, so those of a large change take long.
const LIMIT_OF_MUTANTS: Duration = Duration::from_secs(2 * 60 * 60);

impl Step {
    /// Checks that this machine has what the step needs. The error is the reason why not.
    pub(crate) fn skipped(&self) -> Option<&'static str> {
        let counts = matches!(self.runs, Runs::Chore(["instructions"]));
        (counts && !cfg!(target_os = "linux")).then_some("valgrind counts on Linux alone")
    }

    pub(crate) fn limit(&self) -> Duration {
        match self.runs {
            Runs::Chore(["mutants", ..]) => LIMIT_OF_MUTANTS,
            _ => LIMIT,
        }
    }

    pub(crate) fn load(&self, cores: usize) -> Load {
        match self.runs {
            // The other half of the cores runs tests.
            Runs::Compiler(_) | Runs::Chore(["mutants", ..]) => Load::Cargo((cores / 2).max(1)),
            _ => Load::Computes,
        }
    }

    /// The command that repeats the step alone.
    pub(crate) fn again(&self) -> String {
        match self.runs {
            Runs::Compiler(words) | Runs::Format(words) => format!("cargo {}", words.join(" ")),
            Runs::Generator(words) => {
                format!("cargo run --locked -p infra-gen -- {}", words.join(" "))
            }
            Runs::Chore(words) => format!("cargo xtask {}", words.join(" ")),
        }
    }

    pub(crate) fn command(
        &self,
        generator: Option<&PathBuf>,
        cores: usize,
    ) -> anyhow::Result<Command> {
        let mut command = match self.runs {
            Runs::Generator(_) => Command::new(generator.ok_or_else(|| {
                anyhow::anyhow!("infra-gen was not built, so nothing is compared with generated/")
            })?),
            Runs::Chore(_) => Command::new(std::env::current_exe()?),
            _ => processes::cargo::command(),
        };
        match self.runs {
            Runs::Compiler(words)
            | Runs::Format(words)
            | Runs::Generator(words)
            | Runs::Chore(words) => command.args(words),
        };
        if let Load::Cargo(jobs) = self.load(cores) {
            command.env("CARGO_BUILD_JOBS", jobs.to_string());
        }
        Ok(command)
    }

    /// Counts the results in its output.
    pub(crate) fn counted(&self, stdout: &str) -> Tally {
        match self.counts {
            Counts::Itself => Tally::default(),
            Counts::Tests => libtest::read(stdout).tally,
            Counts::LastLine => last_line(stdout),
        }
    }
}

/// Reads the end of another command's output: lines `failed: …`, and `N passed, N failed`.
fn last_line(stdout: &str) -> Tally {
    let failures = stdout.lines().filter_map(|it| it.strip_prefix("failed: "));
    let failures = failures.map(|it| Failure::Other(it.to_owned())).collect();
    let counts = stdout.lines().next_back().and_then(|it| {
        let (passed, failed) = it.strip_suffix(" failed")?.split_once(" passed, ")?;
        Some((passed.parse().ok()?, failed.parse().ok()?))
    });
    let (passed, failed) = counts.unwrap_or_default();
    Tally { passed, failed, failures }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mutants::packages;

    #[test]
    fn a_command_is_counted_by_its_last_line() {
        #[track_caller]
        fn check(stdout: &str, passed: usize, failed: usize, failures: &[&str]) {
            let failures = failures.iter().map(|it| Failure::Other((*it).to_owned())).collect();
            assert_eq!(last_line(stdout), Tally { passed, failed, failures });
        }
        check("", 0, 0, &[]);
        check("render 12\n3 passed, 0 failed\n", 3, 0, &[]);
        check("failed: instructions: a\n3 passed, 1 failed\n", 3, 1, &["instructions: a"]);
        check("3 passed, 1 failed\nand more\n", 0, 0, &[]);
    }

    /// A package that does not exist would never be affected by a change.
    #[test]
    fn a_step_names_existing_packages() {
        let workspace = crate::workspace::Workspace::here().unwrap();
        for name in STEPS.iter().flat_map(|it| (it.about)()) {
            assert!(workspace.packages.iter().any(|it| it.name == name), "{name}");
        }
        let about = |name: &str| (STEPS.iter().find(|it| it.name == name).unwrap().about)();
        assert_eq!(about("instructions"), ["infra-gen", "xtask"]);
        let every = packages();
        let mutated: BTreeSet<_> = every.iter().map(|it| it.name).chain(["xtask"]).collect();
        assert_eq!(BTreeSet::from_iter(about("mutants of changed lines")), mutated);
    }

    #[test]
    fn a_step_has_a_command_that_repeats_it() {
        let again: Vec<String> = STEPS.iter().map(Step::again).collect();
        assert_eq!(again[1], "cargo clippy --workspace --all-targets --locked -- -D warnings");
        assert_eq!(again[4], "cargo run --locked -p infra-gen -- --check");
        assert_eq!(again[5], "cargo xtask prose");
        assert_eq!(again[6], "cargo xtask instructions");
        assert_eq!(again[7], "cargo xtask mutants --changed");
    }
}
