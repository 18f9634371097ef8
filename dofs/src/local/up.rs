//! Bringing a system up, step by step.

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::{Context as _, anyhow, ensure};
use clap::Args;
use fs_err as fs;
use infra_gen::{
    config::Environment, model::backend::PROVIDER_VERSION, terraform::Terraform, topology::API_URL,
};
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
    site::option,
    system::System,
    target::{ApiKey, Target},
    tell::{tell, warn},
};

/// How to bring it up.
#[derive(Debug, Args)]
pub struct Options {
    /// Terraform's calls at once.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub parallelism: u16,

    /// Where AWS and the API listen; 0 is a free port.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub port: u16,
}

/// A system that is up. It ends with this value.
#[derive(Debug)]
pub struct Up {
    /// What there is to know about it.
    pub running: Running,
    /// Before the emulator: what is shown must be there.
    page: JoinSet<anyhow::Result<()>>,
    emulator: Emulator,
}

impl Up {
    /// Waits until the system is no more, though nobody has ended it, and says what is lost. Where only its
    /// page ends, it says that, and waits on.
    async fn lost(&mut self) -> anyhow::Error {
        loop {
            tokio::select! {
                lost = lost(&self.running.environment, &mut self.emulator) => return lost,
                Some(ended) = self.page.join_next() => {
                    let why = match ended {
                        Ok(Err(err)) => format!(": {err:#}"),
                        _ => String::new(),
                    };
                    warn(&format!(
                        "the page is not served any more{why}\n  fix: `dofs page{}` serves it again",
                        option(&self.running.environment)
                    ));
                }
            }
        }
    }
}

/// How often it is asked whether the emulator is there.
const LOOK: Duration = Duration::from_millis(500);

/// Waits until an emulator has ended by itself.
async fn lost(environment: &str, emulator: &mut Emulator) -> anyhow::Error {
    loop {
        tokio::time::sleep(LOOK).await;
        let how = match emulator.ended() {
            Ok(None) => continue,
            Ok(Some(status)) => status.to_string(),
            Err(err) => err.to_string(),
        };
        return anyhow!(
            "the emulated AWS of {environment} has ended ({how}): every order, message and table in it is \
             lost\n  its log: {}\n  fix: start again with `dofs local up{}`",
            emulator.log().display(),
            option(environment)
        );
    }
}

pub(super) async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    if let Some(running) = Running::find(target.env)? {
        running.answers()?;
        let port = format!(":{}", options.port);
        ensure!(
            options.port == 0 || running.endpoint.ends_with(&port),
            "{} runs already, at {}\n  fix: end it with `dofs local down{}`, or leave --port out",
            target.env,
            running.endpoint,
            option(target.env.as_str())
        );
        tell(target, &address(&running), &running)?;
        return Ok(ExitCode::SUCCESS);
    }
    let _lock = Lock::take(target.env)?;
    // Of one that was killed: from here on it would count as ours.
    Running::forget(target.env);
    let work = folder(target.env);
    let mut up = tokio::select! {
        up = up(target.env, options, &work) => up?,
        () = asked_to_end() => {
            warn(&format!("ended before {} was up; nothing of it is left running", target.env));
            return Ok(ExitCode::from(130));
        }
    };
    up.running.write(target.env)?;
    tell(target, &address(&up.running), &up.running)?;
    let outcome = tokio::select! {
        () = asked_to_end() => {
            // `^C` of a terminal stands in the same line.
            let (env, option) = (target.env, option(target.env.as_str()));
            warn(&format!("\n{env} is going down, asked by Ctrl-C or `dofs local down{option}`"));
            Ok(ExitCode::SUCCESS)
        }
        lost = up.lost() => Err(lost),
    };
    Running::forget(target.env);
    drop(up);
    if outcome.is_ok() {
        warn(&format!("{} is down: its orders, messages and tables are gone", target.env));
    }
    outcome
}

fn address(running: &Running) -> String {
    let option = option(&running.environment);
    let page = running.page_url.clone().unwrap_or_else(|| format!("dofs page{option}"));
    format!(
        "{} is up\n\n  curl -i {}/order -H 'Content-Type: application/json' \\\n    -d '{}'\n\n\
         Look at it: {page}\n\nCtrl-C or `dofs local down{option}` ends it.",
        running.environment, running.api_url, EXAMPLE,
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
    let mut emulator = steps
        .step("emulated AWS", async {
            let (tools, work, account) = (tools.clone(), work.join("aws"), account.clone());
            let port = options.port;
            let started = tokio::task::spawn_blocking(move || {
                Emulator::start_at(&tools, &work, &account, port)
            });
            let emulator = started.await??;
            emulator.make_bucket(&account_of(environment), &bucket(environment)?)?;
            anyhow::Ok(emulator)
        })
        .await?;

    let root = Root::local(environment, work, &terraform, emulator.environment(&account))?;
    let outputs = tokio::select! {
        outputs = applied(environment, options, &root, &steps) => outputs?,
        lost = lost(environment.as_str(), &mut emulator) => return Err(lost),
    };
    steps.end();

    let api_url = output(&outputs, API_URL)?;
    let api_url = on_emulator(&emulator.endpoint(), &api_url)
        .with_context(|| format!("{api_url} is no address of an API"))?;
    let listener = page::listen(0).await?;
    let own = processes::find(std::process::id())?.context("this process is not known")?;
    let running = Running {
        environment: environment.to_string(),
        pid: i32::try_from(own.id).context("a process number is an i32")?,
        began: own.began,
        endpoint: emulator.endpoint(),
        api_url,
        api_key: key(&outputs),
        page_url: Some(page::url(&listener)?),
        account: account.id,
        region: account.region,
        log: emulator.log().to_owned(),
    };
    let config = running.sdk_config();
    let system = System::new(environment, &running.api_url, &config, Some(running.clone()));
    let api = system.api.clone().with_key(running.api_key.clone().map(ApiKey::from));
    let system = System { api, ..system };
    Ok(Up { running, page: shown(system, listener), emulator })
}

/// The page of a system, for as long as the value lives.
fn shown(system: System, listener: TcpListener) -> JoinSet<anyhow::Result<()>> {
    let mut page = JoinSet::new();
    page.spawn(page::serve(system, listener));
    page
}

/// Applies the root, and returns its outputs.
async fn applied(
    environment: Environment,
    options: &Options,
    root: &Root,
    steps: &Steps,
) -> anyhow::Result<String> {
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
    root.run_while_wanted(&["output", "-json"], |_| {}).await
}

fn account_of(environment: Environment) -> Account {
    Account {
        id: environment.config().account.as_str().to_owned(),
        region: environment.config().region.as_str().to_owned(),
    }
}
