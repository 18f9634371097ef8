//! The setting of a measurement: the repository, the machine, and the number of rounds.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use tempfile::TempDir;

use super::files;
use super::report::{Machine, Part};
use crate::workspace::{Workspace, said};

/// The argument of every part.
pub(crate) struct Setting {
    pub(crate) workspace: Workspace,
    /// Few rounds, and no run that takes minutes.
    pub(crate) quick: bool,
}

impl Setting {
    /// A separate folder for a part, below cargo's target folder.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.workspace.target.join("bench").join(name)
    }

    /// A folder for files that are written many times: in memory, if the system has files in memory.
    /// The time of a disk depends on what it did before: after a deletion of files, it takes up to five
    /// times as long for the next ones, by `cp -r` as well.
    pub(crate) fn folder_in_memory(&self, name: &str) -> anyhow::Result<Folder> {
        if Path::new(IN_MEMORY).is_dir() {
            return Ok(Folder::InMemory(tempfile::tempdir_in(IN_MEMORY)?));
        }
        let folder = self.folder(name);
        files::empty(&folder)?;
        Ok(Folder::OnDisk(folder))
    }

    /// Returns the number of rounds: the first argument, or the second one in a quick run.
    pub(crate) fn rounds(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    /// Returns an empty part with the description, the commit and the machine.
    pub(crate) fn part(&self, what: &str) -> anyhow::Result<Part> {
        let mut rustc = Command::new("rustc");
        rustc.current_dir(&self.workspace.root).arg("--version");
        let rustc = said(rustc)?;
        let version =
            rustc.split_whitespace().nth(1).context("`rustc --version` prints no version")?;
        Ok(Part {
            what: what.to_owned(),
            headline: String::new(),
            measured_at: commit(&self.workspace.root)?,
            quick: self.quick,
            machine: machine()?,
            versions: BTreeMap::from([("rustc".to_owned(), version.to_owned())]),
            tables: Vec::new(),
            bounds: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Builds infra-gen as it would be shipped: its program and the one that writes copies of the topology.
    pub(crate) fn infra_gen(&self) -> anyhow::Result<Programs> {
        let mut cargo = processes::cargo::command();
        cargo.current_dir(&self.workspace.root);
        cargo.args(["build", "--profile", "deploy", "--locked", "--package", "infra-gen"]);
        cargo.args(["--bin", "infra-gen", "--example", "scale"]);
        say!("  building infra-gen as it would be shipped");
        said(cargo)?;
        let built = self.workspace.target.join("deploy");
        Ok(Programs { infra_gen: built.join("infra-gen"), scale: built.join("examples/scale") })
    }
}

/// The folder in which Linux keeps files in memory.
const IN_MEMORY: &str = "/dev/shm";

/// A new, empty folder.
pub(crate) enum Folder {
    /// A folder in memory. It is deleted when this value is dropped.
    InMemory(TempDir),
    OnDisk(PathBuf),
}

impl Folder {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Folder::InMemory(folder) => folder.path(),
            Folder::OnDisk(folder) => folder,
        }
    }
}

/// infra-gen, built by the profile `deploy`, as it would be shipped.
pub(crate) struct Programs {
    pub(crate) infra_gen: PathBuf,
    /// `--copies N --out DIR [--env ENV] [--without-checks]`: the topology N times in one tree.
    pub(crate) scale: PathBuf,
}

/// Returns the commit that is checked out, and whether the working tree has changes.
fn commit(root: &Path) -> anyhow::Result<String> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(root).args(arguments);
        said(git)
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    // The files that the measurement itself writes do not count as changes.
    let quoting = format!(":!{}", super::quoted::QUOTING);
    let changes = git(&["status", "--porcelain", "--", ".", ":!bench", &quoting])?;
    let changed = if changes.is_empty() { "" } else { ", with changes" };
    Ok(format!("{}{changed}", commit.trim()))
}

/// This machine, as its system describes it.
fn machine() -> anyhow::Result<Machine> {
    let machine = processes::machine()?;
    Ok(Machine {
        processor: machine.processor,
        cores: std::thread::available_parallelism().map_or(1, Into::into),
        memory: format!("{:.0} GiB", machine.memory as f64 / 1_073_741_824.0),
        system: machine.system,
    })
}
