//! Shared parts of tests: the emulator with a committed root, ready for Terraform.

#![allow(dead_code, reason = "no test needs all of it")]

pub(crate) mod rights;
mod roles;

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    process::Output,
};

use contracts::functions::FunctionName;
use infra_core::model::{
    backend::PROVIDER_VERSION, delivery::rights::Does, function::Architecture,
};
use infra_gen::config::{AccountId, Environment, Region};
use local_aws::{Account, Emulator, Faithfulness, Tools};
use roles::Roles;
use serde_json::Value;
use terraform_cli::{Provider, Terraform};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Next to what cargo builds, so that it is made once.
pub(crate) fn tools() -> Tools {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    Tools::prepare(&folder).unwrap_or_else(|err| panic!("{err}"))
}

/// A copy of a committed root, without a change to any of its files, initialised on an emulator of
/// its own. All runs of Terraform share one process of the provider.
pub(crate) struct Root {
    pub(crate) emulator: Emulator,
    terraform: Terraform,
    _provider: Option<Provider>,
    folder: PathBuf,
    data: PathBuf,
    /// The roles of the deployment, if the emulator evaluates IAM.
    roles: Option<Roles>,
}

impl Root {
    /// Prepares a root that only this test uses, with its state. All files are in a folder of this name.
    pub(crate) fn of(name: &str, account: &Account, files: BTreeMap<String, String>) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let work = target.join(name);
        let _ = fs::remove_dir_all(&work);
        let emulator = Emulator::start(&tools(), &work.join("aws"), account)
            .unwrap_or_else(|err| panic!("{err}"));
        let terraform = Terraform::find(PROVIDER_VERSION, &work)
            .and_then(|it| it.with_plugin_cache(&target.join("plugin-cache")))
            .unwrap_or_else(|err| panic!("{err}"))
            .with_environment(emulator.environment(account));
        let (terraform, provider) = share_provider(terraform, &work);
        let (folder, data) = (work.join("root"), work.join("data"));
        let root =
            Root { emulator, terraform, _provider: Some(provider), folder, data, roles: None };
        root.replace(files);
        root
    }

    /// Puts other files into the root, and initialises it. The state stays.
    pub(crate) fn replace(&self, files: BTreeMap<String, String>) {
        let _ = fs::remove_dir_all(self.folder.join("modules"));
        let _ = fs::remove_file(self.folder.join("refactoring.tf.json"));
        for (path, text) in files {
            let target = self.folder.join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, text).unwrap();
        }
        self.run(&["init", "-input=false"]);
    }

    /// Puts these files into the root, which stays initialised.
    pub(crate) fn write(&self, files: &BTreeMap<String, String>) {
        for (path, text) in files {
            let target = self.folder.join(path);
            // One that is as it was is left alone.
            if fs::read(&target).ok().as_deref() != Some(text.as_bytes()) {
                fs::write(target, text).unwrap();
            }
        }
    }

    /// Prepares the root of an environment. All files are in a folder of this name.
    pub(crate) fn init(name: &str, environment: Environment, faithfulness: Faithfulness) -> Self {
        let config = environment.config();
        let place = (config.account, config.region);
        Self::init_at(name, environment.as_str(), place, faithfulness)
    }

    /// As [`Root::init`], on an emulator that evaluates IAM. An administrator has made the account ready, and Terraform
    /// calls as the role that plans, until [`Root::take`].
    pub(crate) fn init_in_roles(name: &str, environment: Environment) -> Self {
        let config = environment.config();
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let place = (config.account, config.region);
        let mut root =
            Self::prepare(None, name, environment.as_str(), place, Faithfulness::Enforced);
        let file = work.join("aws-config");
        root.terraform = root.terraform.with_environment(Roles::variables(&root.emulator, &file));
        root.share_provider(&work);
        root.roles = Some(Roles::make(&root.emulator, &root.terraform, &work, file, environment));
        root.take(Does::Plan);
        root.run(&["init", "-input=false"]);
        root
    }

    /// From here on, Terraform calls as the role that does this, where IAM is evaluated.
    pub(crate) fn take(&self, does: Does) {
        if let Some(roles) = &self.roles {
            roles.take(does);
        }
    }

    /// As [`Root::init`], for any folder of `generated/` and the account that it is for.
    pub(crate) fn init_at(
        name: &str,
        generated: &str,
        place: (AccountId, Region),
        faithfulness: Faithfulness,
    ) -> Self {
        Self::init_by(None, name, generated, place, faithfulness)
    }

    /// As [`Root::init_at`], with a program that is not the `terraform` on the `PATH`.
    pub(crate) fn init_by(
        program: Option<&Path>,
        name: &str,
        generated: &str,
        place: (AccountId, Region),
        faithfulness: Faithfulness,
    ) -> Self {
        let mut root = Self::prepare(program, name, generated, place, faithfulness);
        root.share_provider(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        let backend: Value = json(&fs::read(root.folder.join("backend.tf.json")).unwrap());
        let bucket = backend["terraform"]["backend"]["s3"]["bucket"].as_str().unwrap();
        let (account, region) = place;
        let account =
            Account { id: account.as_str().to_owned(), region: region.as_str().to_owned() };
        root.emulator.make_bucket(&account, bucket).unwrap_or_else(|err| panic!("{err}"));
        root.run(&["init", "-input=false"]);
        root
    }

    /// Writes the files of a root, and prepares an emulator and Terraform for it.
    fn prepare(
        program: Option<&Path>,
        name: &str,
        generated: &str,
        (account, region): (AccountId, Region),
        faithfulness: Faithfulness,
    ) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let work = target.join(name);
        let _ = fs::remove_dir_all(&work);
        let folder = work.join("root");
        copy(&committed(generated), &folder);
        let packages = packages(&work.join("packages"));

        let account =
            Account { id: account.as_str().to_owned(), region: region.as_str().to_owned() };
        let emulator = Emulator::start_with(&tools(), &work.join("aws"), &account, faithfulness)
            .unwrap_or_else(|err| panic!("{err}"));

        let packages = packages.to_str().unwrap().to_owned();
        let found = match program {
            Some(program) => Terraform::find_at(program, PROVIDER_VERSION, &work),
            None => Terraform::find(PROVIDER_VERSION, &work),
        };
        let terraform = found
            .and_then(|it| it.with_plugin_cache(&target.join("plugin-cache")))
            .unwrap_or_else(|err| panic!("{err}"))
            .with_environment(emulator.environment(&account))
            .with_environment([("TF_VAR_package_dir", Some(packages))]);
        let data = work.join("data");
        Root { emulator, terraform, _provider: None, folder, data, roles: None }
    }

    /// Starts the provider that all runs share.
    fn share_provider(&mut self, work: &Path) {
        let (terraform, provider) = share_provider(self.terraform.clone(), work);
        self.terraform = terraform;
        self._provider = Some(provider);
    }

    /// Runs Terraform, which must succeed.
    pub(crate) fn run(&self, args: &[&str]) -> String {
        let said = self.terraform.run(&self.folder, &self.data, args);
        said.unwrap_or_else(|err| panic!("{err}"))
    }

    /// Runs Terraform, whatever it comes to.
    pub(crate) fn output(&self, args: &[&str]) -> Output {
        let output = self.terraform.output(&self.folder, &self.data, args);
        output.unwrap_or_else(|err| panic!("{err}"))
    }

    /// Puts back what is committed. The root stays initialised, and so does the state.
    pub(crate) fn restore(&self, generated: &str) {
        fs::remove_dir_all(&self.folder).unwrap();
        copy(&committed(generated), &self.folder);
    }

    /// The folder with its files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The Terraform that it runs.
    pub(crate) fn terraform(&self) -> &Terraform {
        &self.terraform
    }

    /// A plan that was written to a file.
    pub(crate) fn plan(&self, file: &str) -> Value {
        json(self.run(&["show", "-json", file]).as_bytes())
    }
}

