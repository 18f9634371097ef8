//! The source files of the functions and the topology, and what a changed file affects.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::BitOrAssign,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, ensure};
use contracts::functions::FunctionName;
use serde::Deserialize;
use tokio::process::Command;

use crate::place::repository;

/// The package and the binary of the generator.
pub(super) const GENERATOR: &str = "infra-gen";
/// The folder outside of every package from which the generator includes files with `include_str!`.
const TEMPLATES: &str = "templates";
/// Files of the workspace that affect every build.
const BUILD: [&str; 5] =
    ["Cargo.toml", "Cargo.lock", ".cargo", "rust-toolchain.toml", "rust-toolchain"];
/// Folders of a package that affect no program.
const BESIDE: [&str; 3] = ["tests", "benches", "examples"];

/// The parts that changed files may affect. Cargo and the generator find out what has really changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asks {
    /// The functions that may have changed.
    pub(super) functions: BTreeSet<String>,
    /// Whether the topology may have changed.
    pub(super) topology: bool,
    /// Whether this program may have changed, which cannot replace itself.
    pub(super) restart: bool,
    /// Whether the list of packages may have changed.
    pub(super) packages: bool,
}

impl Asks {
    /// Returns everything, for changes of unknown extent.
    pub(super) fn all() -> Self {
        let functions = FunctionName::BINS.map(str::to_owned).into();
        Asks { functions, topology: true, restart: false, packages: true }
    }

    /// Whether something has to be built.
    pub(super) fn is_work(&self) -> bool {
        self.topology || !self.functions.is_empty()
    }

    /// Returns the names of what is built, such as `validator, the topology`.
    pub(super) fn names(&self) -> String {
        let functions = match self.functions.len() {
            it if it == FunctionName::BINS.len() => vec!["all functions".to_owned()],
            _ => self.functions.iter().cloned().collect(),
        };
        let topology = self.topology.then(|| "the topology".to_owned());
        functions.into_iter().chain(topology).collect::<Vec<_>>().join(", ")
    }
}

impl BitOrAssign for Asks {
    fn bitor_assign(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.topology |= other.topology;
        self.restart |= other.restart;
        self.packages |= other.packages;
    }
}

/// The workspace, and the local packages outside of it on which it depends.
#[derive(Debug)]
pub(super) struct Sources {
    root: PathBuf,
    target: PathBuf,
    /// The parts that a file in each package's folder affects.
    packages: BTreeMap<PathBuf, Asks>,
}

impl Sources {
    /// Reads the packages with `cargo metadata`.
    ///
    /// # Errors
    ///
    /// If there is no workspace, or cargo cannot read it.
    pub(super) async fn read() -> anyhow::Result<Self> {
        let mut cargo = Command::from(processes::cargo::command());
        cargo.current_dir(repository()).kill_on_drop(true).stdin(Stdio::null());
        cargo.args(["metadata", "--locked", "--format-version", "1"]);
        let output = cargo.output().await.context("cargo cannot be started")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cargo cannot read the workspace:\n{}", said.trim_end());
        let metadata: Metadata = serde_json::from_slice(&output.stdout)
            .context("`cargo metadata` does not print JSON")?;
        Ok(Self::of(metadata))
    }

    fn of(metadata: Metadata) -> Self {
        let local: Vec<Package> =
            metadata.packages.into_iter().filter(|it| it.source.is_none()).collect();
        let by_folder: BTreeMap<&Path, &Package> =
            local.iter().filter_map(|it| Some((it.folder()?, it))).collect();
        let mut packages: BTreeMap<PathBuf, Asks> =
            by_folder.keys().map(|it| (it.to_path_buf(), Asks::default())).collect();
        let mut mark = |binary: &str, what: &dyn Fn(&mut Asks)| {
            let mut next: Vec<&Path> = local
                .iter()
                .filter(|it| it.targets.iter().any(|it| it.is_bin(binary)))
                .filter_map(Package::folder)
                .collect();
            let mut seen = BTreeSet::new();
            while let Some(folder) = next.pop() {
                let Some(package) = by_folder.get(folder).filter(|_| seen.insert(folder)) else {
                    continue;
                };
                if let Some(asks) = packages.get_mut(folder) {
                    what(asks);
                }
                next.extend(package.built_from());
            }
        };
        for binary in FunctionName::BINS {
            mark(binary, &|it| it.functions.extend([binary.to_owned()]));
        }
        mark(GENERATOR, &|it| it.topology = true);
        // `dofs` depends on most other packages, too. A change in those affects a function or the topology first.
        mark(env!("CARGO_PKG_NAME"), &|it| it.restart = !it.is_work());
        Sources { root: metadata.workspace_root, target: metadata.target_directory, packages }
    }

