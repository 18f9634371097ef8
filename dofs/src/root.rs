//! The Terraform root of one system, ready to run.

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
use infra_gen::{
    config::Environment,
    model::backend::PROVIDER_VERSION,
    terraform::{Product, Terraform, VARIABLE},
};
use local_aws::{Account, Variables};
use serde::Deserialize;
use serde_json::Value;

use self::shared::Shared;
use crate::{
    aws::Lent,
    bootstrap::journal::Journal,
    child::{Child, DIFFERS},
    place::{folder, repository, terraform_data},
    site::Site,
    target::{Address, Target},
};

/// Whether a program can run a root on AWS.
///
/// # Errors
///
/// For OpenTofu. On AWS, a provider that the lock file does not name with its hash is an error, and that has the hashes of
/// the packages in Terraform's registry.
pub(crate) fn ensure_for_aws(terraform: &Terraform) -> anyhow::Result<()> {
    ensure!(
        terraform.product() == Product::Terraform,
        "OpenTofu cannot run roots on AWS, because their lock files hold only the hashes of Terraform's registry\n  \
         fix: use Terraform: omit --terraform and {VARIABLE}, or set them to a Terraform; OpenTofu runs only local systems"
    );
    Ok(())
}

/// A root, and everything that Terraform needs for it.
#[derive(Debug, Clone)]
pub struct Root {
    terraform: Terraform,
    /// Where the files are.
    pub folder: PathBuf,
    data: PathBuf,
    /// Where each start of Terraform is written down, if it is.
    journal: Option<Journal>,
    /// The provider that runs share.
    provider: Shared,
    /// Whose credentials Terraform uses on AWS: see [`Lent`].
    _credentials: Option<Arc<Lent>>,
    /// Whether a provider that is not in the lock file is an error. A local system does without: its root is a copy, which
    /// may take this machine's hash of the provider.
    locked: bool,
}

