//! `cargo xtask prose` checks the prose of this repository: the spelling, by codespell, and the wording, by the patterns
//! in `prose/patterns.rs`, which docs/style.md lists.
//!
//! Prose is what a person reads: documents, comments, messages and help texts, and test names. Code, inline code in
//! backticks, and generated files are not checked.

mod markdown;
mod passage;
mod patterns;
mod source;
mod spelling;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::Context as _;
use fs_err as fs;

use self::{
    passage::Passage,
    patterns::{PATTERNS, Pattern},
    source::Language,
};
use crate::workspace::Workspace;

/// Files and folders whose prose is not ours, or follows from the prose of other files.
const NOT_READ: &[&str] = &[
    "LICENSE",
    // They have texts that a check must find.
    "xtask/src/prose/patterns.rs",
    "xtask/src/prose/tests.rs",
    // Written by `infra-gen`.
    "generated/",
    "buildspec.yml",
    ".github/workflows/",
    // Written by `cargo xtask bench`.
    "bench/README.md",
];

/// A finding: a text that a pattern or the spelling checker objects to.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// `file:line:column`.
    place: String,
    problem: String,
}

/// The prose of one file.
#[derive(Debug)]
struct Prose {
    file: String,
    passages: Vec<Passage>,
}

/// The findings, and how many checks have none.
#[derive(Debug)]
struct Outcome {
    findings: Vec<Finding>,
    passed: usize,
    failed: usize,
}

/// Checks all files, prints every finding, and returns whether there is none. The last line is `N passed, N failed`.
pub(crate) fn run() -> anyhow::Result<bool> {
    let Outcome { findings, passed, failed } = check(&Workspace::here()?)?;
    for Finding { place, problem } in &findings {
        say!("failed: prose: {place}: {problem}");
    }
    say!("{passed} passed, {failed} failed");
    Ok(findings.is_empty())
}

/// Checks every file by every pattern and by codespell.
fn check(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let prose = files(workspace)?;
    let mut outcome = Outcome { findings: Vec::new(), passed: 0, failed: 0 };
    for pattern in PATTERNS {
        outcome.add(worded(pattern, &prose)?);
    }
    outcome.add(spelling::check(workspace, &prose)?);
    Ok(outcome)
}

impl Outcome {
    /// Adds the findings of one check.
    fn add(&mut self, findings: Vec<Finding>) {
        match findings.is_empty() {
            true => self.passed += 1,
            false => self.failed += 1,
        }
        self.findings.extend(findings);
    }
}

/// The prose of all files that git tracks, or would add.
fn files(workspace: &Workspace) -> anyhow::Result<Vec<Prose>> {
    let listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = workspace.git(&listed)?;
    let mut prose = Vec::new();
    for file in listed.split('\0').filter(|it| !it.is_empty()) {
        let path = workspace.root.join(file);
        // A deleted file stays in git's index until the next commit.
        if NOT_READ.iter().any(|it| file.starts_with(it)) || !path.exists() {
            continue;
        }
        if let Some(read) = reader(file) {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {file}"))?;
            prose.push(Prose { file: file.to_owned(), passages: read(&text) });
        }
    }
    Ok(prose)
}

type Reader = fn(&str) -> Vec<Passage>;

/// How the prose of a file is found, by its name.
fn reader(file: &str) -> Option<Reader> {
    let name = Path::new(file);
    Some(match name.extension().and_then(|it| it.to_str()) {
        Some("md") => markdown::document,
        Some("rs") => |text| source::passages(text, Language::Rust),
        Some("js" | "ts") => |text| source::passages(text, Language::JavaScript),
        Some("py") => |text| source::passages(text, Language::Python),
        Some("toml") => |text| source::passages(text, Language::Toml),
        Some("txt" | "sh") => |text| source::passages(text, Language::Hash),
        None if file == ".ci/run" => |text| source::passages(text, Language::Hash),
        _ => return None,
    })
}

/// The places where a pattern finds its text.
fn worded(pattern: &Pattern, prose: &[Prose]) -> anyhow::Result<Vec<Finding>> {
    let regex = pattern.regex()?;
    let mut found = Vec::new();
    for Prose { file, passages } in prose {
        for passage in passages {
            for it in regex.find_iter(&passage.text) {
                let it = it?;
                let text = it.as_str().trim_start_matches(|it: char| !it.is_alphanumeric());
                let (line, column) = passage.position(it.end() - text.len());
                let Pattern { instead, why, good, .. } = pattern;
                found.push(Finding {
                    place: format!("{file}:{line}:{column}"),
                    problem: format!(
                        "`{}`: {why}\n  fix: {instead}, as in “{good}”",
                        shortened(text)
                    ),
                });
            }
        }
    }
    Ok(found)
}

/// The beginning of a text, as a finding quotes it.
fn shortened(text: &str) -> String {
    let text: Vec<&str> = text.split_whitespace().collect();
    let text = text.join(" ");
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
