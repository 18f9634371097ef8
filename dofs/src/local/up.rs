//! `dofs local up`: runs a system until a signal stops it.

use std::{path::Path, pin::pin, process::ExitCode, time::Duration};

use anyhow::{anyhow, ensure};
use clap::Args;
use contracts::api::PlaceOrder;
use function_contract::api::Route as _;
use local_aws::Emulator;
use tokio::{sync::watch, task::JoinSet};

pub use super::start::up;
use super::{
    denied::Denied,
    deployed::Deployed,
    kept::after,
    state::{Lock, Running},
    watch::{Changes, LocalSystem},
};
use crate::{
    generated,
    interrupt::asked_to_end,
    page::Work,
    place::folder,
    site::option,
    target::Target,
    tell::{tell, warn},
};

/// The options of `dofs local up`.
#[derive(Debug, Args)]
pub struct Options {
    /// Limit how many operations Terraform runs in parallel.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub parallelism: u16,

    /// Listen on this port. 0 chooses the last run's port, or a free one.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub port: u16,

    /// Delete the orders, messages and tables of the last run before the start.
    #[arg(long)]
    pub fresh: bool,

    /// Deploy changes of functions and topology when you save them. No order is lost.
    #[arg(long)]
    pub watch: bool,
}

/// A running system. Dropping it stops the system, and changes after its last save are lost: use [`Up::end`] to keep them.
#[derive(Debug)]
pub struct Up {
    /// Its addresses and its process.
    pub running: Running,
    /// The server of the page. It is dropped before the emulator, which it calls.
    pub(super) page: JoinSet<anyhow::Result<()>>,
    pub(super) emulator: Emulator,
    pub(super) deployed: Deployed,
    /// The changes that the page shows.
    pub(super) work: watch::Sender<Work>,
}

impl Up {
    /// Stops the system, and saves its state for the next run. Returns a text about what was saved.
    ///
    /// # Errors
    ///
    /// If the operating system does not say how it ended.
    pub async fn end(self) -> anyhow::Result<String> {
        let Up { running, page, emulator, .. } = self;
        drop(page);
        let last = tokio::task::spawn_blocking(|| emulator.end()).await??;
        let said = after(&running.environment, last.as_ref());
        Ok(match last {
            Some(last) if last.is_end => said,
            _ => format!("{said}\n  its log says why: {}", running.log.display()),
        })
    }

    /// Waits until the emulator ends unexpectedly, and returns an error that says what is lost. Meanwhile it deploys `changes`,
    /// if they are watched. If only the page ends, it warns and continues.
    async fn lost(
        &mut self,
        changes: Option<Changes>,
        options: &Options,
        path: &Path,
    ) -> anyhow::Error {
        let (deployed, work) = (&self.deployed, &self.work);
        let mut watched = pin!(async {
            match changes {
                Some(it) => it.bring_in(&LocalSystem { deployed, options, path, work }).await,
                None => std::future::pending().await,
            }
        });
        loop {
            tokio::select! {
                lost = lost(&self.running.environment, &mut self.emulator) => return lost,
                failed = &mut watched => return failed,
                Some(ended) = self.page.join_next() => {
                    let why = match ended {
                        Ok(Err(err)) => format!(": {err:#}"),
                        _ => String::new(),
                    };
                    warn(&format!(
                        "the page has stopped{why}\n  fix: start it again with `dofs page{}`",
                        option(&self.running.environment)
                    ));
                }
            }
        }
    }
}

/// How often to check that the emulator is running.
const LOOK: Duration = Duration::from_millis(500);

/// Waits until an emulator ends by itself. Meanwhile, it prints the calls that the emulator denies.
pub(super) async fn lost(environment: &str, emulator: &mut Emulator) -> anyhow::Error {
    let mut denied = Denied::from_now(emulator.log());
    loop {
        tokio::time::sleep(LOOK).await;
        denied.since_last_look().iter().for_each(|it| warn(it));
        let how = match emulator.ended() {
            Ok(None) => continue,
            Ok(Some(status)) => status.to_string(),
            Err(err) => err.to_string(),
        };
        // If the saved state cannot be read, the next run reports that.
        let last = emulator.store().and_then(|it| it.last().ok().flatten());
        return anyhow!(
            "the emulated AWS of {environment} has ended ({how}): {}\n  its log: {}",
            after(environment, last.as_ref()),
            emulator.log().display(),
        );
    }
}

pub(super) async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    if let Some(running) = Running::find(target.env)? {
        running.answers()?;
        ensure!(
            !options.fresh,
            "{} is already running\n  fix: stop it with `dofs local down{}`, then start it with --fresh",
            target.env,
            option(target.env.as_str())
        );
        ensure!(
            !options.watch,
            "{} is already running, and a running system cannot change to --watch\n  fix: stop it with `dofs local \
             down{}`, then start it with --watch",
            target.env,
            option(target.env.as_str())
        );
        let port = format!(":{}", options.port);
        ensure!(
            options.port == 0 || running.endpoint.ends_with(&port),
            "{} is already running, at {}\n  fix: stop it with `dofs local down{}`, or omit --port",
            target.env,
            running.endpoint,
            option(target.env.as_str())
        );
        tell(target, &address(&running), &running)?;
        return Ok(ExitCode::SUCCESS);
    }
    generated::compare(target.env)?;
    let _lock = Lock::take(target.env)?;
    // A file of a run that was killed would count as ours from here on, because we hold the lock.
    Running::forget(target.env);
    let work = folder(target.env);
    // Watch before the first build starts, so that saves during the build count.
    let changes = match options.watch {
        true => Some(Changes::watch().await?),
        false => None,
    };
    let mut up = tokio::select! {
        up = up(target.env, options, &work) => up?,
        () = asked_to_end() => {
            warn(&format!("stopped before {} was up; nothing is left running", target.env));
            return Ok(ExitCode::from(130));
        }
    };
    up.running.write(target.env)?;
    tell(target, &address(&up.running), &up.running)?;
    let lost = tokio::select! {
        () = asked_to_end() => None,
        lost = up.lost(changes, options, &work) => Some(lost),
    };
    Running::forget(target.env);
    if let Some(lost) = lost {
        return Err(lost);
    }
    // Begin a new line, because the terminal has printed `^C`.
    let (env, option) = (target.env, option(target.env.as_str()));
    warn(&format!("\nstopping {env}, because of Ctrl-C or `dofs local down{option}`"));
    warn(&format!("{env} is down: {}", up.end().await?));
    Ok(ExitCode::SUCCESS)
}

fn address(running: &Running) -> String {
    let option = option(&running.environment);
    let page = running.page_url.clone().unwrap_or_else(|| format!("dofs page{option}"));
    format!(
        "{} is up\n\n  curl -i {}{} -H 'Content-Type: application/json' \\\n    -d '{}'\n\n\
         Open the page: {page}\n\nStop it with Ctrl-C or `dofs local down{option}`.",
        running.environment,
        running.api_url,
        PlaceOrder {}.path(),
        EXAMPLE,
    )
}

/// A valid order.
pub const EXAMPLE: &str =
    r#"{"customerId":"CUST-1234","productId":"PROD-5678","quantity":2,"price":29.99}"#;
