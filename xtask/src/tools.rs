//! Subcommands of cargo for tasks, in pinned versions, installed below the target folder.

use std::path::PathBuf;

use anyhow::bail;

use crate::workspace::Workspace;

/// The path of a subcommand, such as `cargo-mutants`, in this version. Installs it if it is missing.
pub(crate) fn prepare(workspace: &Workspace, name: &str, version: &str) -> anyhow::Result<PathBuf> {
    // Each version has a folder of its own, so no other version is used by mistake.
    let root = workspace.target.join("tools").join(format!("{name}-{version}"));
    let installed = root.join("bin").join(name);
    if !installed.exists() {
        say!("{name} {version} is installed below {}", root.display());
        let mut cargo = processes::cargo::command();
        cargo.args(["install", "--quiet", "--locked", &format!("{name}@{version}"), "--root"]);
        let status = cargo.arg(&root).status()?;
        if !status.success() {
            bail!(
                "{name} {version} cannot be installed ({status}; see above)\n  \
                 fix: the machine needs crates.io once, or {name} {version} as {}",
                installed.display()
            );
        }
    }
    Ok(installed)
}
