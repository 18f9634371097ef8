//! What runs: one small file for each environment, written when its system is up, and a lock that its
//! process holds.

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
    /// The process that holds it.
    pub pid: i32,
    /// When that process began, as [`processes::Process::began`] has it: a later process may have its number.
    pub began: u64,
    /// Where the emulated AWS listens.
    pub endpoint: String,
    /// In front of every route of the API.
    pub api_url: String,
    /// What the API asks callers for, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// The page to look at.
    pub page_url: Option<String>,
    /// The account, which is the access key as well.
    pub account: String,
    /// The region.
    pub region: String,
    /// What the emulated AWS says is in this file.
    pub log: PathBuf,
}

/// How long the emulated AWS may take to say that it is there. It is asked while it works on other calls.
const ANSWER: Duration = Duration::from_secs(10);
/// Between two looks at the emulated AWS by a command that takes long.
const LOOK: Duration = Duration::from_secs(2);
/// How long `local up` may take to end: a Terraform that is under way, what is saved, and the rest.
const END: Duration =
    Duration::from_secs(15).saturating_add(PATIENCE).saturating_add(local_aws::END);

impl Running {
    /// The system that runs for an environment. A file counts as none that a process left behind when it was
    /// killed, also where another process has its number now.
    ///
    /// # Errors
    ///
    /// Where the file or its lock cannot be read, or the system does not say what runs.
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

    /// Asks whether the emulated AWS is there. One that has ended says so at once, and one that hangs after ten seconds.
    ///
    /// # Errors
    ///
    /// Where it is not, with what that means.
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

    /// Waits until the emulated AWS is no more. It has so much to do at times that one look may fail.
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

    /// Does something that takes long, for as long as the emulated AWS is there.
    ///
    /// # Errors
    ///
    /// Where it has ended or hangs, with what that means.
    pub(crate) async fn while_there<T>(&self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        tokio::select! {
            outcome = work => Ok(outcome),
            lost = self.lost() => Err(lost),
        }
    }

    /// Writes it down, for other commands to find.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn write(&self, environment: Environment) -> anyhow::Result<()> {
        let file = file(environment);
        fs::create_dir_all(folder(environment))?;
        let text = serde_json::to_string_pretty(self)?;
        // At once: whoever looks finds all of it or nothing.
        let draft = file.with_extension("draft");
        fs::write(&draft, text)?;
        fs::rename(draft, file)?;
        Ok(())
    }

    /// Forgets it.
    pub fn forget(environment: Environment) {
        let _ = fs::remove_file(file(environment));
    }

    /// How clients of AWS call it.
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

/// Held by the process that has an environment's system, for as long as it has it.
#[derive(Debug)]
pub(super) struct Lock {
    _hold: Hold,
}

impl Lock {
    /// Takes it.
    ///
    /// # Errors
    ///
    /// Where somebody else has it.
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

/// Ends what runs.
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

/// Says what runs, and where.
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

/// Says where the API is, and nothing else: for `URL="$(dofs local url)"`.
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
    async fn what_takes_long_ends_with_the_emulated_aws() {
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
        // It was there at the first look.
        assert!((3 * LOOK..5 * LOOK).contains(&began.elapsed()), "{:?}", began.elapsed());
    }

    #[test]
    fn an_emulated_aws_that_hangs_does_not_run() {
        // It takes connections, and answers none.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let why = at(listener.local_addr().unwrap()).answers().unwrap_err().to_string();
        assert!(why.contains("it hangs"), "{why}");
    }
}
