//! A Terraform root that is ready to run.

mod shared;

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use fs_err as fs;
use infra_core::model::backend::PROVIDER_VERSION;
use infra_gen::config::Environment;
use local_aws::{Account, Variables};
use serde::Deserialize;
use serde_json::Value;
use terraform_cli::{Product, Terraform, VARIABLE};

use self::shared::Shared;
use crate::{
    aws::Lent,
    bootstrap::journal::Journal,
    child::{Child, DIFFERS},
    place::{folder, repository, terraform_data},
    site::Site,
    target::{Address, Target},
};

/// Checks that a program can run roots on AWS.
///
/// # Errors
///
/// For OpenTofu. On AWS, the hash of the provider must be in the lock file, and the lock file has the hashes of Terraform's
/// registry.
pub(crate) fn ensure_for_aws(terraform: &Terraform) -> anyhow::Result<()> {
    ensure!(
        terraform.product() == Product::Terraform,
        "OpenTofu cannot run roots on AWS, because their lock files hold only the hashes of Terraform's registry\n  \
         fix: use Terraform: omit --terraform and {VARIABLE}, or set them to a Terraform; OpenTofu runs only local systems"
    );
    Ok(())
}

/// A root, with everything that Terraform needs to run in it.
#[derive(Debug, Clone)]
pub struct Root {
    terraform: Terraform,
    /// The folder with its files.
    pub folder: PathBuf,
    data: PathBuf,
    /// Records each start of Terraform, for `dofs bootstrap`.
    journal: Option<Journal>,
    /// The provider process that all runs share.
    provider: Shared,
    /// Serves Terraform's credentials for AWS: see [`Lent`].
    _credentials: Option<Arc<Lent>>,
    /// Whether the provider must be in the lock file. The root of a local system is a copy, so `init` may add the hash of this
    /// machine's provider.
    locked: bool,
}

impl Root {
    /// Returns the root of the system that a command uses, with the current generated files.
    ///
    /// # Errors
    ///
    /// If there is no such system: see [`Target::site`]. If Terraform is missing or too old, and if there are no credentials
    /// for AWS.
    pub async fn of(target: &Target) -> anyhow::Result<Self> {
        let work = folder(target.env);
        if let Site::Local(running) = target.site()? {
            let terraform = Terraform::find(PROVIDER_VERSION, &work)?;
            let account = Account { id: running.account, region: running.region };
            let variables = account.variables(&running.endpoint);
            let root = Self::at(work.join("root"), &work, &terraform, variables);
            // `local up` has initialized the root with the lock file of that time.
            let is_other = root.copy_again(target.env)?;
            root.provider.set_checked(!is_other);
            return Ok(root);
        }
        let terraform = Terraform::find(PROVIDER_VERSION, &work.join("aws"))?;
        ensure_for_aws(&terraform)?;
        let endpoint = target.endpoint_url.as_ref().map(Address::as_str);
        let credentials = Lent::of(target.env.config().region.as_str(), endpoint).await?;
        let folder = repository().join("generated").join(target.env.as_str());
        let terraform = terraform
            .with_environment(credentials.variables())
            .with_environment(endpoint.map(|it| ("AWS_ENDPOINT_URL", Some(it.to_owned()))));
        Ok(Root {
            terraform,
            data: terraform_data(&folder),
            folder,
            journal: None,
            provider: Shared::default(),
            _credentials: Some(Arc::new(credentials)),
            locked: true,
        })
    }

    /// Returns a new root below `work`: a copy of the generated files, because Terraform may add hashes to the lock file. Its
    /// state and locks are in the emulator.
    ///
    /// # Errors
    ///
    /// If the files cannot be copied.
    pub fn local(
        environment: Environment,
        work: &Path,
        terraform: &Terraform,
        variables: Variables,
    ) -> anyhow::Result<Self> {
        let root = Self::copied(environment, work, terraform, variables)?;
        let _ = fs::remove_dir_all(&root.data);
        Ok(root)
    }

    /// Returns the root below `work`, with the current generated files, and the data that Terraform has kept.
    ///
    /// # Errors
    ///
    /// If the files cannot be copied.
    pub(crate) fn copied(
        environment: Environment,
        work: &Path,
        terraform: &Terraform,
        variables: Variables,
    ) -> anyhow::Result<Self> {
        let root = Self::at(work.join("root"), work, terraform, variables);
        root.copy_again(environment)?;
        Ok(root)
    }

