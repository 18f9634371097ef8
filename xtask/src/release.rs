//! `cargo xtask release`: keeps the types of today's data as a release, which later versions must be able to read.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use fs_err as fs;
use infra_core::contracts::{Contracts, FILE};
use infra_gen::run::RELEASES;

use crate::workspace::Workspace;

/// Options of `cargo xtask release`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write the newest release anew. Use it only if no environment has that release.
    #[arg(long)]
    replace: bool,
}

/// The data of an environment. It is the same in all of them, except for addresses that only prod has.
const GENERATED: &str = "generated/prod";

/// The variable with the number of the release whose examples the test program writes.
const WRITE: &str = "DOFS_RELEASE";

/// Writes a release, and returns whether its tests pass.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let cargo = |words: &[&str], variable: Option<&str>| -> anyhow::Result<bool> {
        let mut cargo = processes::cargo::command();
        cargo.args(words).current_dir(&workspace.root).envs(variable.map(|it| (WRITE, it)));
        Ok(cargo.status().context("cargo cannot be started")?.success())
    };
    ensure!(
        cargo(&["run", "--quiet", "--package", "infra-gen", "--", "--check"], None)?,
        "no release is written, because `infra-gen --check` fails: the errors are above\n  fix: remove them, or run \
         `cargo run -p infra-gen` if files are out of date"
    );
    let number = number(&workspace.root, options.replace)?;
    let folder = workspace.root.join(RELEASES).join(&number);
    let before = workspace.target.join("release-before");
    write(&workspace.root, &folder, &before)?;
    let test = ["test", "--quiet", "--package", "contracts", "--test", "released"];
    let pass = cargo(&test_of_examples(&test), Some(&number))? && cargo(&test, None)?;
    if pass {
        say!("release {number} is in {RELEASES}/{number}: commit it with the change of the types");
    } else {
        restore(&folder, &before)?;
        say!("no release is written: the errors are above");
    }
    Ok(pass)
}

/// The arguments for the test that writes the examples, without the others, which would read them at the same time.
fn test_of_examples<'w>(test: &[&'w str]) -> Vec<&'w str> {
    let only = ["--", "--exact", "every_release_has_examples_of_its_types"];
    test.iter().copied().chain(only).collect()
}

/// The number of the release to write.
fn number(root: &Path, replace: bool) -> anyhow::Result<String> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(root.join(RELEASES))? {
        numbers.push(entry?.file_name().to_string_lossy().into_owned());
    }
    let newest = numbers.into_iter().max();
    match newest {
        Some(newest) if replace => Ok(newest),
        Some(newest) => {
            ensure!(
                !is_same(root, &newest)?,
                "release {newest} has the same types, so another release has no use\n  fix: change the types first; or write \
                 its examples anew with --replace"
            );
            let number: u32 = newest.parse().with_context(|| {
                format!("{RELEASES}/{newest} is not a release\n  fix: move it out of the folder")
            })?;
            Ok(format!("{:04}", number + 1))
        }
        None if replace => bail!("no release is there\n  fix: leave out --replace"),
        None => Ok("0001".to_owned()),
    }
}

/// Whether a release has today's types.
fn is_same(root: &Path, number: &str) -> anyhow::Result<bool> {
    let read = |folder: &str| -> anyhow::Result<Contracts> {
        let path = root.join(folder).join(FILE);
        Contracts::parse(&fs::read_to_string(&path)?).with_context(|| path.display().to_string())
    };
    let release = read(&format!("{RELEASES}/{number}"))?;
    Ok(release.has_same_types(&read(GENERATED)?))
}

/// Writes the types without examples. A release that is replaced moves to `before`.
fn write(root: &Path, folder: &Path, before: &Path) -> anyhow::Result<()> {
    if before.exists() {
        fs::remove_dir_all(before)?;
    }
    if folder.exists() {
        fs::rename(folder, before)?;
    }
    fs::create_dir_all(folder)?;
    fs::copy(root.join(GENERATED).join(FILE), folder.join(FILE))?;
    Ok(())
}

/// Removes a release that could not be completed, and moves the replaced one back.
fn restore(folder: &Path, before: &Path) -> anyhow::Result<()> {
    fs::remove_dir_all(folder)?;
    if before.exists() {
        fs::rename(before, folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_that_fails_leaves_the_old_one() {
        let root = tempfile::tempdir().unwrap();
        let [folder, before] = ["0002", "target"].map(|it| root.path().join(it));
        fs::create_dir_all(root.path().join(GENERATED)).unwrap();
        fs::write(root.path().join(GENERATED).join(FILE), "new").unwrap();
        let text = || fs::read_to_string(folder.join(FILE)).unwrap();
        write(root.path(), &folder, &before).unwrap();
        restore(&folder, &before).unwrap();
        assert!(!folder.exists());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(FILE), "old").unwrap();
        write(root.path(), &folder, &before).unwrap();
        assert_eq!(text(), "new");
        restore(&folder, &before).unwrap();
        assert_eq!(text(), "old");
    }
}
