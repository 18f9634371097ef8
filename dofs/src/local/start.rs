//! Starts a system. Slow steps run in parallel, and steps that the last run has done are skipped.

use std::path::Path;

use anyhow::Context as _;
use fs_err as fs;
use infra_core::model::backend::PROVIDER_VERSION;
use infra_gen::{
    config::Environment,
    topology::{API_URL, account_root},
};
use local_aws::{Account, Emulator, ManagedPolicy, Tools};
use terraform_cli::Terraform;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use super::{
    applied::{Applied, Record, listed},
    deployed::Deployed,
    functions,
    kept::Kept,
    state::Running,
    steps::Steps,
    terraform::{key, on_emulator, output},
    up::{Options, Up, lost},
};
use crate::{
    page::{self, Work},
    place::repository,
    root::{Backend, Root},
    site::option,
    system::System,
    target::ApiKey,
    tell::warn,
};

/// Starts a system from the unchanged generated files. It writes all of its files to `work`.
///
/// # Errors
///
/// If a step fails. Nothing is left running then.
pub async fn up(environment: Environment, options: &Options, work: &Path) -> anyhow::Result<Up> {
    fs::create_dir_all(work)?;
    let steps = Steps::begin(work);
    let kept = Kept::find(environment, options, work)?;
    // Look for it first, so that an error about it comes before a long build.
    let terraform = {
        let work = work.to_owned();
        let found = tokio::task::spawn_blocking(move || Terraform::find(PROVIDER_VERSION, &work));
        found.await??
    };
    let packages = Root::packages(work);
    let functions = functions::pack(environment, &packages, |it| steps.says("functions", it));
    // Run both in parallel: Terraform mostly waits for queues, and the compiler computes.
    let (mut aws, ()) = tokio::try_join!(
        Aws::start(environment, options, work, (terraform, kept), &steps),
        steps.step("functions", functions)
    )?;
    let outputs = aws.applied(options, work, &steps).await?;
    // With `--watch`, the next change will need the provider.
    if !options.watch {
        aws.deployed.root.end_provider();
    }
    let api_url = output(&outputs, API_URL)?;
    let api_url = on_emulator(&aws.emulator.endpoint(), &api_url)
        .with_context(|| format!("{api_url} is not the address of an API"))?;
    // The system is complete, so its state may be saved from now on.
    aws.emulator.keep()?;
    let listener = page::listen(0).await?;
    let own = processes::find(std::process::id())?
        .context("the operating system does not list this process")?;
    let running = Running {
        environment: environment.to_string(),
        pid: i32::try_from(own.id).context("a process number is an i32")?,
        began: own.began,
        endpoint: aws.emulator.endpoint(),
        api_url,
        api_key: key(&outputs),
        page_url: Some(page::url(&listener)?),
        account: aws.deployed.account.id.clone(),
        region: aws.deployed.account.region.clone(),
        log: aws.emulator.log().to_owned(),
    };
    let config = running.sdk_config();
    let system = System::new(environment, &running.api_url, &config, Some(running.clone()))?;
    let api = system.api.clone().with_key(running.api_key.clone().map(ApiKey::from));
    let system = System { api, ..system };
    warn(&format!("  {environment} is up after {}", steps.end()));
    let Aws { emulator, deployed, .. } = aws;
    let (work, page) = shown(system, listener, options);
    Ok(Up { running, page, emulator, deployed, work })
}

/// Serves the page of a system until the set is dropped. Returns the sender of what it shows about changes.
fn shown(
    system: System,
    listener: TcpListener,
    options: &Options,
) -> (watch::Sender<Work>, JoinSet<anyhow::Result<()>>) {
    let work = watch::Sender::new(Work::default());
    let shown = options.watch.then(|| work.subscribe());
    let mut page = JoinSet::new();
    page.spawn(page::serve_with(system, listener, shown));
    (work, page)
}

/// The emulated AWS, and the root that is applied to it.
struct Aws {
    emulator: Emulator,
    deployed: Deployed,
    /// Whether it continues with the state of the last run.
    is_kept: bool,
}