    /// Returns what a changed, created or deleted file affects.
    pub(super) fn asks(&self, path: &Path) -> Asks {
        if path.starts_with(&self.target)
            || path.components().any(|it| is_temporary(it.as_os_str()))
        {
            return Asks::default();
        }
        if let Ok(rest) = path.strip_prefix(&self.root) {
            let first = rest.components().next().map(|it| it.as_os_str().to_string_lossy());
            match first.as_deref() {
                Some(it) if BUILD.contains(&it) => return Asks::all(),
                Some(TEMPLATES) => return Asks { topology: true, ..Asks::default() },
                _ => (),
            }
        }
        let package = path.ancestors().find_map(|it| self.packages.get_key_value(it));
        let Some((folder, asks)) = package else { return Asks::default() };
        let rest = path.strip_prefix(folder).unwrap_or(path);
        let first = rest.components().next().map(|it| it.as_os_str().to_string_lossy());
        match first.as_deref() {
            Some("Cargo.toml") => Asks::all(),
            // The folder of the package itself was created, deleted or renamed.
            None => Asks { packages: true, ..asks.clone() },
            Some(it) if BESIDE.contains(&it) || it.ends_with(".md") => Asks::default(),
            _ => asks.clone(),
        }
    }

    /// Returns a path relative to the root of the repository, for people.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// Returns the folders to watch recursively. No build writes there.
    pub(super) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let beside = [TEMPLATES, ".cargo"].map(|it| self.root.join(it));
        // The root is not watched recursively, because builds write below it.
        let packages = self.packages.keys().filter(|it| **it != self.root).cloned();
        packages.chain(beside).filter(|it| it.is_dir()).collect::<Vec<_>>().into_iter()
    }

    /// Returns the folders to watch without their subfolders: the root, and the parents of packages.
    pub(super) fn parents(&self) -> BTreeSet<PathBuf> {
        let parents = self.packages.keys().filter_map(|it| it.parent());
        parents.chain([&*self.root]).map(Path::to_owned).collect()
    }
}