/// Starts the provider that all runs share.
fn share_provider(terraform: Terraform, work: &Path) -> (Terraform, Provider) {
    let provider = terraform.start_provider(work).unwrap_or_else(|err| panic!("{err}"));
    let provider = provider.expect("the provider is in the plugin cache");
    (terraform.with_provider(&provider), provider)
}

fn committed(generated: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated").join(generated)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        // The files that a Terraform run left there are not committed.
        if entry.file_name() == ".terraform" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A zip for each function, with nothing that runs: Terraform reads them when it plans. Those that
/// `cargo xtask package` made, where `DOFS_PACKAGES` names their folder.
#[expect(clippy::disallowed_methods, reason = "a choice of whoever tests, which no function reads")]
fn packages(folder: &Path) -> PathBuf {
    if let Some(made) = std::env::var_os("DOFS_PACKAGES").filter(|it| !it.is_empty()) {
        return fs::canonicalize(&made).unwrap_or_else(|err| panic!("{}: {err}", made.display()));
    }
    let zip = package("#!/bin/sh\n");
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        let folder = folder.join(architecture.as_str());
        fs::create_dir_all(&folder).unwrap();
        for binary in FunctionName::BINS {
            fs::write(folder.join(binary).with_extension("zip"), &zip).unwrap();
        }
    }
    folder.to_owned()
}

/// A zip with the program of a function.
pub(crate) fn package(program: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default()).unwrap();
    zip.write_all(program.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}
