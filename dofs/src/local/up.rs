//! Bringing a system up, step by step.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use fs_err as fs;
use infra_gen::{config::Environment, model::backend::PROVIDER_VERSION, terraform::Terraform};
use local_aws::{Account, Emulator, Tools};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    functions,
    state::{Running, folder, repository, tell},
    steps::Steps,
    terraform::{Child, on_emulator, output},
};
use crate::{cli::Target, page, system::System};

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
    let up = tokio::select! {
        up = up(target.env, options) => up?,
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

/// Waits until somebody wants it to end.
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            // Without it, Ctrl-C still ends it.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

/// Brings a system up from the committed files, unchanged.
///
/// # Errors
///
/// What went wrong, where, and what to do. Nothing is left running then.
pub async fn up(environment: Environment, options: &Options) -> anyhow::Result<Up> {
    let work = folder(environment);
    fs::create_dir_all(&work)?;
    let steps = Steps::begin(&work, 5);
    let target = repository().join("target");

    let (terraform, tools) = steps
        .step("tools", async {
            let (work, tools) = (work.clone(), target.join("tools"));
            let found = tokio::task::spawn_blocking(move || {
                let terraform = Terraform::find(PROVIDER_VERSION, &work)?;
                anyhow::Ok((terraform, Tools::prepare(&tools)?))
            });
            let (terraform, tools) = found.await??;
            anyhow::Ok((terraform.with_plugin_cache(&target.join("plugin-cache"))?, tools))
        })
        .await?;
    let packages = work.join("lambda");
    steps.step("functions", functions::pack(environment, &packages)).await?;

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

    // A copy: Terraform writes a lock file beside what it reads.
    let root = work.join("root");
    copy(&repository().join("generated").join(environment.as_str()), &root)?;
    // State and locks are the emulator's, and begin with it.
    let data = work.join("terraform");
    let _ = fs::remove_dir_all(&data);
    let package_dir = packages.to_string_lossy().into_owned();
    let terraform = terraform
        .with_environment(emulator.environment(&account))
        .with_environment([("TF_VAR_package_dir", Some(package_dir))]);
    let run = |args: &[&str]| Child::start(&terraform, &root, &data, args);
    steps.step("terraform init", run(&["init", "-input=false"])?.finish(|_| {})).await?;
    let parallelism = format!("-parallelism={}", options.parallelism);
    let resources = infra_gen::generate::environment(environment).resources;
    let mut made = 0;
    let apply = run(&["apply", "-input=false", "-auto-approve", "-no-color", &parallelism])?;
    let apply = apply.finish(|line| {
        if line.contains(": Creation complete after") {
            made += 1;
            steps.says(&format!("{made} of {resources} resources"));
        }
    });
    steps.step("terraform apply", apply).await?;
    let outputs = run(&["output", "-json"])?.finish(|_| {}).await?;
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
        page_url: Some(page::url(&listener)?),
        account: account.id,
        region: account.region,
        log: emulator.log().to_owned(),
    };
    let config = running.sdk_config();
    let system = System::new(environment, &running.api_url, &config, Some(running.clone()))?;
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

/// The bucket that the root keeps its state in.
fn bucket(environment: Environment) -> anyhow::Result<String> {
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
