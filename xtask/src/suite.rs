//! The whole suite. Every step runs, whatever became of the one before.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::Context as _;

use crate::{
    browser,
    libtest::{Reader, Tally},
};

/// One step: what it is called, and what cargo is asked.
struct Step {
    name: &'static str,
    cargo: &'static [&'static str],
}

const STEPS: &[Step] = &[
    Step { name: "format", cargo: &["fmt", "--all", "--check"] },
    Step {
        name: "lints",
        cargo: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    },
    Step { name: "tests", cargo: &["test", "--workspace", "--locked", "--no-fail-fast"] },
    // With RUSTDOCFLAGS from `cargo` below, a link that leads nowhere fails.
    Step { name: "docs", cargo: &["doc", "--workspace", "--no-deps", "--locked"] },
    Step {
        name: "generated files",
        cargo: &["run", "--locked", "--package", "infra-gen", "--", "--check"],
    },
];

/// Runs everything, prints a summary, and says whether all is well. The last line is
/// `N passed, N failed`.
pub(crate) fn run() -> anyhow::Result<bool> {
    browser::prepare();
    let mut total = Tally::default();
    let mut lines = Vec::new();
    for step in STEPS {
        println!("\n== {}: cargo {}", step.name, step.cargo.join(" "));
        let begin = Instant::now();
        let (success, tests) = cargo(step)?;
        let seconds = begin.elapsed().as_secs();
        lines.push(summary(step.name, success, &tests, seconds));
        total.add(tally(step.name, success, tests));
    }
    println!();
    lines.iter().for_each(|it| println!("{it}"));
    total.failures.iter().for_each(|it| println!("failed: {it}"));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
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
fn cargo(step: &Step) -> anyhow::Result<(bool, Tally)> {
    let mut child = Command::new(env!("CARGO"))
        .args(step.cargo)
        .env("RUSTDOCFLAGS", "-D warnings")
        // Everything is built once here: what makes a second build quicker is a gigabyte for nothing.
        .env("CARGO_INCREMENTAL", "0")
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let mut reader = Reader::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("cargo's output cannot be read")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        reader.line(line.trim_end());
    }
    let status = child.wait().context("cargo cannot be waited for")?;
    Ok((status.success(), reader.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