/// Whether a name is that of a temporary file, of an editor or of Git.
fn is_temporary(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    let hidden = name.starts_with('.') && !["..", ".", ".cargo"].contains(&&*name);
    // vim creates a file with this name to test whether a folder is writable.
    hidden
        || name == "4913"
        || name.starts_with('#')
        || ["~", ".swp", ".swx", ".tmp", ".bak", ".orig", ".rej", "___jb_tmp___", "___jb_old___"]
            .iter()
            .any(|it| name.ends_with(it))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    /// `None` for a package on this disk.
    source: Option<String>,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

impl Package {
    fn folder(&self) -> Option<&Path> {
        self.manifest_path.parent()
    }

    /// Returns the folders of the local packages on which its programs depend.
    fn built_from(&self) -> impl Iterator<Item = &Path> {
        let needed = self.dependencies.iter().filter(|it| it.kind.as_deref() != Some("dev"));
        needed.filter_map(|it| it.path.as_deref())
    }
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Target {
    fn is_bin(&self, name: &str) -> bool {
        self.name == name && self.kind.iter().any(|it| it == "bin")
    }
}

#[derive(Deserialize)]
struct Dependency {
    kind: Option<String>,
    path: Option<PathBuf>,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns a workspace with one function.
    pub(in crate::local::watch) fn of_validator(root: &Path) -> Sources {
        let package = Package {
            manifest_path: root.join("lambdas/validator/Cargo.toml"),
            source: None,
            targets: vec![Target { name: "validator".to_owned(), kind: vec!["bin".to_owned()] }],
            dependencies: Vec::new(),
        };
        let (workspace_root, target_directory) = (root.to_owned(), root.join("target"));
        Sources::of(Metadata { packages: vec![package], workspace_root, target_directory })
    }

    /// Reads this workspace.
    async fn ours() -> Sources {
        Sources::read().await.unwrap()
    }

    fn told(asks: &Asks) -> String {
        let restart = asks.restart.then_some("a restart");
        let packages = asks.packages.then_some("the packages");
        let work = Some(asks.names()).filter(|it| !it.is_empty());
        let all = work.as_deref().into_iter().chain(restart).chain(packages);
        all.collect::<Vec<_>>().join(", ")
    }

    #[tokio::test]
    async fn a_file_affects_what_is_built_from_it() {
        let sources = ours().await;
        let check = |path: &str, expected: &str| {
            assert_eq!(told(&sources.asks(&sources.root.join(path))), expected, "{path}");
        };
        check("lambdas/validator/src/lib.rs", "validator");
        check("lambdas/validator/src/not_there_any_more.rs", "validator");
        check("lambdas/runtime/src/lib.rs", "all functions");
        check("lambdas/contracts/src/order.rs", "all functions, the topology");
        check("infra-gen/src/config.rs", "the topology");
        check("crates/infra-core/schemas/hashicorp-aws-5.100.0.json", "the topology");
        check("templates/graph.css", "the topology");
        check("dofs/src/page/page.js", "a restart");
        check("local-aws/src/keep.py", "a restart");
        check("Cargo.lock", "all functions, the topology, the packages");
        check(".cargo/config.toml", "all functions, the topology, the packages");
        check("lambdas/validator/Cargo.toml", "all functions, the topology, the packages");
        check("lambdas/validator", "validator, the packages");
        // Output of builds and of the generator, files of tests, and files from which nothing is built.
        for nothing in [
            "target/debug/validator",
            "generated/dev/main.tf.json",
            ".git/index.lock",
            "lambdas/simulation/src/lib.rs",
            "lambdas/validator/tests/process.rs",
            "infra-gen/benches/generator.rs",
            "xtask/src/main.rs",
            "README.md",
            "lambdas",
        ] {
            check(nothing, "");
        }
        // Temporary files of editors.
        for temporary in [
            ".lib.rs.swp",
            "lib.rs~",
            "4913",
            ".#lib.rs",
            "#lib.rs#",
            "lib.rs___jb_tmp___",
            ".goutputstream-A1",
        ] {
            check(&format!("lambdas/validator/src/{temporary}"), "");
        }
    }

    #[tokio::test]
    async fn every_package_is_watched_and_nothing_that_builds_write() {
        let sources = ours().await;
        let folders: Vec<PathBuf> = sources.folders().collect();
        for wanted in ["infra-gen", "lambdas/validator", "lambdas/contracts", "templates", ".cargo"]
        {
            assert!(folders.contains(&sources.root.join(wanted)), "{wanted} is not in {folders:?}");
        }
        for unwanted in ["", "target", "generated"] {
            assert!(
                !folders.contains(&sources.root.join(unwanted)),
                "{unwanted:?} is in {folders:?}"
            );
        }
    }

    #[test]
    fn packages_outside_of_the_workspace_count() {
        let package = |folder: &str, bin: &str, needs: &[(&str, Option<&str>)]| Package {
            manifest_path: Path::new(folder).join("Cargo.toml"),
            source: None,
            targets: vec![Target { name: bin.to_owned(), kind: vec!["bin".to_owned()] }],
            dependencies: needs
                .iter()
                .map(|(path, kind)| Dependency {
                    kind: kind.map(str::to_owned),
                    path: Some(PathBuf::from(path)),
                })
                .collect(),
        };
        let sources = Sources::of(Metadata {
            packages: vec![
                package(
                    "/w/validator",
                    "validator",
                    &[("/else/rules", None), ("/w/fake", Some("dev"))],
                ),
                package("/else/rules", "", &[("/w/codes", Some("build"))]),
                package("/w/codes", "", &[]),
                package("/w/fake", "", &[]),
            ],
            workspace_root: "/w".into(),
            target_directory: "/w/target".into(),
        });
        let check = |path: &str, expected: &str| {
            assert_eq!(told(&sources.asks(Path::new(path))), expected, "{path}");
        };
        check("/else/rules/src/lib.rs", "validator");
        check("/w/codes/src/lib.rs", "validator");
        check("/w/fake/src/lib.rs", "");
        check("/else/other/src/lib.rs", "");
    }
}
