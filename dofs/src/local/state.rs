//! The running system of an environment: a small file with its addresses, and a lock that its process holds.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use fs_err as fs;
use infra_gen::config::Environment;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::{
    child::PATIENCE,
    hold::Hold,
    http::direct_client,
    place::{FOLDER, folder},
    site::option,
    target::Target,
    tell::tell,
};

/// A system that runs on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The environment's name.
    pub environment: String,
    /// The process that runs it.
    pub pid: i32,
    /// The start time of that process, as in [`processes::Process::began`], because a later process may have the same id.
    pub began: u64,
    /// The address of the emulated AWS.
    pub endpoint: String,
    /// The URL of the API, to which the routes are appended.
    pub api_url: String,
    /// The key of the API, if it needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// The URL of the page.
    pub page_url: Option<String>,
    /// The account id, which is also the access key.
    pub account: String,
    /// The region.
    pub region: String,
    /// The log of the emulated AWS.
    pub log: PathBuf,
}

/// How long the emulated AWS may take to answer the health check, because it may be busy with other calls.
const ANSWER: Duration = Duration::from_secs(10);
/// The time between two health checks by a long-running command.
const LOOK: Duration = Duration::from_secs(2);
/// How long `local up` may take to end: the end of a running Terraform, the last save, and the rest.
const END: Duration =
    Duration::from_secs(15).saturating_add(PATIENCE).saturating_add(local_aws::END);

impl Running {
    /// Returns the running system of an environment. A file that a killed process left behind does not count, even if another
    /// process has the same id now.
    ///
    /// # Errors
    ///
    /// If the file, its lock or the process table cannot be read.
    pub fn find(environment: Environment) -> anyhow::Result<Option<Self>> {
        let file = file(environment);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(err.into()),
        };
        let running: Running = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a file of `dofs local up`", file.display()))?;
        Ok((Lock::is_held(environment)? && running.has_its_process()?).then_some(running))
    }

    fn has_its_process(&self) -> anyhow::Result<bool> {
        let Ok(id) = u32::try_from(self.pid) else { return Ok(false) };
        let process =
            processes::find(id).context("the processes of this machine cannot be read")?;
        Ok(process.is_some_and(|it| it.began == self.began && !it.has_ended))
    }

    /// Checks that the emulated AWS answers. The check fails at once if it has ended, and after ten seconds if it hangs.
    ///
    /// # Errors
    ///
    /// If it does not answer. The error says what is lost, and what to do.
    pub fn answers(&self) -> anyhow::Result<()> {
        let health = format!("{}/_ministack/health", self.endpoint);
        let agent: ureq::Agent =
            ureq::Agent::config_builder().timeout_global(Some(ANSWER)).proxy(None).build().into();
        let (what, why) = match agent.get(health).call() {
            Ok(_) => return Ok(()),
            Err(err @ ureq::Error::Timeout(_)) => ("it hangs", err),
            Err(err) => ("it has ended", err),
        };
        bail!(
            "the emulated AWS of {env} does not answer at {} ({why}): {what}, and all changes after its \
             last save are lost\n  its log: {}\n  fix: stop the rest with `dofs local \
             down{option}`, and start again with `dofs local up{option}`",
            self.endpoint,
            self.log.display(),
            env = self.environment,
            option = option(&self.environment),
        )
    }

    /// Waits until the emulated AWS has ended. Two checks in a row must fail, because it is very busy at times.
    async fn lost(&self) -> anyhow::Error {
        let mut failed = 0;
        loop {
            tokio::time::sleep(LOOK).await;
            let running = self.clone();
            match tokio::task::spawn_blocking(move || running.answers()).await {
                Ok(Err(why)) if failed > 0 => return why,
                Ok(Err(_)) => failed += 1,
                Ok(Ok(())) | Err(_) => failed = 0,
            }
        }
    }

    /// Does long work, and stops it if the emulated AWS ends.
    ///
    /// # Errors
    ///
    /// If it has ended or hangs. The error says what is lost, and what to do.
    pub(crate) async fn while_there<T>(&self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        tokio::select! {
            outcome = work => Ok(outcome),
            lost = self.lost() => Err(lost),
        }
    }

    /// Writes the file, so that other commands find the system.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, environment: Environment) -> anyhow::Result<()> {
        let file = file(environment);
        fs::create_dir_all(folder(environment))?;
        let text = serde_json::to_string_pretty(self)?;
        // Rename the file into place, so that readers find all of it or nothing.
        let draft = file.with_extension("draft");
        fs::write(&draft, text)?;
        fs::rename(draft, file)?;
        Ok(())
    }

    /// Deletes the file.
    pub fn forget(environment: Environment) {
        let _ = fs::remove_file(file(environment));
    }

    /// Returns the configuration of AWS clients for it.
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::new(&self.account, "test", None, None, "local");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .endpoint_url(&self.endpoint)
            .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(
                credentials,
            ))
            .http_client(direct_client())
            .build()
    }
}

