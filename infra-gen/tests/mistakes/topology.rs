//! The topologies in which mistakes are made, and how each is compiled, written and tested.

use std::path::Path;

use fs_err as fs;

use super::{Mistake, make, names::Names, source::Source};

/// A topology.
#[derive(Debug)]
pub(crate) struct Topology {
    /// Its package.
    pub(crate) package: &'static str,
    /// The root file of the package's library.
    pub(crate) library: &'static str,
    /// The root file of its program, which writes the generated files.
    pub(crate) program: &'static str,
    /// The files with wiring, and folders of such files.
    sources: &'static [&'static str],
    /// The files and folders in there without wiring.
    others: &'static [&'static str],
    /// The arguments of the program before the folder that it writes into.
    pub(crate) arguments: &'static [&'static str],
    /// The folder that it writes into, from the workspace.
    pub(crate) writes: &'static str,
    /// The least number of mistakes in the sample that rustc or a rule must refuse. Tests refuse others, and some put one
    /// value in place of another that is as good: the whole run decides.
    pub(crate) least: usize,
    /// The arguments of `cargo test` for the tests that judge its generated files.
    pub(crate) tests: &'static [&'static [&'static str]],
}

pub(crate) const DOFS: Topology = Topology {
    package: "infra-gen",
    library: "infra-gen/src/lib.rs",
    program: "infra-gen/src/main.rs",
    sources: &["infra-gen/src/topology"],
    // The commands of the builds and of the workflow are text. Their tests compare it.
    others: &[
        "infra-gen/src/topology/build",
        "infra-gen/src/topology/build.rs",
        "infra-gen/src/topology/bootstrap.rs",
        "infra-gen/src/topology/cicd.rs",
        "infra-gen/src/topology/monitoring/dashboard.rs",
    ],
    arguments: &["--out"],
    writes: "",
    least: 9,
    tests: &[
        &["-p", "infra-gen", "--lib", "--test", "generated"],
        &["-p", "asl", "--test", "order"],
        &["-p", "simulation", "--test", "alone", "--test", "rights"],
    ],
};

pub(crate) const THUMBNAILS: Topology = Topology {
    package: "thumbnails",
    library: "examples/thumbnails/src/lib.rs",
    program: "examples/thumbnails/src/main.rs",
    sources: &["examples/thumbnails/src/lib.rs"],
    others: &[],
    arguments: &[],
    writes: "examples/thumbnails",
    least: 6,
    tests: &[&["-p", "thumbnails"]],
};

impl Topology {
    /// Every mistake that can be made in it, and the sources, in the order of their paths.
    pub(crate) fn mistakes(&self, workspace: &Path) -> anyhow::Result<(Vec<Source>, Vec<Mistake>)> {
        let mut sources = Vec::new();
        for path in self.sources {
            self.read(workspace, path, &mut sources)?;
        }
        let names = Names::of(&sources);
        let all = sources.iter().flat_map(|it| make::mistakes(it, &names)).collect();
        Ok((sources, all))
    }

    fn read(&self, workspace: &Path, path: &str, sources: &mut Vec<Source>) -> anyhow::Result<()> {
        if self.others.contains(&path) {
            return Ok(());
        }
        let at = workspace.join(path);
        if at.is_file() {
            sources.push(Source::parse(path, fs::read_to_string(at)?)?);
            return Ok(());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(at)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        names.iter().try_for_each(|name| self.read(workspace, &format!("{path}/{name}"), sources))
    }
}