impl Root {
    /// The root of the system that a command goes to, with the generated files as they are now.
    ///
    /// # Errors
    ///
    /// Where there is no such system: see [`Target::site`]. Where Terraform is not there, or is too old, and where there
    /// are no credentials for AWS.
    pub async fn of(target: &Target) -> anyhow::Result<Self> {
        let work = folder(target.env);
        if let Site::Local(running) = target.site()? {
            let terraform = Terraform::find(PROVIDER_VERSION, &work)?;
            let account = Account { id: running.account, region: running.region };
            let variables = account.variables(&running.endpoint);
            let root = Self::at(work.join("root"), &work, &terraform, variables);
            // `local up` has initialised it with the lock file as it was then.
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

    /// A root of its own below `work`, not used before: a copy of what is generated, since Terraform may add to the lock
    /// file beside what it reads. State and locks are the emulator's, and begin with it.
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
        let root = Self::copied(environment, work, terraform, variables)?;
        let _ = fs::remove_dir_all(&root.data);
        Ok(root)
    }

    /// The root below `work`, with the generated files as they are now, and what Terraform has kept for it.
    ///
    /// # Errors
    ///
    /// Where the files cannot be copied.
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

    /// Takes over the generated files of its environment as they are now. Says whether Terraform's lock file is another
    /// one by that: then it has to be initialised again.
    ///
    /// # Errors
    ///
    /// Where the files cannot be copied.
    pub(crate) fn copy_again(&self, environment: Environment) -> anyhow::Result<bool> {
        // A root without one has none.
        let lock = || fs::read(self.folder.join(".terraform.lock.hcl")).ok();
        let before = lock();
        copy(&repository().join("generated").join(environment.as_str()), &self.folder)?;
        let is_other = lock() != before;
        if is_other {
            self.provider.set_checked(false);
        }
        Ok(is_other)
    }

    /// The root of an account, as a copy below `work`: whoever runs it says where its state is.
    ///
    /// # Errors
    ///
    /// Where Terraform is not there, or is OpenTofu, or the files cannot be copied.
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

    /// Where a local system's functions are packed.
    pub fn packages(work: &Path) -> PathBuf {
        work.join("lambda")
    }

    /// The modules that Terraform can apply before a function is built: they mention no other module and no package.
    ///
    /// # Errors
    ///
    /// Where the root's `main.tf.json` cannot be read.
    pub(crate) fn first_modules(&self) -> anyhow::Result<Vec<String>> {
        let main: Value =
            serde_json::from_str(&fs::read_to_string(self.folder.join("main.tf.json"))?)?;
        Ok(first_modules(&main))
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
        let ended = self.start(args).await?.see_through(each).await?;
        self.has_run(args);
        Ok(ended.said)
    }

    /// Saves a plan in a file, and says whether it has anything to do: a change, a move, an import or another output.
    ///
    /// # Errors
    ///
    /// What Terraform says.
    pub(crate) async fn plan(&self, file: &Path, arguments: &[&str]) -> anyhow::Result<bool> {
        let out = format!("-out={}", file.display());
        let fixed = ["plan", "-input=false", "-no-color", "-detailed-exitcode", &out];
        let ended = self.start(&[&fixed, arguments].concat()).await?.see_through(|_| {}).await?;
        Ok(ended.code == DIFFERS)
    }

    /// Has Terraform get what the root needs. `state` says what becomes of a state that was elsewhere.
    ///
    /// # Errors
    ///
    /// What Terraform says.
    pub(crate) async fn init(&self, state: &[&str]) -> anyhow::Result<()> {
        let mut args = vec!["init", "-input=false", "-no-color"];
        args.extend(self.locked.then_some("-lockfile=readonly"));
        args.extend(state);
        self.run(&args, |_| {}).await.map(drop)
    }

    /// As [`Root::run`], for a root whose state may be thrown away: Terraform ends soon after this is
    /// dropped.
    pub(crate) async fn run_while_wanted(
        &self,
        args: &[&str],
        each: impl FnMut(&str),
    ) -> anyhow::Result<String> {
        let ended = self.start(args).await?.finish(each).await?;
        self.has_run(args);
        Ok(ended.said)
    }

    /// An `init` that has come to its end has compared the provider's hash with the lock file.
    fn has_run(&self, args: &[&str]) {
        if args.first() == Some(&"init") {
            self.provider.set_checked(true);
        }
    }

    async fn start(&self, args: &[&str]) -> anyhow::Result<Child> {
        // A journal has its input, so an `apply` that outlives this process has to have a provider of its own.
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

    /// Whether an `init` has made it ready, and its lock file is the same since.
    pub(crate) fn is_ready(&self) -> bool {
        self.provider.is_checked()
    }

    /// Ends the provider that runs have shared; the next one starts another.
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

/// Where a root keeps its state.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Backend {
    /// The bucket.
    pub(crate) bucket: String,
    /// The object in it.
    pub(crate) key: String,
}

impl Backend {
    /// As the files of an environment have it now.
    ///
    /// # Errors
    ///
    /// Where they do not.
    pub(crate) fn of(environment: Environment) -> anyhow::Result<Self> {
        let file =
            repository().join("generated").join(environment.as_str()).join("backend.tf.json");
        let mut backend: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        let s3 = backend["terraform"]["backend"]["s3"].take();
        serde_json::from_value(s3)
            .with_context(|| format!("{} names no bucket and key", file.display()))
    }
}

/// Makes a folder as another one is, but for what Terraform has left in either. A file that is right is not
/// touched, and no file is there in half: another command may read it now.
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

/// What Terraform leaves, and no file of ours. A root's lock file is ours.
fn is_of_terraform(name: &OsStr) -> bool {
    name != ".terraform.lock.hcl" && name.to_string_lossy().starts_with(".terraform")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_follows_what_it_is_made_of() {
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
