//! The emulator, as long as somebody needs it.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use fs_err as fs;

use crate::{
    account::{Account, Variables},
    patches::{Faithfulness, unpack},
    process::Group,
    tools::Tools,
};

/// ministack, running. It ends when this is dropped, and when this process ends, however it does.
#[derive(Debug)]
pub struct Emulator {
    group: Group,
    port: u16,
    log: PathBuf,
    scratch: PathBuf,
}

/// Why there is no emulator, or why it did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The account is none.
    #[error("{0:?} is no account of AWS\n  fix: an account id has twelve digits, and nothing else")]
    Account(String),
    /// The port cannot be had.
    #[error("the port {port} cannot be had ({why})\n  fix: name another port, or 0 for a free one")]
    Port {
        /// The one that was asked for.
        port: u16,
        /// What the operating system says.
        why: io::Error,
    },
    /// It ended by itself.
    #[error("the emulator ended ({status}) before it was ready; its log {log} ends so:\n{tail}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// The file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// It takes too long.
    #[error(
        "the emulator was not ready after {seconds} seconds; its log {log} ends so:\n{tail}\n  \
         fix: see whether this machine is busy, and try again"
    )]
    NotReady {
        /// How long it had.
        seconds: u64,
        /// The file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// It said no.
    #[error("the emulator did not {what}: {why}\n  its log: {log}")]
    Refused {
        /// What it was asked.
        what: String,
        /// What it said.
        why: String,
        /// The file.
        log: PathBuf,
    },
    /// The operating system said no.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// It takes three seconds where nothing else runs.
const READY: Duration = Duration::from_secs(90);
/// Somebody else may take a port between the time it is found free and the time it is used.
const PORTS: usize = 3;

impl Emulator {
    /// Starts it on a free port of this machine alone, and waits until it answers. Its log and all
    /// that it writes lie in the folder `work`. A caller without a key counts as `account`. It is
    /// patched: see [`Faithfulness`].
    ///
    /// # Errors
    ///
    /// Where it does not start, with the end of its log.
    pub fn start(tools: &Tools, work: &Path, account: &Account) -> Result<Self, EmulatorError> {
        Self::start_with(tools, work, account, Faithfulness::Patched)
    }

    /// As [`Emulator::start`], on this port; 0 is a free one.
    ///
    /// # Errors
    ///
    /// Where it does not start, with the end of its log, and where the port is taken.
    pub fn start_at(
        tools: &Tools,
        work: &Path,
        account: &Account,
        port: u16,
    ) -> Result<Self, EmulatorError> {
        Self::begin(tools, work, account, Faithfulness::Patched, port)
    }

    /// As [`Emulator::start`], patched or as it is.
    ///
    /// # Errors
    ///
    /// Where it does not start, with the end of its log.
    pub fn start_with(
        tools: &Tools,
        work: &Path,
        account: &Account,
        faithfulness: Faithfulness,
    ) -> Result<Self, EmulatorError> {
        Self::begin(tools, work, account, faithfulness, 0)
    }

    fn begin(
        tools: &Tools,
        work: &Path,
        account: &Account,
        faithfulness: Faithfulness,
        wanted: u16,
    ) -> Result<Self, EmulatorError> {
        if !account.is_valid() {
            return Err(EmulatorError::Account(account.id.clone()));
        }
        fs::create_dir_all(work)?;
        let work = fs::canonicalize(work)?;
        let mut attempt = 1;
        loop {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
                .and_then(|it| it.local_addr())
                .map_err(|why| EmulatorError::Port { port: wanted, why })?
                .port();
            let mut emulator = Self::launch(tools, &work, account, faithfulness, port)?;
            match emulator.wait() {
                Ok(()) => return Ok(emulator),
                Err(EmulatorError::Ended { tail, .. }) if attempt < PORTS && is_taken(&tail) => {}
                Err(err) => return Err(err),
            }
            attempt += 1;
        }
    }

    fn launch(
        tools: &Tools,
        work: &Path,
        account: &Account,
        faithfulness: Faithfulness,
        port: u16,
    ) -> Result<Self, EmulatorError> {
        let log = work.join(format!("emulator-{port}.log"));
        let scratch = work.join(format!("emulator-{port}"));
        fs::create_dir_all(&scratch)?;
        let output = fs::File::create(&log)?.into_parts().0;
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(tools.python());
        command
            .arg(unpack(&scratch.join("program"))?)
            .arg(faithfulness.as_str())
            .stdout(output.try_clone()?)
            .stderr(output)
            // Functions inherit all of it, so what is set for the real AWS must not be there.
            .env_clear()
            .envs(KEPT.iter().filter_map(|it| Some((it, variable(it)?))))
            // Its default is every interface.
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("LOCALSTACK_HOST", "127.0.0.1")
            .env("MINISTACK_ACCOUNT_ID", &account.id)
            // Functions run as processes, without Docker.
            .env("LAMBDA_EXECUTOR", "local")
            // A listener of its own, on a port that is the same for all.
            .env("IOT_MTLS_ENABLED", "0")
            .env("PYTHONUNBUFFERED", "1")
            .env("TMPDIR", &scratch)
            .env("S3_DATA_DIR", scratch.join("s3"))
            .env("STATE_DIR", scratch.join("state"));
        for (name, value) in account.variables(&endpoint) {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let group = Group::start(command)?;
        Ok(Emulator { group, port, log, scratch })
    }

    fn wait(&mut self) -> Result<(), EmulatorError> {
        let begin = Instant::now();
        // Another emulator may answer on this port: that this one has it stands in its log alone.
        let running = format!("Running on {}", self.endpoint());
        while begin.elapsed() < READY {
            if let Some(status) = self.group.ended()? {
                let (log, tail) = (self.log.clone(), self.tail());
                return Err(EmulatorError::Ended { status, log, tail });
            }
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            if said.contains(&running) && self.is_healthy() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        let (log, tail) = (self.log.clone(), self.tail());
        Err(EmulatorError::NotReady { seconds: READY.as_secs(), log, tail })
    }

    /// How it has ended, if it has. What it had in memory is gone then.
    ///
    /// # Errors
    ///
    /// Where the operating system does not say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.group.ended()
    }

    /// Whether it answers.
    pub fn is_healthy(&self) -> bool {
        let health = format!("{}/_ministack/health", self.endpoint());
        agent().get(health).call().is_ok()
    }

    /// Where it listens: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it has said so far is in this file.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The number of its process, and of its process group.
    pub fn pid(&self) -> u32 {
        self.group.pid()
    }

    /// What Terraform and every other client of AWS need, to call it as an account.
    pub fn environment(&self, account: &Account) -> Variables {
        account.variables(&self.endpoint())
    }

    /// Makes an S3 bucket, such as the one for Terraform's state. One that is there already will do.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn make_bucket(&self, account: &Account, name: &str) -> Result<(), EmulatorError> {
        let refused = |why: String| EmulatorError::Refused {
            what: format!("make the bucket {name}"),
            why,
            log: self.log.clone(),
        };
        let region = &account.region;
        // It reads the account out of the signature, and does not check it.
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{region}/s3/aws4_request, \
             SignedHeaders=host, Signature=none",
            account.id
        );
        // That region, and only that, must not be named.
        let place = match region.as_str() {
            "us-east-1" => String::new(),
            _ => format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let request = agent()
            .put(format!("{}/{name}", self.endpoint()))
            .header("Authorization", signature)
            .config()
            .http_status_as_error(false)
            .build();
        let mut answer = request.send(place).map_err(|err| refused(err.to_string()))?;
        let status = answer.status();
        let said = answer.body_mut().read_to_string().unwrap_or_default();
        if status.is_success() || said.contains("BucketAlreadyOwnedByYou") {
            return Ok(());
        }
        Err(refused(format!("{status} {said}")))
    }

    fn tail(&self) -> String {
        let said = fs::read(&self.log).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // First, or it would write on.
        let _ = self.group.stop();
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

/// Without proxies: what is called is on this machine.
fn agent() -> ureq::Agent {
    let timeout = Some(Duration::from_secs(10));
    ureq::Agent::config_builder().timeout_global(timeout).proxy(None).build().into()
}

fn is_taken(log: &str) -> bool {
    log.to_lowercase().contains("already in use")
}

/// What Python needs to be itself.
const KEPT: [&str; 5] = ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

#[expect(clippy::disallowed_methods, reason = "what Python needs is no setting of a function")]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