    /// Copies the current generated files of its environment. Returns whether Terraform's lock file has changed: then the root
    /// needs another `init`.
    ///
    /// # Errors
    ///
    /// If the files cannot be copied.
    pub(crate) fn copy_again(&self, environment: Environment) -> anyhow::Result<bool> {
        // A missing lock file counts as none.
        let lock = || fs::read(self.folder.join(".terraform.lock.hcl")).ok();
        let before = lock();
        copy(&repository().join("generated").join(environment.as_str()), &self.folder)?;
        let is_other = lock() != before;
        if is_other {
            self.provider.set_checked(false);
        }
        Ok(is_other)
    }

    /// Returns the root of an account, as a copy below `work`. The caller configures its backend.
    ///
    /// # Errors
    ///
    /// If Terraform is missing or is OpenTofu, or the files cannot be copied.
    pub(crate) fn bootstrap(
        name: &str,
        work: &Path,
        variables: Variables,
        journal: Journal,
    ) -> anyhow::Result<Self> {
        let folder = work.join("root");
        copy(&repository().join("generated/bootstrap").join(name), &folder)?;
        let terraform = Terraform::find(PROVIDER_VERSION, work)?;
        ensure_for_aws(&terraform)?;
        let terraform = terraform.with_environment(variables);
        let data = work.join("terraform");
        Ok(Root {
            terraform,
            folder,
            data,
            journal: Some(journal),
            provider: Shared::default(),
            _credentials: None,
            locked: true,
        })
    }

    fn at(folder: PathBuf, work: &Path, terraform: &Terraform, variables: Variables) -> Self {
        let packages = Self::packages(work).to_string_lossy().into_owned();
        let terraform = terraform
            .clone()
            .with_environment(variables)
            .with_environment([("TF_VAR_package_dir", Some(packages))]);
        Root {
            terraform,
            folder,
            data: work.join("terraform"),
            journal: None,
            provider: Shared::default(),
            _credentials: None,
            locked: false,
        }
    }

    /// Returns the folder with the zips of a local system's functions.
    pub fn packages(work: &Path) -> PathBuf {
        work.join("lambda")
    }

    /// Returns the modules that Terraform can apply before the functions are built: they refer to no other module and no package.
    ///
    /// # Errors
    ///
    /// If the root's `main.tf.json` cannot be read.
    pub(crate) fn first_modules(&self) -> anyhow::Result<Vec<String>> {
        let main: Value =
            serde_json::from_str(&fs::read_to_string(self.folder.join("main.tf.json"))?)?;
        Ok(first_modules(&main))
    }

    /// Returns a path for a temporary file, in Terraform's data folder.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// Deletes Terraform's note of the last backend. Terraform overwrites that file in place, so a killed run may leave half of
    /// it, which Terraform then refuses.
    pub(crate) fn forget_backend(&self) -> anyhow::Result<()> {
        let file = self.data.join("terraform.tfstate");
        if file.exists() {
            fs::remove_file(file)?;
        }
        Ok(())
    }

    /// Runs Terraform to its end, and passes each line of its output to `each`. Returns the output. After Ctrl-C, Terraform ends
    /// cleanly: it writes the state and releases the lock.
    ///
    /// # Errors
    ///
    /// If Terraform fails. The error has its output.
    pub async fn run(&self, args: &[&str], each: impl FnMut(&str)) -> anyhow::Result<String> {
        let ended = self.start(args).await?.see_through(each).await?;
        self.has_run(args);
        Ok(ended.said)
    }

    /// Saves a plan in a file. Returns whether it has a change: of a resource or an output, a move or an import.
    ///
    /// # Errors
    ///
    /// If Terraform fails. The error has its output.
    pub(crate) async fn plan(&self, file: &Path, arguments: &[&str]) -> anyhow::Result<bool> {
        let out = format!("-out={}", file.display());
        let fixed = ["plan", "-input=false", "-no-color", "-detailed-exitcode", &out];
        let ended = self.start(&[&fixed, arguments].concat()).await?.see_through(|_| {}).await?;
        Ok(ended.code == DIFFERS)
    }

    /// Runs `terraform init`. The arguments in `state` decide about a state in another backend.
    ///
    /// # Errors
    ///
    /// If Terraform fails. The error has its output.
    pub(crate) async fn init(&self, state: &[&str]) -> anyhow::Result<()> {
        let mut args = vec!["init", "-input=false", "-no-color"];
        args.extend(self.locked.then_some("-lockfile=readonly"));
        args.extend(state);
        self.run(&args, |_| {}).await.map(drop)
    }

    /// As [`Root::run`], for a root whose state may be lost: Terraform ends soon after this future is dropped.
    pub(crate) async fn run_while_wanted(
        &self,
        args: &[&str],
        each: impl FnMut(&str),
    ) -> anyhow::Result<String> {
        let ended = self.start(args).await?.finish(each).await?;
        self.has_run(args);
        Ok(ended.said)
    }

