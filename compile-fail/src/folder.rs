//! Reads the folder of a suite: cases, expected messages, and cases that compile.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use fs_err as fs;

/// A case: its path relative to the folder of the package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case(pub(crate) PathBuf);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.display())
    }
}

/// The contents of the folder of a suite.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Cases that must not compile.
    pub(crate) failing: Vec<Case>,
    /// Cases that must compile.
    pub(crate) passing: Vec<Case>,
    /// `.stderr` files without a case.
    pub(crate) strays: Vec<String>,
}

impl Folder {
    /// Reads `folder`, a path relative to the folder of the package.
    pub(crate) fn read(package: &str, folder: &str) -> anyhow::Result<Self> {
        let (failing, expectations) = files(package, Path::new(folder))?;
        let (passing, unexpected) = files(package, &Path::new(folder).join("pass"))?;
        let strays = expectations
            .difference(&failing.iter().map(|it| it.0.with_extension("stderr")).collect())
            .chain(&unexpected)
            .map(|it| it.display().to_string())
            .collect();
        Ok(Self { failing, passing, strays })
    }
}

/// Returns the cases and the `.stderr` files of a folder, sorted by name.
fn files(package: &str, folder: &Path) -> anyhow::Result<(Vec<Case>, BTreeSet<PathBuf>)> {
    let (mut cases, mut expectations) = (Vec::new(), BTreeSet::new());
    for entry in fs::read_dir(Path::new(package).join(folder))
        .context("cannot read the folder of the cases")?
    {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        match path.extension().and_then(|it| it.to_str()) {
            Some("rs") => cases.push(Case(path)),
            Some("stderr") => drop(expectations.insert(path)),
            None if entry.file_type()?.is_dir() && path.ends_with("pass") => (),
            _ => bail!(
                "{} is neither a case (`.rs`) nor the expected output of one (`.stderr`)",
                path.display()
            ),
        }
    }
    cases.sort_unstable();
    Ok((cases, expectations))
}
