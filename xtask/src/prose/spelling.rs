//! The spelling of prose, checked by codespell.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use local_aws::Tools;

use super::{Finding, Prose};
use crate::workspace::Workspace;

/// The misspelled words.
pub(super) fn check(workspace: &Workspace, prose: &[Prose]) -> anyhow::Result<Vec<Finding>> {
    let tools = Tools::spelling(&workspace.target.join("tools"))?;
    // codespell reads one line for each passage, and names a misspelled word by the number of the line.
    let passages: Vec<_> =
        prose.iter().flat_map(|it| it.passages.iter().map(|passage| (&it.file, passage))).collect();
    let mut text = String::new();
    for (_, passage) in &passages {
        text.extend([passage.text.as_str(), "\n"]);
    }
    let mut codespell = Command::new(tools.program("codespell"))
        .args(["--config", "/dev/null", "--stdin-single-line", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("codespell cannot be started")?;
    let mut stdin = codespell.stdin.take().context("codespell's stdin is not a pipe")?;
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = codespell.wait_with_output()?;
    writer.join().unwrap_or_else(|it| std::panic::resume_unwind(it))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let mut found = Vec::new();
    let mut before: Vec<Report<'_>> = Vec::new();
    for report in stdout.lines().filter_map(Report::read) {
        let (file, passage) = passages
            .get(report.line.wrapping_sub(1))
            .context("codespell names a line that it was not given")?;
        // codespell reports a word as often as it occurs, from left to right.
        let number = before.iter().filter(|it| **it == report).count();
        let mut places = passage.text.match_indices(report.wrong).skip(number);
        let (line, column) = passage.position(places.next().map_or(0, |it| it.0));
        found.push(Finding {
            place: format!("{file}:{line}:{column}"),
            problem: format!("`{}` is misspelled\n  fix: {}", report.wrong, report.right),
        });
        before.push(report);
    }
    // It exits with the number of misspelled words, or with 65 and more about its own problems.
    if !output.status.success() && found.is_empty() {
        bail!("codespell failed ({}): {stdout}", output.status);
    }
    Ok(found)
}

/// A line of codespell's output, which is about one word.
#[derive(Debug, PartialEq, Eq)]
struct Report<'o> {
    line: usize,
    wrong: &'o str,
    right: &'o str,
}

impl<'o> Report<'o> {
    /// Reads a line such as `12: teh ==> the`.
    fn read(line: &'o str) -> Option<Self> {
        let (before, right) = line.split_once(" ==> ")?;
        let (number, wrong) = before.split_once(": ")?;
        Some(Report { line: number.trim().parse().ok()?, wrong: wrong.trim(), right })
    }
}
