//! `cargo xtask bless`: writes what follows from the topology, for a reviewer to read in the diff.

use anyhow::{Context as _, ensure};

use crate::workspace::Workspace;

/// The commands, in their order: the snapshots of the second test follow from generated files.
const COMMANDS: [&[&str]; 3] = [
    &["run", "-p", "infra-gen"],
    &["test", "-p", "infra-gen", "--test", "generated"],
    &["test", "-p", "asl", "--test", "order"],
];

/// The variable of the crate expect-test. If it is set, a test writes its snapshot instead of comparing it.
const UPDATE: &str = "UPDATE_EXPECT";

/// Writes the generated files, and then the snapshots. Prints which files differ from the last commit, and returns whether
/// every test passes.
pub(crate) fn run() -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let cargo = |words: &[&str]| -> anyhow::Result<bool> {
        let mut cargo = processes::cargo::command();
        cargo.args(words).current_dir(&workspace.root).env(UPDATE, "1");
        let done = cargo.status().context("cargo cannot be started")?;
        Ok(done.success())
    };
    ensure!(
        cargo(COMMANDS[0])?,
        "nothing is blessed, because infra-gen has written no files\n  fix: remove the errors above, and repeat `cargo xtask bless`"
    );
    let mut pass = true;
    for words in &COMMANDS[1..] {
        pass &= cargo(words)?;
    }
    let changed = workspace.git(&["status", "--short"])?;
    say!(
        "read the difference of these files, and commit those that are right:\n{}",
        changed.trim_end()
    );
    Ok(pass)
}