/// The lock of an environment's local system. Its process holds it as long as the system runs.
#[derive(Debug)]
pub(super) struct Lock {
    _hold: Hold,
}

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    ///
    /// If another process holds it.
    pub(super) fn take(environment: Environment) -> anyhow::Result<Self> {
        let folder = folder(environment);
        let taken = fs::create_dir_all(&folder).and_then(|()| Hold::take(&Self::file(environment)));
        let taken = taken.with_context(|| {
            format!(
                "the folder {} cannot hold a local system\n  fix: choose another folder with the variable {FOLDER}",
                folder.display()
            )
        });
        if let Some(hold) = taken? {
            return Ok(Lock { _hold: hold });
        }
        bail!(
            "another `dofs local up` is starting {environment} at the moment\n  \
             fix: wait until it prints the URL of the API"
        )
    }

    fn is_held(environment: Environment) -> anyhow::Result<bool> {
        Ok(Hold::is_taken(&Self::file(environment))?)
    }

    fn file(environment: Environment) -> PathBuf {
        folder(environment).join("up.lock")
    }
}

fn file(environment: Environment) -> PathBuf {
    folder(environment).join("running.json")
}

/// Runs `dofs local down`.
pub(super) async fn down(target: &Target) -> anyhow::Result<ExitCode> {
    let Some(running) = Running::find(target.env)? else {
        tell(target, &format!("no local system is running for {}", target.env), &None::<Running>)?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(process) = Pid::from_raw(running.pid) else {
        bail!("{} is not a process id", running.pid)
    };
    kill_process(process, Signal::INT)
        .context("the process of the local system cannot be stopped")?;
    let began = Instant::now();
    while Lock::is_held(target.env)? {
        if began.elapsed() > END {
            bail!(
                "the process {pid} does not end\n  fix: read {}, then end it with `kill -KILL {pid}`",
                running.log.display(),
                pid = running.pid
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Running::forget(target.env);
    tell(target, &format!("{} is down", target.env), &None::<Running>)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `dofs local status`.
pub(super) fn status(target: &Target) -> anyhow::Result<ExitCode> {
    let running = Running::find(target.env)?;
    let (text, running) = match running {
        None => {
            let start = format!("dofs local up{}", option(target.env.as_str()));
            (
                format!("no local system is running for {}\n  start one with: {start}", target.env),
                None,
            )
        }
        Some(it) => match it.answers() {
            Err(why) => (format!("{} is not running: {why}", target.env), None),
            Ok(()) => (
                format!(
                    "{} is running as process {}\n  page {}\n  API  {}\n  AWS  {}\n  log  {}",
                    target.env,
                    it.pid,
                    it.page_url.as_deref().unwrap_or("none"),
                    it.api_url,
                    it.endpoint,
                    it.log.display()
                ),
                Some(it),
            ),
        },
    };
    tell(target, &text, &running)?;
    Ok(if running.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs `dofs local url`: prints only the URL of the API, for `URL="$(dofs local url)"`.
pub(super) fn url(target: &Target) -> anyhow::Result<ExitCode> {
    let Some(running) = Running::find(target.env)? else {
        let start = format!("dofs local up{}", option(target.env.as_str()));
        bail!("no local system is running for {}\n  fix: start one with `{start}`", target.env);
    };
    running.answers()?;
    tell(target, &running.api_url, &running.api_url)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{SocketAddr, TcpListener},
    };

    use super::*;

    fn at(address: SocketAddr) -> Running {
        Running {
            environment: "dev".to_owned(),
            pid: 1,
            began: 1,
            endpoint: format!("http://{address}"),
            api_url: String::new(),
            api_key: None,
            page_url: None,
            account: "111111111111".to_owned(),
            region: "ap-south-1".to_owned(),
            log: PathBuf::from("log"),
        }
    }

    #[tokio::test]
    async fn long_work_ends_with_the_emulated_aws() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = at(listener.local_addr().unwrap());
        let emulator = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            assert!(connection.read(&mut [0; 1024]).unwrap() > 0);
            connection
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .unwrap();
        });
        assert_eq!(running.while_there(async { 7 }).await.unwrap(), 7);
        let began = Instant::now();
        let lost = running.while_there(std::future::pending::<()>()).await.unwrap_err();
        emulator.join().unwrap();
        assert!(lost.to_string().contains("it has ended"), "{lost}");
        // It answered the first health check.
        assert!((3 * LOOK..5 * LOOK).contains(&began.elapsed()), "{:?}", began.elapsed());
    }

    #[test]
    fn a_hanging_emulated_aws_is_an_error() {
        // It accepts connections, but never answers.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let why = at(listener.local_addr().unwrap()).answers().unwrap_err().to_string();
        assert!(why.contains("it hangs"), "{why}");
    }
}