impl Aws {
    /// Starts the emulator. Without a saved state, it also applies the modules that need no function.
    async fn start(
        environment: Environment,
        options: &Options,
        work: &Path,
        (terraform, mut kept): (Terraform, Kept),
        steps: &Steps,
    ) -> anyhow::Result<Self> {
        let target = repository().join("target");
        let prepared = steps.step("tools", async {
            let work = move || {
                let tools = Tools::prepare(&target.join("tools"))?;
                let terraform = terraform.with_plugin_cache(&target.join("plugin-cache"))?;
                anyhow::Ok((terraform, tools))
            };
            tokio::task::spawn_blocking(work).await?
        });
        let (terraform, tools) = prepared.await?;
        let account = account_of(environment);
        let backend = Backend::of(environment)?;
        let (emulator, kept) = steps
            .step("emulated AWS", async {
                let (work, account, port) = (work.join("aws"), account.clone(), options.port);
                let backend = backend.clone();
                let started = tokio::task::spawn_blocking(move || {
                    let emulator = kept.start(&tools, &work, &account, port, &backend);
                    emulator.map(|it| (it, kept))
                });
                started.await?
            })
            .await?;
        emulator.make_bucket(&account, &backend.bucket)?;
        // The permissions boundaries of the roles belong to the account's own root, which is not applied here.
        let own = repository().join("generated").join(account_root(environment));
        emulator.make_policies(&account, &ManagedPolicy::of_root(&own)?)?;
        let endpoint = emulator.endpoint();
        let record = Record::at(environment, &endpoint, &account)?;
        let variables = emulator.environment(&account);
        let is_kept = !kept.is_fresh();
        let root = match is_kept {
            true => Root::copied(environment, work, &terraform, variables)?,
            false => Root::local(environment, work, &terraform, variables)?,
        };
        let deployed = Deployed { environment, account, endpoint, root, record };
        let mut aws = Aws { emulator, deployed, is_kept };
        if !is_kept {
            let targets: Vec<String> = aws
                .deployed
                .root
                .first_modules()?
                .iter()
                .map(|it| format!("-target=module.{it}"))
                .collect();
            let arguments: Vec<&str> = targets.iter().map(String::as_str).collect();
            aws.deployed.init(steps).await?;
            aws.apply("terraform apply, first", &arguments, options, steps).await?;
        }
        Ok(aws)
    }

    /// Applies the root if a file has changed since the last apply. Returns its outputs.
    async fn applied(
        &mut self,
        options: &Options,
        work: &Path,
        steps: &Steps,
    ) -> anyhow::Result<String> {
        let now = Applied::now(&self.deployed.root, work)?;
        let before = self.deployed.record.read()?;
        if let Some(outputs) = before.as_ref().and_then(|it| it.outputs_of(&now)) {
            return Ok(outputs.to_owned());
        }
        if self.is_kept {
            steps.says_once(&match &before {
                Some(before) => format!("  changed: {}", listed(&before.changed(&now))),
                None => "  the last apply did not finish".to_owned(),
            });
            self.deployed.init(steps).await?;
        }
        self.deployed.record.forget()?;
        let applied = self.apply("terraform apply", &[], options, steps).await;
        applied.map_err(|why| match self.is_kept {
            true => why.context(format!(
                "the saved state cannot be updated\n  fix: solve the following problem, or delete the saved state: \
                 `dofs local up{} --fresh`",
                option(self.deployed.environment.as_str())
            )),
            false => why,
        })?;
        let outputs = self.deployed.outputs().await?;
        self.deployed.record.write(&now, &outputs)?;
        Ok(outputs)
    }

    async fn apply(
        &mut self,
        name: &str,
        arguments: &[&str],
        options: &Options,
        steps: &Steps,
    ) -> anyhow::Result<()> {
        let environment = self.deployed.environment.as_str();
        tokio::select! {
            applied = self.deployed.apply(name, arguments, options, steps, |_| {}) => applied,
            lost = lost(environment, &mut self.emulator) => Err(lost),
        }
    }
}

fn account_of(environment: Environment) -> Account {
    Account {
        id: environment.config().account.as_str().to_owned(),
        region: environment.config().region.as_str().to_owned(),
    }
}
