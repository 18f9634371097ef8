//! `cargo xtask coverage` measures how many lines of each function its tests run.
//!
//! cargo-tarpaulin traces the test programs with ptrace, so it needs no additional component of the toolchain. It is
//! slow, so the suite does not run it.

use std::{collections::BTreeMap, process::Command};

use anyhow::{Context as _, bail};
use contracts::functions::FunctionName;
use fs_err as fs;
use serde::Deserialize;

use crate::{tools, workspace::Workspace};

/// The version of cargo-tarpaulin.
const TARPAULIN: &str = "0.37.5";

/// The lowest allowed share of run lines in a function, in percent.
const LEAST: f64 = 90.0;

/// Tests that are skipped because they repeat one scenario many times, which is too slow under a tracer.
const SLOW: &[&str] = &["no_seed_breaks_an_invariant", "ten_thousand_orders"];

/// Lines of a report.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Lines {
    run: u64,
    all: u64,
}

/// Runs the tests of the functions under a tracer, prints the coverage of each function, and returns whether all of them
/// reach [`LEAST`].
pub(crate) fn run() -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let tarpaulin = tools::prepare(&workspace, "cargo-tarpaulin", TARPAULIN)?;
    let out = workspace.target.join("coverage");
    fs::create_dir_all(&out)?;
    let mut command = Command::new(tarpaulin);
    command.current_dir(&workspace.root).args(["tarpaulin", "--engine", "ptrace", "--locked"]);
    command.args(["--skip-clean", "--out", "Json", "--output-dir"]).arg(&out);
    // It compiles with other flags, so it gets a target folder of its own.
    command.arg("--target-dir").arg(workspace.target.join("coverage-build"));
    for binary in FunctionName::BINS {
        command.args(["--packages", binary, "--include-files", &format!("lambdas/{binary}/src/*")]);
    }
    command.args(["--packages", "simulation", "--exclude-files", "*/src/main.rs"]);
    command.args(["--timeout", "1800", "--", "--test-threads", "1"]);
    for test in SLOW {
        command.args(["--skip", test]);
    }
    let status = command.status().context("starting cargo-tarpaulin failed")?;
    if !status.success() {
        bail!("cargo-tarpaulin failed ({status}); its output is above");
    }
    let report = fs::read_to_string(out.join("tarpaulin-report.json"))?;
    let lines = read(&report)?;
    let mut enough = true;
    for binary in FunctionName::BINS {
        let Lines { run, all } = lines.get(binary).copied().unwrap_or_default();
        let share = if all == 0 { 0.0 } else { 100.0 * run as f64 / all as f64 };
        enough &= share >= LEAST;
        say!("{binary:<16}  {run:>4} of {all:>4} lines  {share:>5.1} %");
    }
    if !enough {
        say!(
            "error: the tests run less than {LEAST} % of the lines of a function\n  fix: add tests for the missing lines"
        );
    }
    Ok(enough)
}

#[derive(Debug, Deserialize)]
struct Report {
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    /// The components of the path.
    path: Vec<String>,
    covered: u64,
    coverable: u64,
}

/// The lines of each function, by its folder.
fn read(report: &str) -> anyhow::Result<BTreeMap<String, Lines>> {
    let report: Report = serde_json::from_str(report)
        .context("the report of cargo-tarpaulin has an unknown format")?;
    let mut lines = BTreeMap::<String, Lines>::new();
    for file in report.files {
        let function = file.path.iter().rev().skip_while(|it| *it != "src").nth(1);
        let Some(function) = function else { continue };
        let lines = lines.entry(function.clone()).or_default();
        lines.run += file.covered;
        lines.all += file.coverable;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        fn check(report: &str, expected: &[(&str, u64, u64)]) {
            let lines = read(report).unwrap();
            let found: Vec<_> =
                lines.iter().map(|(name, it)| (name.as_str(), it.run, it.all)).collect();
            assert_eq!(found, expected);
        }
        check(r#"{"files":[]}"#, &[]);
        check(
            r#"{"files":[
                {"path":["/","a","lambdas","validator","src","lib.rs"],"covered":3,"coverable":4},
                {"path":["/","a","lambdas","validator","src","b","c.rs"],"covered":1,"coverable":1},
                {"path":["/","x.rs"],"covered":9,"coverable":9}
            ]}"#,
            &[("validator", 4, 5)],
        );
        assert!(read("{}").is_err());
    }
}
