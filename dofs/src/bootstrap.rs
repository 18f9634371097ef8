//! `dofs bootstrap`: creates the bucket for Terraform's state and the roles that deploy, as the first step in an account.
//!
//! The bucket cannot hold the state of its own root before it exists. So the root is applied with its state in a local file,
//! and then Terraform moves the state to the bucket. Each run checks AWS and the disk for the steps that are done, so it
//! continues after a run that was killed at any point:
//!
//! - It imports resources that a killed apply created but did not write to the state: see `adopt.rs`.
//! - It releases the state lock that a killed apply left in the bucket: see `journal.rs`.
//!
//! Only one run works at a time.

mod adopt;
pub(crate) mod journal;
mod process;
mod step;

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use fs_err as fs;
use infra_gen::{config::delivery::DELIVERY, topology};
use local_aws::Variables;
use serde_json::{Value, json};

pub use self::step::Step;
use self::{adopt::Adopt, journal::Journal};
use crate::{
    ask::agreed,
    aws::Lent,
    generated,
    hold::Hold,
    plan::Plan,
    quotas,
    root::Root,
    target::{Address, Target},
    tell::{tell, tell_people},
};

/// The options of `dofs bootstrap`.
#[derive(Debug, Args)]
pub struct Options {
    /// Prepare the pipeline's account, not the environment's.
    #[arg(long)]
    pub pipeline: bool,

    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// Runs `dofs bootstrap`.
///
/// # Errors
///
/// If a step fails. The next run continues there.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let bootstrap = Bootstrap::of(options, target).await?;
    if !options.pipeline {
        quotas::tell_early(target).await?;
    }
    let name = bootstrap.name.clone();
    let ask = async |summary: &str| match options.yes {
        true => tell_people(target, summary).map(|()| true),
        false => agreed(target, &name, summary).await,
    };
    let mut done = Vec::new();
    let each = |step: Step| {
        done.push(step);
        tell_people(target, &step.to_string())
    };
    bootstrap.run(ask, each).await?;
    if done.is_empty() {
        tell_people(target, &format!("the account of {name} is up to date; nothing to do"))?;
    }
    if target.format == crate::target::Format::Json {
        tell(target, "", &done)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The root of one account.
#[derive(Debug)]
pub struct Bootstrap {
    name: String,
    account: String,
    bucket: String,
    root: Root,
    /// The file with the state, before the bucket exists.
    file: std::path::PathBuf,
    journal: Journal,
    /// Keeps other runs from working on the same account.
    _hold: Hold,
    /// The configuration of the backend in the bucket.
    backend: Value,
    /// Serves Terraform's credentials for AWS: see [`Lent`].
    _credentials: Option<Lent>,
}

/// The bucket's address in the root.
const BUCKET: &str = "module.account.aws_s3_bucket.state";
/// The file that configures the backend.
const BACKEND: &str = "backend.tf.json";

/// The content of the bucket.
enum Remote {
    NoBucket,
    NoState,
    /// The resources in the state.
    State(Value),
}

impl Bootstrap {
    /// Returns the root for the account of an environment, or of the pipeline.
    ///
    /// # Errors
    ///
    /// If Terraform or the generated root is missing, or there are no credentials for AWS.
    pub async fn of(options: &Options, target: &Target) -> anyhow::Result<Self> {
        let config = target.env.config();
        let (account, region) = match options.pipeline {
            true => (DELIVERY.account, DELIVERY.region),
            false => (config.account, config.region),
        };
        let found = topology::bootstraps().into_iter().find(|it| it.account == account);
        let found = found.context("the topology has no root for this account")?;
        generated::compare_bootstrap(&found.name)?;
        let work = crate::place::repository().join("target/bootstrap").join(&found.name);
        let endpoint = target.endpoint_url.as_ref().map(Address::as_str);
        let credentials = Lent::of(region.as_str(), endpoint).await?;
        let mut variables = credentials.variables();
        variables.extend(endpoint.map(|it| ("AWS_ENDPOINT_URL", Some(it.to_owned()))));
        let bootstrap = Self::at(&found, &work, variables)?;
        Ok(Bootstrap { _credentials: Some(credentials), ..bootstrap })
    }

    /// Returns a root that keeps its files below `work`, with environment variables for Terraform.
    ///
    /// # Errors
    ///
    /// If Terraform or the generated root is missing, or another run is working.
    pub fn at(
        found: &topology::Bootstrap,
        work: &Path,
        variables: Variables,
    ) -> anyhow::Result<Self> {
        fs::create_dir_all(work)?;
        let work = fs::canonicalize(work)?;
        let hold = Hold::take(&work.join("run.lock"))?.with_context(|| {
            format!(
                "another `dofs bootstrap` is running for {}\n  fix: wait until it has finished",
                found.name
            )
        })?;
        let journal = Journal::below(&work);
        journal.no_other_run_is_alive()?;
        let root = Root::bootstrap(&found.name, &work, variables, journal.clone())?;
        let backend = serde_json::from_str(&fs::read_to_string(root.folder.join(BACKEND))?)?;
        Ok(Bootstrap {
            name: found.name.clone(),
            account: found.account.as_str().to_owned(),
            bucket: found.backend.bucket.clone(),
            root,
            file: work.join("bootstrap.tfstate"),
            journal,
            _hold: hold,
            backend,
            _credentials: None,
        })
    }

    /// Does the remaining steps. It passes the planned changes to `ask`, and each finished step to `each`.
    ///
    /// # Errors
    ///
    /// If a step fails. If `ask` returns false, nothing is applied.
    pub async fn run(
        &self,
        ask: impl AsyncFn(&str) -> anyhow::Result<bool>,
        mut each: impl FnMut(Step) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let remote = self.look().await?;
        if let Remote::State(known) = remote {
            return self.go_on(&known, ask, each).await;
        }
        self.begin().await?;
        each(Step::Began)?;
        let unknown = matches!(remote, Remote::NoState) && !self.knows_the_bucket().await?;
        self.apply(unknown, ask, &mut each).await?;
        self.migrate().await?;
        each(Step::Moved)?;
        self.clear()?;
        each(Step::Cleared)
    }

    /// Applies changes, if the state is in the bucket already.
    async fn go_on(
        &self,
        known: &Value,
        ask: impl AsyncFn(&str) -> anyhow::Result<bool>,
        mut each: impl FnMut(Step) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if let Some(own) = known_in(&self.file)? {
            // Moving a state gives it another lineage, so compare the resources.
            ensure!(
                own == *known,
                "the state in {} is not the state in the bucket {}: the bucket's state has changed since, or \
                 another user created it\n  \
                 fix: compare the two; if you do not need the file, delete it",
                self.file.display(),
                self.bucket
            );
            self.clear()?;
            each(Step::Cleared)?;
        }
        self.apply(false, ask, &mut each).await
    }

    /// Reads the state from the bucket.
    async fn look(&self) -> anyhow::Result<Remote> {
        self.root.forget_backend()?;
        self.write_backend(&self.backend)?;
        match self.root.init(&["-reconfigure"]).await {
            // The S3 backend has used this error text since the first version with lock files.
            Err(err) if format!("{err:#}").contains("does not exist") => {
                return Ok(Remote::NoBucket);
            }
            other => other?,
        };
        let said = self.root.run(&["state", "pull"], |_| {}).await?;
        Ok(known(&said)?.map_or(Remote::NoState, Remote::State))
    }

    async fn begin(&self) -> anyhow::Result<()> {
        self.mend()?;
        let path = self.file.to_string_lossy();
        self.write_backend(&json!({ "terraform": { "backend": { "local": { "path": path } } } }))?;
        self.root.init(&["-reconfigure"]).await
    }

    /// Repairs the state file. Terraform overwrites it in place, so a killed run may leave half of it. Then this restores
    /// Terraform's backup, if there is one. Resources that the backup does not contain are imported later.
    fn mend(&self) -> anyhow::Result<()> {
        let whole = |file: &Path| {
            let text = fs::read_to_string(file).unwrap_or_default();
            serde_json::from_str::<Value>(&text).is_ok()
        };
        if !self.file.exists() || whole(&self.file) || !self.journal.is_open() {
            return Ok(());
        }
        let before = self.file.with_extension("tfstate.backup");
        if whole(&before) {
            fs::rename(before, &self.file)?;
        } else {
            fs::remove_file(&self.file)?;
        }
        Ok(())
    }

    async fn knows_the_bucket(&self) -> anyhow::Result<bool> {
        if !self.file.exists() {
            return Ok(false);
        }
        let known = self.root.run(&["state", "list"], |_| {}).await?;
        Ok(known.lines().any(|it| it == BUCKET))
    }

    /// Applies the differences, if there are any and `ask` agrees. First it imports resources that exist but are not in the
    /// state: those that AWS created, and after a killed apply, those that the apply created.
    async fn apply(
        &self,
        unknown: bool,
        ask: impl AsyncFn(&str) -> anyhow::Result<bool>,
        each: &mut impl FnMut(Step) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let killed = self.journal.is_open();
        let what = if unknown || killed { Adopt::Everything } else { Adopt::MadeByAws };
        if adopt::adopt(&self.root, &self.account, what).await? {
            each(Step::Adopted)?;
        }
        let plan = match killed {
            true => self.plan_after_a_kill(each).await?,
            // Planning without a lock is safe, because Terraform refuses a plan if the state has changed since. So a run that
            // is killed before it applies leaves no lock.
            false => self.plan(&["-lock=false"]).await?,
        };
        if !plan.differences.is_empty() {
            if !ask(&plan.summary(&self.name)).await? {
                bail!("nothing was applied");
            }
            self.journal.open()?;
            self.root.run(&["apply", "-input=false", "-no-color", &plan.path()], |_| {}).await?;
            each(Step::Applied)?;
        }
        self.journal.close()
    }

    async fn plan(&self, arguments: &[&str]) -> anyhow::Result<Plan> {
        Plan::make_ready(&self.root, &self.root.scratch("bootstrap.tfplan"), arguments).await
    }

    /// Plans with the lock, because a killed run may have left its lock: then this releases it, even if nothing is left to
    /// apply. The lock of anybody else stays, and Terraform's error says whose it is.
    async fn plan_after_a_kill(
        &self,
        each: &mut impl FnMut(Step) -> anyhow::Result<()>,
    ) -> anyhow::Result<Plan> {
        let err = match self.plan(&[]).await {
            Err(err) => err,
            planned => return planned,
        };
        let Some(id) = self.journal.own(&format!("{err:#}"))? else { return Err(err) };
        self.root.run(&["force-unlock", "-force", &id], |_| {}).await?;
        each(Step::Unlocked)?;
        self.plan(&[]).await
    }

    /// Moves the state from the file to the bucket. Terraform copies it, and leaves the file.
    ///
    /// `terraform init` runs without a lock: the bucket has no state yet, so no other run can use one, and the lock of a run
    /// that is killed would block every later run.
    async fn migrate(&self) -> anyhow::Result<()> {
        self.write_backend(&self.backend)?;
        self.root.init(&["-migrate-state", "-force-copy", "-lock=false"]).await?;
        let moved = known(&self.root.run(&["state", "pull"], |_| {}).await?)?;
        ensure!(
            moved.is_some() && moved == known_in(&self.file)?,
            "Terraform did not move the state to the bucket {}; it is still in {}\n  \
             fix: run `dofs bootstrap` again",
            self.bucket,
            self.file.display()
        );
        Ok(())
    }

    /// Deletes the state file and Terraform's backup of it.
    fn clear(&self) -> anyhow::Result<()> {
        for file in [self.file.with_extension("tfstate.backup"), self.file.clone()] {
            if file.exists() {
                fs::remove_file(file)?;
            }
        }
        Ok(())
    }

    fn write_backend(&self, backend: &Value) -> anyhow::Result<()> {
        fs::write(self.root.folder.join(BACKEND), format!("{backend:#}\n"))?;
        Ok(())
    }
}

/// Returns the resources in a state; `None` if there are none.
fn known(state: &str) -> anyhow::Result<Option<Value>> {
    if state.trim().is_empty() {
        return Ok(None);
    }
    let mut state: Value =
        serde_json::from_str(state).context("Terraform's state is not valid JSON")?;
    let known = state["resources"].take();
    Ok(known.as_array().is_some_and(|it| !it.is_empty()).then_some(known))
}

fn known_in(file: &Path) -> anyhow::Result<Option<Value>> {
    if !file.exists() {
        return Ok(None);
    }
    known(&fs::read_to_string(file)?).with_context(|| format!("{}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_without_resources_counts_as_none() {
        fn check(state: &str, expected: Option<Value>) {
            assert_eq!(known(state).unwrap(), expected);
        }
        check("", None);
        check("\n", None);
        check(r#"{"serial": 0, "lineage": "", "resources": []}"#, None);
        check(r#"{"serial": 3, "resources": [{"name": "a"}]}"#, Some(json!([{ "name": "a" }])));
        assert!(known("nonsense").is_err());
    }
}
