//! Runs a Terraform root with an emulator of AWS of its own.

use std::{
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use contracts::functions::FunctionName;
use fs_err as fs;
use infra_core::model::{backend::PROVIDER_VERSION, function::Architecture};
use infra_gen::config::Environment;
use local_aws::{Account, Emulator, Tools};
use terraform_cli::Terraform;
use zip::{ZipWriter, write::SimpleFileOptions};

/// The environment that all roots run in.
pub(super) struct Machine {
    tools: Tools,
    terraform: Terraform,
    /// The functions' zips. No function in them is run.
    packages: PathBuf,
}

impl Machine {
    /// Installs the emulator, and finds Terraform and its provider.
    pub(super) fn prepare(target: &Path, work: &Path) -> anyhow::Result<Self> {
        let tools = Tools::prepare(&target.join("tools"))?;
        let terraform = Terraform::find(PROVIDER_VERSION, work)?
            .with_plugin_cache(&target.join("tmp/plugin-cache"))?;
        let packages = work.join("packages");
        pack(&packages)?;
        Ok(Machine { tools, terraform, packages })
    }

    /// Returns the version of Terraform.
    pub(super) fn release(&self) -> &str {
        self.terraform.release()
    }
}

/// Writes a zip for each function, because Terraform reads them during a plan.
fn pack(folder: &Path) -> anyhow::Result<()> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default())?;
    zip.write_all(b"#!/bin/sh\n")?;
    let zip = zip.finish()?.into_inner();
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        let folder = folder.join(architecture.as_str());
        fs::create_dir_all(&folder)?;
        for binary in FunctionName::BINS {
            fs::write(folder.join(binary).with_extension("zip"), &zip)?;
        }
    }
    Ok(())
}

/// A root that Terraform has initialized. Its emulator ends with it.
pub(super) struct Root {
    terraform: Terraform,
    folder: PathBuf,
    data: PathBuf,
    _emulator: Emulator,
}

impl Root {
    pub(super) fn init(
        machine: &Machine,
        environment: Environment,
        folder: PathBuf,
    ) -> anyhow::Result<Self> {
        let config = environment.config();
        let (id, region) = (config.account.as_str().to_owned(), config.region.as_str().to_owned());
        let account = Account { id, region };
        let emulator = Emulator::start(&machine.tools, &folder.with_extension("aws"), &account)?;
        let bucket = format!("dofs-tfstate-{}-{}", account.id, account.region);
        emulator.make_bucket(&account, &bucket)?;
        let packages = machine.packages.to_string_lossy().into_owned();
        let terraform = machine.terraform.clone();
        let terraform = terraform
            .with_environment(emulator.environment(&account))
            .with_environment([("TF_VAR_package_dir", Some(packages))]);
        let data = folder.with_extension("data");
        let root = Root { terraform, folder, data, _emulator: emulator };
        root.terraform.run(&root.folder, &root.data, &["init", "-input=false"])?;
        Ok(root)
    }

    /// Returns Terraform's plan as JSON.
    pub(super) fn planned(&self) -> anyhow::Result<String> {
        let run = |arguments: &[&str]| self.terraform.run(&self.folder, &self.data, arguments);
        run(&["plan", "-input=false", "-out=new.tfplan"])?;
        Ok(run(&["show", "-json", "new.tfplan"])?)
    }

    /// Returns a command of Terraform, not started yet.
    pub(super) fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        Ok(self.terraform.command(&self.folder, &self.data, arguments)?)
    }
}
