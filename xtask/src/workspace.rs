//! The workspace, as cargo describes it, and the version of rustc.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// A workspace, with the folders that builds use.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) cargo_home: PathBuf,
    pub(crate) rustc: Rustc,
    pub(crate) packages: Vec<Package>,
}

/// The compiler that cargo uses here.
#[derive(Debug, Clone)]
pub(crate) struct Rustc {
    pub(crate) sysroot: PathBuf,
    pub(crate) host: String,
    pub(crate) commit: String,
}

/// A binary, and its package.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) binary: &'static str,
    pub(crate) package: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

/// A package, as cargo describes it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) targets: Vec<Target>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) authors: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) license_file: Option<String>,
    pub(crate) readme: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) rust_version: Option<String>,
}

/// A target of a package.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    /// Whether `cargo test` runs it.
    pub(crate) test: bool,
    /// Whether `cargo test` runs the examples in its documentation.
    #[cfg(test)]
    pub(crate) doctest: bool,
    /// Its root file.
    #[cfg(test)]
    pub(crate) src_path: PathBuf,
}

/// A dependency of a package.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dependency {
    /// The folder, if it is a package of this workspace.
    pub(crate) path: Option<PathBuf>,
    /// `dev` or `build`. `None` for a normal dependency.
    pub(crate) kind: Option<String>,
}

impl Package {
    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new("/"))
    }
}

impl Workspace {
    /// The workspace that contains the current folder.
    pub(crate) fn here() -> anyhow::Result<Self> {
        Self::at(Path::new("."))
    }

    /// The workspace that contains a folder.
    pub(crate) fn at(folder: &Path) -> anyhow::Result<Self> {
        let mut cargo = processes::cargo::command();
        cargo.current_dir(folder).args(["metadata", "--no-deps", "--format-version=1"]);
        let metadata: Metadata = serde_json::from_str(&said(cargo)?)
            .context("what `cargo metadata` says is not JSON")?;
        Ok(Workspace {
            rustc: rustc(&metadata.workspace_root)?,
            root: metadata.workspace_root,
            target: metadata.target_directory,
            cargo_home: cargo_home()?,
            packages: metadata.packages,
        })
    }

    /// The output of a git command in the workspace.
    pub(crate) fn git(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args(arguments);
        said(git)
    }

    /// The commit at which this branch left `origin/main`.
    pub(crate) fn base(&self) -> anyhow::Result<String> {
        let base = self.git(&["merge-base", "HEAD", "origin/main"]);
        let base = base.context("no base is known\n  fix: git fetch origin main")?;
        Ok(base.trim().to_owned())
    }

    /// The packages of these binaries. A binary without a package is a problem.
    pub(crate) fn holding(
        &self,
        binaries: &[&'static str],
        problems: &mut Vec<String>,
    ) -> Vec<Function> {
        let mut functions = Vec::new();
        for &binary in binaries {
            let is_it = |it: &Target| it.name == binary && it.kind.iter().any(|kind| kind == "bin");
            match self.packages.iter().find(|it| it.targets.iter().any(is_it)) {
                Some(it) => functions.push(Function { binary, package: it.name.clone() }),
                None => problems.push(format!(
                    "no package of {} has the binary {binary}\n  \
                     fix: add the package {binary} in lambdas/{binary}, with a src/main.rs",
                    self.root.display()
                )),
            }
        }
        functions
    }
}

fn rustc(folder: &Path) -> anyhow::Result<Rustc> {
    let ask = |arguments: &[&str]| {
        let mut command = Command::new(variable("RUSTC").unwrap_or_else(|| "rustc".to_owned()));
        command.current_dir(folder).args(arguments);
        said(command)
    };
    let version = ask(&["-vV"])?;
    let field = |name: &str| {
        let line = version.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned).with_context(|| format!("`rustc -vV` has no line for {name}"))
    };
    Ok(Rustc {
        sysroot: ask(&["--print=sysroot"])?.trim_end().into(),
        host: field("host")?,
        commit: field("commit-hash")?,
    })
}

/// The output of a command.
pub(crate) fn said(mut command: Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?} failed\n{}", why.trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn cargo_home() -> anyhow::Result<PathBuf> {
    let own = variable("CARGO_HOME").map(PathBuf::from);
    own.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
        .context("there is no home folder, so the folder of cargo's crates is not known")
}

#[expect(clippy::disallowed_methods, reason = "the path of a tool is not a setting of a function")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}
