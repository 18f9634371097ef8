//! The whole suite. Every step runs, whatever became of the one before.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader},
    process::Stdio,
    time::Instant,
};

use anyhow::Context as _;

use crate::{
    browser, instructions,
    libtest::{Reader, Tally},
    traces::Traces,
    workspace::Workspace,
};

/// One step: what it is called, and what cargo is asked.
struct Step {
    name: &'static str,
    cargo: &'static [&'static str],
}

/// The step after those: what nobody saw growing.
const INSTRUCTIONS: &str = "instructions";

const STEPS: &[Step] = &[
    Step { name: "format", cargo: &["fmt", "--all", "--check"] },
    Step {
        name: "lints",
        cargo: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    },
    Step { name: "tests", cargo: &["test", "--workspace", "--locked", "--no-fail-fast"] },
    Step { name: "docs", cargo: &["doc", "--workspace", "--no-deps", "--locked"] },
    Step {
        name: "generated files",
        cargo: &["run", "--locked", "--package", "infra-gen", "--", "--check"],
    },
];

/// What cargo and the tests are told.
type Variable = (&'static str, OsString);

fn variables(workspace: &Workspace, traces: &Traces) -> [Variable; 4] {
    [
        // A link that leads nowhere fails.
        ("RUSTDOCFLAGS", "-D warnings".into()),
        // Everything is built once here: what makes a second build quicker is a gigabyte for nothing.
        ("CARGO_INCREMENTAL", "0".into()),
        ("TMPDIR", traces.temporary().into()),
        // Cargo has built them before the first test runs; on its own, `dofs` would choose other
        // features of what they use, and build all of that again.
        ("DOFS_FUNCTIONS", workspace.target.join("debug").into()),
    ]
}

/// Runs everything, prints a summary, and says whether all is well. The last line is
/// `N passed, N failed`.
pub(crate) fn run() -> anyhow::Result<bool> {
    browser::prepare();
    let workspace = Workspace::here()?;
    let traces = Traces::before(&workspace.root, &workspace.target)?;
    let variables = variables(&workspace, &traces);
    let mut total = Tally::default();
    let mut lines = Vec::new();
    let mut measured = Measured::default();
    for step in STEPS {
        say!("\n== {}: cargo {}", step.name, step.cargo.join(" "));
        let begin = Instant::now();
        let (success, tests) = cargo(step, &variables, &mut measured)?;
        let seconds = begin.elapsed().as_secs();
        lines.push(summary(step.name, success, &tests, seconds));
        total.add(tally(step.name, success, tests));
    }
    match cfg!(target_os = "linux") {
        true => {
            say!("\n== {INSTRUCTIONS}: cargo xtask {INSTRUCTIONS}");
            let begin = Instant::now();
            let tests = instructions::check(&workspace).unwrap_or_else(|err| {
                say!("error: {err:#}");
                tally(INSTRUCTIONS, false, Tally::default())
            });
            let seconds = begin.elapsed().as_secs();
            lines.push(summary(INSTRUCTIONS, tests.failed == 0, &tests, seconds));
            total.add(tests);
        }
        false => lines.push(format!("{INSTRUCTIONS:<16} skipped: valgrind counts on Linux alone")),
    }
    let left = traces.left()?;
    lines.push(summary("nothing left", left.is_empty(), &Tally::default(), 0));
    left.iter().for_each(|it| say!("left behind: {it}"));
    total.add(tally("nothing left", left.is_empty(), Tally::default()));
    say!("");
    measured.lines.iter().for_each(|it| say!("{it}"));
    say!("{} scenarios on whole systems", measured.scenarios);
    lines.iter().for_each(|it| say!("{it}"));
    total.failures.iter().for_each(|it| say!("failed: {it}"));
    say!("{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
}

/// What tests tell beyond whether they passed. They write such lines past the harness, which keeps
/// what a passing test prints to itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Measured {
    scenarios: usize,
    lines: Vec<String>,
}

impl Measured {
    fn line(&mut self, line: &str) {
        if line.starts_with("scenario: ") {
            self.scenarios += 1;
        } else if line.starts_with("measured: ") {
            self.lines.push(line.to_owned());
        }
    }
}

/// A step counts as its tests; one without tests, or one that broke off, counts as itself.
fn tally(name: &str, success: bool, tests: Tally) -> Tally {
    let mut tally = tests;
    if success && tally.passed == 0 {
        tally.passed = 1;
    }
    if !success && tally.failed == 0 {
        tally.failed = 1;
        tally.failures.push(format!("{name} (see above)"));
    }
    tally
}

fn summary(name: &str, success: bool, tests: &Tally, seconds: u64) -> String {
    let outcome = if success { "ok" } else { "FAILED" };
    let counts = match (tests.passed, tests.failed) {
        (0, 0) => String::new(),
        (passed, failed) => format!("  {passed} passed, {failed} failed"),
    };
    format!("{name:<16} {outcome:<7} {seconds:>4} s{counts}")
}

/// Runs cargo, shows what it prints as it comes, and counts its tests.
fn cargo(
    step: &Step,
    variables: &[Variable],
    measured: &mut Measured,
) -> anyhow::Result<(bool, Tally)> {
    let mut child = infra_gen::cargo::command()
        .args(step.cargo)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let mut reader = Reader::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("cargo's output cannot be read")?;
        let line = String::from_utf8_lossy(&line);
        say!("{line}");
        reader.line(line.trim_end());
        measured.line(line.trim_end());
    }
    let status = child.wait().context("cargo cannot be waited for")?;
    Ok((status.success(), reader.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_told_again() {
        fn check(lines: &[&str], scenarios: usize, expected: &[&str]) {
            let mut measured = Measured::default();
            lines.iter().for_each(|it| measured.line(it));
            let lines = expected.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(measured, Measured { scenarios, lines });
        }
        check(&["running 2 tests", "test x ... ok"], 0, &[]);
        check(
            &["scenario: orders, 3 s", "measured: 335 ms", "scenario: queue, 2 s"],
            2,
            &["measured: 335 ms"],
        );
    }

    #[test]
    fn a_step_counts_even_where_no_test_ran() {
        fn check(success: bool, tests: (usize, usize), expected: (usize, usize)) {
            let tests = Tally { passed: tests.0, failed: tests.1, failures: Vec::new() };
            let tally = tally("step", success, tests);
            assert_eq!((tally.passed, tally.failed), expected);
        }
        check(true, (0, 0), (1, 0));
        check(false, (0, 0), (0, 1));
        check(true, (7, 0), (7, 0));
        check(false, (7, 2), (7, 2));
        // Some tests passed, and another binary did not compile.
        check(false, (7, 0), (7, 1));
    }
}
