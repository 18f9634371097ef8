//! The topologies in which mistakes are made, and how each is compiled, written and tested.

use std::path::Path;

use fs_err as fs;

use super::{
    Mistake,
    asked::Test,
    make::{self, Choice},
    names::Names,
    source::Source,
};

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
    /// The tests that judge its generated files, in the order in which they are asked.
    pub(crate) tests: &'static [Test],
}

pub(crate) const DOFS: Topology = Topology {
    package: "infra-gen",
    library: "infra-gen/src/lib.rs",
    program: "infra-gen/src/main.rs",
    sources: &[
        "infra-gen/src/config.rs",
        "infra-gen/src/config/delivery.rs",
        "infra-gen/src/topology.rs",
        "infra-gen/src/topology",
    ],
    // The commands of the builds and of the workflow are text. Their tests compare it.
    others: &["infra-gen/src/topology/build", "infra-gen/src/topology/build.rs"],
    arguments: &["--out"],
    writes: "",
    least: 9,
    tests: &[
        Test::Cargo(&["-p", "asl", "--test", "order"]),
        Test::Rustc("infra-gen/tests/generated/main.rs", &[]),
        Test::Rustc("infra-gen/src/lib.rs", &[]),
        Test::Cargo(&["-p", "simulation", "--test", "alone", "--test", "rights"]),
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
    // Terraform itself takes ten seconds.
    tests: &[Test::Rustc(
        "examples/thumbnails/tests/valid.rs",
        &["--skip", "the_real_provider_takes_it"],
    )],
};

impl Topology {
    /// The sources, every mistake that can be made in them, in the order of their paths, and the choices.
    pub(crate) fn mistakes(
        &self,
        workspace: &Path,
    ) -> anyhow::Result<(Vec<Source>, Vec<Mistake>, Vec<Choice>)> {
        let mut sources = Vec::new();
        for path in self.sources {
            self.read(workspace, path, &mut sources)?;
        }
        let names = Names::of(&sources);
        let (mut all, mut choices) = (Vec::new(), Vec::new());
        for source in &sources {
            let (made, chosen) = make::mistakes(source, &names);
            all.extend(made);
            choices.extend(chosen);
        }
        Ok((sources, all, choices))
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
