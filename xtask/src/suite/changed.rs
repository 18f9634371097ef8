//! Selects the tests that a change can affect (`--changed`). A file without a rule affects all tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use contracts::functions::FunctionName;
use fs_err as fs;

use super::program::{Id, Kind};
use crate::workspace::{Package, Workspace};

/// Folders and files outside of all packages. They affect the packages whose sources name them.
const READ: &[&str] = &["generated", "templates", "docs", "bench", "README.md", "ARCHITECTURE.md"];

/// Files that no test reads, except those of `READERS`.
const UNREAD: &[&str] = &["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "SECURITY.md"];

/// Test programs that read the whole repository.
const READERS: &[(&str, Option<&str>)] = &[
    ("adding", Some("guide")),
    ("contracts", Some("environment")),
    ("infra-gen", Some("generated")),
    ("xtask", None),
];

/// The package that runs the functions from a folder, so that cargo does not know its dependency on them.
const RUNS_FUNCTIONS: &str = "dofs";

/// This file, which names all these files and reads none of them.
const OWN: &str = "suite/changed.rs";

/// The tests that a change affects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Touched {
    Everything,
    Parts {
        /// The packages whose test programs are all affected.
        packages: BTreeSet<String>,
        programs: BTreeSet<Id>,
    },
}

impl Touched {
    /// Returns the tests that the changes of this working tree affect.
    pub(crate) fn here(workspace: &Workspace) -> anyhow::Result<Self> {
        let base = match workspace.base() {
            Ok(base) => base,
            Err(err) => {
                say!("everything is run: {err:#}");
                return Ok(Touched::Everything);
            }
        };
        let mut files = workspace.git(&["diff", "--name-only", "-z", "--no-renames", &base])?;
        files.push_str(&workspace.git(&["ls-files", "-z", "--others", "--exclude-standard"])?);
        let files: Vec<&str> = files.split('\0').filter(|it| !it.is_empty()).collect();
        let texts = texts(workspace)?;
        let touched = Self::by(&files, &workspace.root, &workspace.packages, &texts);
        match &touched {
            Touched::Everything => say!("the change touches everything"),
            Touched::Parts { packages, programs } => {
                let programs = programs.iter().map(Id::name);
                let all: Vec<String> = packages.iter().cloned().chain(programs).collect();
                say!("{} changed files touch: {}", files.len(), all.join(", "));
            }
        }
        Ok(touched)
    }

    /// Returns the tests that these files affect. `texts` has all Rust code of each package.
    fn by(
        files: &[&str],
        root: &Path,
        packages: &[Package],
        texts: &BTreeMap<String, String>,
    ) -> Self {
        let mut changed = BTreeSet::new();
        let mut programs = BTreeSet::new();
        for file in files.iter().filter(|it| !UNREAD.contains(it)) {
            let mut named = Vec::new();
            let package = package_of(&root.join(file), packages);
            match package {
                Some(package) => {
                    let rest = root.join(file);
                    let rest = rest.strip_prefix(package.folder()).unwrap_or(&rest);
                    match test_of(rest, package) {
                        Some(test) => drop(programs.insert(test)),
                        None => drop(changed.insert(package.name.as_str())),
                    }
                    // Another package may read or compile the file.
                    let folder = package.folder().strip_prefix(root).unwrap_or(package.folder());
                    let part = folder
                        .join(rest.components().next().map_or("".as_ref(), |it| it.as_os_str()));
                    named.push(part.to_string_lossy().into_owned());
                }
                None => match READ.iter().find(|it| {
                    file.strip_prefix(**it).is_some_and(|it| it.is_empty() || it.starts_with('/'))
                }) {
                    Some(folder) if folder.contains('.') => named.push((*folder).to_owned()),
                    Some(folder) => named.extend([format!("{folder}/"), format!("\"{folder}\"")]),
                    None => return Touched::Everything,
                },
            }
            let names = |text: &String| named.iter().any(|it| text.contains(it));
            let readers =
                texts.iter().filter(|(_, text)| names(text)).map(|(name, _)| name.as_str());
            let readers: Vec<&str> = readers.collect();
            if package.is_none() && readers.is_empty() {
                return Touched::Everything;
            }
            changed.extend(readers);
        }
        if !files.is_empty() {
            programs.extend(READERS.iter().map(|(package, test)| Id {
                package: (*package).to_owned(),
                kind: match test {
                    Some(test) => Kind::Test((*test).to_owned()),
                    None => Kind::Bin((*package).to_owned()),
                },
            }));
        }
        Touched::Parts { packages: with_dependents(changed, packages), programs }
    }

