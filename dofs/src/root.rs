//! The Terraform root of one system, ready to run.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context as _;
use fs_err as fs;
use infra_gen::{config::Environment, model::backend::PROVIDER_VERSION, terraform::Terraform};
use local_aws::{Account, Variables};
use serde_json::Value;

use crate::{
    bootstrap::journal::Journal,
    child::Child,
    local::state::Running,
    place::{folder, repository},
    target::Target,
};

/// A root, and everything that Terraform needs for it.
#[derive(Debug, Clone)]
pub struct Root {
    terraform: Terraform,
    /// Where the files are.
    pub folder: PathBuf,
    data: PathBuf,
    /// Where each start of Terraform is written down, if it is.
    journal: Option<Journal>,
}

impl Root {
    /// The root of the system that a command goes to.
    ///
    /// # Errors
    ///
    /// Where Terraform is not there, or is too old.
    pub fn of(target: &Target) -> anyhow::Result<Self> {
        let work = folder(target.env);
        if let Some(running) = Running::find(target.env)? {
            let terraform = Terraform::find(PROVIDER_VERSION, &work)?;
            let account = Account { id: running.account, region: running.region };
            let variables = account.variables(&running.endpoint);
            return Ok(Self::at(work.join("root"), &work, &terraform, variables));
        }
        let terraform = Terraform::find(PROVIDER_VERSION, &work.join("aws"))?;
        let endpoint =
            target.endpoint_url.as_ref().map(|it| ("AWS_ENDPOINT_URL", Some(it.to_string())));
        let folder = repository().join("generated").join(target.env.as_str());
        let terraform = terraform.with_environment(endpoint);
        Ok(Root { terraform, data: folder.join(".terraform"), folder, journal: None })
    }

    /// A root of its own below `work`: a copy of what is committed, since Terraform writes a lock file
    /// beside what it reads. State and locks are the emulator's, and begin with it.
    ///
    /// # Errors
    ///
    /// Where the files cannot be copied.
    pub fn local(
        environment: Environment,
        work: &Path,
        terraform: &Terraform,
        variables: Variables,
    ) -> anyhow::Result<Self> {
        let root = Self::at(work.join("root"), work, terraform, variables);
        copy(&repository().join("generated").join(environment.as_str()), &root.folder)?;
        let _ = fs::remove_dir_all(&root.data);
        Ok(root)
    }

    /// The root of an account, as a copy below `work`: whoever runs it says where its state is.
    ///
    /// # Errors
    ///
    /// Where Terraform is not there, or the files cannot be copied.
    pub(crate) fn bootstrap(
        name: &str,
        work: &Path,
        variables: Variables,
        journal: Journal,
    ) -> anyhow::Result<Self> {
        let folder = work.join("root");
        copy(&repository().join("generated/bootstrap").join(name), &folder)?;
        let terraform = Terraform::find(PROVIDER_VERSION, work)?.with_environment(variables);
        Ok(Root { terraform, folder, data: work.join("terraform"), journal: Some(journal) })
    }

    fn at(folder: PathBuf, work: &Path, terraform: &Terraform, variables: Variables) -> Self {
        let packages = Self::packages(work).to_string_lossy().into_owned();
        let terraform = terraform
            .clone()
            .with_environment(variables)
            .with_environment([("TF_VAR_package_dir", Some(packages))]);
        Root { terraform, folder, data: work.join("terraform"), journal: None }
    }

    /// Where a local system's functions are packed.
    pub fn packages(work: &Path) -> PathBuf {
        work.join("lambda")
    }

    /// A file of ours, where Terraform keeps its own.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// Forgets where Terraform last had its state. It writes that file over, so a run that was killed may
    /// leave half of one, which it then refuses.
    pub(crate) fn forget_backend(&self) -> anyhow::Result<()> {
        let file = self.data.join("terraform.tfstate");
        if file.exists() {
            fs::remove_file(file)?;
        }
        Ok(())
    }

    /// Runs Terraform to its end, and hands over each line that it prints. Returns all of them. After
    /// Ctrl-C Terraform ends cleanly, with its state written and its lock freed.
    ///
    /// # Errors
    ///
    /// What Terraform says.
    pub async fn run(&self, args: &[&str], each: impl FnMut(&str)) -> anyhow::Result<String> {
        self.start(args)?.see_through(each).await
    }

    /// As [`Root::run`], for a root whose state may be thrown away: Terraform ends soon after this is
    /// dropped.
    pub(crate) async fn run_while_wanted(
        &self,
        args: &[&str],
        each: impl FnMut(&str),
    ) -> anyhow::Result<String> {
        self.start(args)?.finish(each).await
    }

    fn start(&self, args: &[&str]) -> anyhow::Result<Child> {
        let start = |terraform: &Terraform, stdin: Stdio| {
            Child::start(terraform, &self.folder, &self.data, args, stdin)
        };
        match &self.journal {
            None => start(&self.terraform, Stdio::null()),
            Some(journal) => journal.record(&self.terraform, start),
        }
    }
}

/// The bucket that an environment's root keeps its state in.
pub(crate) fn bucket(environment: Environment) -> anyhow::Result<String> {
    let file = repository().join("generated").join(environment.as_str()).join("backend.tf.json");
    let backend: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let bucket = backend["terraform"]["backend"]["s3"]["bucket"].as_str();
    bucket.map(str::to_owned).with_context(|| format!("{} names no bucket", file.display()))
}

/// Copies a root, but for what somebody's Terraform left there.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(".terraform") {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