    /// Notes that an `init` has compared the provider's hash with the lock file.
    fn has_run(&self, args: &[&str]) {
        if args.first() == Some(&"init") {
            self.provider.set_checked(true);
        }
    }

    async fn start(&self, args: &[&str]) -> anyhow::Result<Child> {
        // With a journal, Terraform's stdin holds the journal's lock, not the shared provider. So an `apply`, which may outlive this
        // process, needs a provider of its own.
        let is_served = self.provider.serves(args)
            && !(self.journal.is_some() && args.first() == Some(&"apply"));
        let provider = match is_served {
            true => self.provider.started(&self.terraform, &self.data).await?,
            false => None,
        };
        let terraform = match &provider {
            Some(provider) => self.terraform.clone().with_provider(provider),
            None => self.terraform.clone(),
        };
        let start = |terraform: &Terraform, stdin: Stdio| {
            Child::start(terraform, &self.folder, &self.data, args, stdin)
        };
        match &self.journal {
            None => start(&terraform, provider.as_ref().map_or(Ok(Stdio::null()), |it| it.hold())?),
            Some(journal) => journal.record(&terraform, start),
        }
    }

    /// Whether an `init` has run, and the lock file has not changed since.
    pub(crate) fn is_ready(&self) -> bool {
        self.provider.is_checked()
    }

    /// Ends the shared provider. The next run starts another.
    pub(crate) fn end_provider(&mut self) {
        self.provider.end();
    }
}

fn first_modules(main: &Value) -> Vec<String> {
    let calls = main["module"].as_object().into_iter().flatten();
    let waits = |call: &Value| {
        let text = call.to_string();
        text.contains("module.")
            || text.contains("var.package_dir")
            || text.contains("\"depends_on\"")
    };
    calls.filter(|(_, call)| !waits(call)).map(|(name, _)| name.clone()).collect()
}

/// The address of a root's state.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Backend {
    /// The bucket.
    pub(crate) bucket: String,
    /// The object in it.
    pub(crate) key: String,
}

impl Backend {
    /// Reads it from the generated files of an environment.
    ///
    /// # Errors
    ///
    /// If the files cannot be read, or name no bucket and key.
    pub(crate) fn of(environment: Environment) -> anyhow::Result<Self> {
        let file =
            repository().join("generated").join(environment.as_str()).join("backend.tf.json");
        let mut backend: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        let s3 = backend["terraform"]["backend"]["s3"].take();
        serde_json::from_value(s3)
            .with_context(|| format!("{} names no bucket and key", file.display()))
    }
}

/// Makes a folder equal to another one, except for Terraform's own files in either. It does not touch equal files, and replaces
/// the others atomically, because another command may read them.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    let mut wanted = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if is_of_terraform(&entry.file_name()) {
            continue;
        }
        wanted.insert(entry.file_name());
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
            continue;
        }
        let text = fs::read(entry.path())?;
        if fs::read(&target).ok().as_ref() != Some(&text) {
            let draft = to.join(format!(".terraform-draft-{}", std::process::id()));
            fs::write(&draft, text)?;
            fs::rename(draft, target)?;
        }
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if wanted.contains(&entry.file_name()) || is_of_terraform(&entry.file_name()) {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Whether a file is Terraform's own. The lock file of a root is generated, so it is not.
fn is_of_terraform(name: &OsStr) -> bool {
    name != ".terraform.lock.hcl" && name.to_string_lossy().starts_with(".terraform")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_follows_its_source() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let write = |file: PathBuf, text: &str| {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write(from.join("main.tf.json"), "1");
        write(from.join("modules/a/main.tf.json"), "1");
        write(from.join("modules/gone/main.tf.json"), "1");
        write(from.join(".terraform/somebody's"), "1");
        write(from.join(".terraform.lock.hcl"), "hashes");
        copy(&from, &to).unwrap();
        assert!(!to.join(".terraform").exists());
        write(to.join(".terraform.lock.hcl"), "more hashes");
        write(to.join(".terraform/kept"), "1");
        let untouched = fs::metadata(to.join("main.tf.json")).unwrap().modified().unwrap();

        write(from.join("modules/a/main.tf.json"), "2");
        fs::remove_dir_all(from.join("modules/gone")).unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("modules/a/main.tf.json")).unwrap(), "2");
        assert!(!to.join("modules/gone").exists());
        assert_eq!(fs::read_to_string(to.join(".terraform.lock.hcl")).unwrap(), "hashes");
        assert!(to.join(".terraform/kept").exists());
        let now = fs::metadata(to.join("main.tf.json")).unwrap().modified().unwrap();
        assert_eq!(now, untouched);
        assert_eq!(fs::read_dir(to.join("modules/a")).unwrap().count(), 1);
    }
}