    /// Whether a program must run.
    pub(crate) fn has_program(&self, id: &Id) -> bool {
        match self {
            Touched::Everything => true,
            Touched::Parts { packages, programs } => {
                packages.contains(&id.package) || programs.contains(id)
            }
        }
    }

    /// Whether all programs of a package are affected.
    pub(crate) fn has_package(&self, name: &str) -> bool {
        match self {
            Touched::Everything => true,
            Touched::Parts { packages, .. } => packages.contains(name),
        }
    }
}

/// The package that a file belongs to.
fn package_of<'p>(file: &Path, packages: &'p [Package]) -> Option<&'p Package> {
    let of = packages.iter().filter(|it| file.starts_with(it.folder()));
    of.max_by_key(|it| it.folder().components().count())
}

/// The integration test that a file of its package belongs to: `tests/name.rs`, or a file below `tests/name`.
fn test_of(file: &Path, package: &Package) -> Option<Id> {
    let name = file.strip_prefix("tests").ok()?.components().next()?;
    let name = Path::new(&name).file_stem()?.to_str()?;
    let is_test = |kinds: &[String]| kinds.iter().any(|it| it == "test");
    let test = package.targets.iter().find(|it| it.name == name && is_test(&it.kind))?;
    Some(Id::new(&package.name, &test.name, &test.kind))
}

/// These packages, all packages that depend on them, and all packages whose tests depend on one of those.
fn with_dependents(changed: BTreeSet<&str>, packages: &[Package]) -> BTreeSet<String> {
    let mut all: BTreeSet<&str> = changed;
    let depends = |on: &BTreeSet<&str>, package: &Package, for_tests: bool| {
        let folders = packages.iter().filter(|it| on.contains(it.name.as_str()));
        let folders: BTreeSet<&Path> = folders.map(Package::folder).collect();
        let dependencies = package.dependencies.iter();
        let mut dependencies =
            dependencies.filter(|it| for_tests || it.kind.as_deref() != Some("dev"));
        let mut functions = packages.iter().filter(|it| on.contains(it.name.as_str()));
        dependencies.any(|it| it.path.as_deref().is_some_and(|path| folders.contains(path)))
            || package.name == RUNS_FUNCTIONS && functions.any(is_function)
    };
    loop {
        let new = packages.iter().filter(|it| !all.contains(it.name.as_str()));
        let new: Vec<&str> =
            new.filter(|it| depends(&all, it, false)).map(|it| it.name.as_str()).collect();
        if new.is_empty() {
            break;
        }
        all.extend(new);
    }
    let tested = packages.iter().filter(|it| depends(&all, it, true)).map(|it| it.name.clone());
    tested.chain(all.iter().map(|it| (*it).to_owned())).collect()
}

/// Whether a package has the binary of a function.
fn is_function(package: &Package) -> bool {
    let is_binary = |kinds: &[String]| kinds.iter().any(|it| it == "bin");
    package
        .targets
        .iter()
        .any(|it| is_binary(&it.kind) && FunctionName::BINS.contains(&it.name.as_str()))
}

/// All Rust code of each package.
fn texts(workspace: &Workspace) -> anyhow::Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for package in &workspace.packages {
        let mut text = String::new();
        read(package.folder(), &mut text)?;
        texts.insert(package.name.clone(), text);
    }
    Ok(texts)
}

fn read(folder: &Path, text: &mut String) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|it| it != "target") {
            read(&path, text)?;
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with(OWN) {
            text.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
