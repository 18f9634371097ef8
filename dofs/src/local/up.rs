//! Bringing a system up, step by step.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use fs_err as fs;
use infra_gen::{config::Environment, model::backend::PROVIDER_VERSION, terraform::Terraform};
use local_aws::{Account, Emulator, Tools};
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    functions,
    state::{Lock, Running},
    steps::Steps,
    terraform::{key, on_emulator, output},
};
use crate::{
    interrupt::asked_to_end,
    page,
    place::{folder, repository},
    root::{Root, bucket},
    system::System,
    target::{ApiKey, Target},
    tell::tell,
};

/// How to bring it up.
#[derive(Debug, Args)]
pub struct Options {
    /// Terraform's calls at once.
    #[arg(long, default_value_t = 20)]
    pub parallelism: u16,
}

/// A system that is up. It ends with this value.
#[derive(Debug)]
pub struct Up {
    /// What there is to know about it.
    pub running: Running,
    /// Before the emulator: what is shown must be there.
    _page: JoinSet<()>,
    _emulator: Emulator,
}

pub(super) async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    if let Some(running) = Running::find(target.env)? {
        tell(target, &address(&running), &running)?;
        return Ok(ExitCode::SUCCESS);
    }
    let _lock = Lock::take(target.env)?;
    // Of one that was killed: from here on it would count as ours.
    Running::forget(target.env);
    let work = folder(target.env);
    let up = tokio::select! {
        up = up(target.env, options, &work) => up?,
        () = asked_to_end() => {
            return Ok(ExitCode::from(130));
        }
    };
    up.running.write(target.env)?;
    tell(target, &address(&up.running), &up.running)?;
    asked_to_end().await;
    Running::forget(target.env);
    drop(up);
    Ok(ExitCode::SUCCESS)
}

fn address(running: &Running) -> String {
    format!(
        "{} is up\n\n  curl -i {}/order -H 'Content-Type: application/json' \\\n    -d '{}'\n\n\
         Look at it: {}\n\nCtrl-C or `dofs local down` ends it.",
        running.environment,
        running.api_url,
        EXAMPLE,
        running.page_url.as_deref().unwrap_or("dofs page")
    )
}

/// An order that keeps every rule.
pub const EXAMPLE: &str =
    r#"{"customerId":"CUST-1234","productId":"PROD-5678","quantity":2,"price":29.99}"#;

/// Brings a system up from the committed files, unchanged. Everything that is written lies in `work`.
///
/// # Errors
///
/// What went wrong, where, and what to do. Nothing is left running then.
pub async fn up(environment: Environment, options: &Options, work: &Path) -> anyhow::Result<Up> {
    fs::create_dir_all(work)?;
    let steps = Steps::begin(work, 5);
    let target = repository().join("target");

    let (terraform, tools) = steps
        .step("tools", async {
            let (work, tools) = (work.to_owned(), target.join("tools"));
            let found = tokio::task::spawn_blocking(move || {
                let terraform = Terraform::find(PROVIDER_VERSION, &work)?;
                anyhow::Ok((terraform, Tools::prepare(&tools)?))
            });
            let (terraform, tools) = found.await??;
            anyhow::Ok((terraform.with_plugin_cache(&target.join("plugin-cache"))?, tools))
        })
        .await?;
    steps.step("functions", functions::pack(environment, &Root::packages(work))).await?;

    let account = account_of(environment);
    let emulator = steps
        .step("emulated AWS", async {
            let (tools, work, account) = (tools.clone(), work.join("aws"), account.clone());
            let started =
                tokio::task::spawn_blocking(move || Emulator::start(&tools, &work, &account));
            let emulator = started.await??;
            emulator.make_bucket(&account_of(environment), &bucket(environment)?)?;
            anyhow::Ok(emulator)
        })
        .await?;

    let root = Root::local(environment, work, &terraform, emulator.environment(&account))?;
    steps.step("terraform init", root.run_while_wanted(&["init", "-input=false"], |_| {})).await?;
    let parallelism = format!("-parallelism={}", options.parallelism);
    let resources = infra_gen::generate::environment(environment).resources;
    let mut made = 0;
    let args = ["apply", "-input=false", "-auto-approve", "-no-color", &parallelism];
    let apply = root.run_while_wanted(&args, |line| {
        if line.contains(": Creation complete after") {
            made += 1;
            steps.says(&format!("{made} of {resources} resources"));
        }
    });
    steps.step("terraform apply", apply).await?;
    let outputs = root.run_while_wanted(&["output", "-json"], |_| {}).await?;
    steps.end();

    let api_url = output(&outputs, "api_url")?;
    let api_url = on_emulator(&emulator.endpoint(), &api_url)
        .with_context(|| format!("{api_url} is no address of an API"))?;
    let listener = page::listen(0).await?;
    let running = Running {
        environment: environment.to_string(),
        pid: i32::try_from(std::process::id()).context("a process number is an i32")?,
        endpoint: emulator.endpoint(),
        api_url,
        api_key: key(&outputs),
        page_url: Some(page::url(&listener)?),
        account: account.id,
        region: account.region,
        log: emulator.log().to_owned(),
    };
    let config = running.sdk_config();
    let system = System::new(environment, &running.api_url, &config, Some(running.clone()))?;
    let api = system.api.clone().with_key(running.api_key.clone().map(ApiKey::from));
    let system = System { api, ..system };
    Ok(Up { running, _page: shown(system, listener), _emulator: emulator })
}

/// The page of a system, for as long as the value lives.
fn shown(system: System, listener: TcpListener) -> JoinSet<()> {
    let mut page = JoinSet::new();
    // It ends with the listener alone, and then the system is of use without it.
    page.spawn(async move { drop(page::serve(system, listener).await) });
    page
}

fn account_of(environment: Environment) -> Account {
    Account {
        id: environment.config().account.as_str().to_owned(),
        region: environment.config().region.as_str().to_owned(),
    }
}
