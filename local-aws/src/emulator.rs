//! Starts and stops the emulator.

mod error;
mod port;
mod recording;

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use fs_err as fs;

pub use self::error::EmulatorError;
use self::port::{free, is_taken};
use crate::{
    account::{Account, Variables},
    bucket::Bucket,
    call::{CallError, agent},
    managed_policy::ManagedPolicy,
    patches::{self, Faithfulness},
    process::Group,
    store::{Saved, Store},
    tools::Tools,
};

/// A running ministack. It ends when this value is dropped, and when this process ends for any reason.
#[derive(Debug)]
pub struct Emulator {
    group: Group,
    port: u16,
    log: PathBuf,
    scratch: PathBuf,
    store: Option<Store>,
}

/// How long the start may take. On an idle machine it takes three seconds.
const READY: Duration = Duration::from_secs(90);
/// How many ports to try, because another program may take a port before the emulator uses it.
const PORTS: usize = 3;

/// How long the emulator may take to save its state and end.
pub const END: Duration = Duration::from_secs(25);
/// The exit code of `keep.py` if it cannot load the saved state.
const UNREADABLE: i32 = 3;

/// The parameters of a start.
struct Start<'a> {
    tools: &'a Tools,
    work: PathBuf,
    account: &'a Account,
    faithfulness: Faithfulness,
    store: Option<&'a Store>,
    /// The folder of recordings: see `record.py`.
    recordings: Option<PathBuf>,
}

impl Emulator {
    /// Starts the emulator on a free port of 127.0.0.1, and waits until it answers. It writes its log and its files to the
    /// folder `work`. A caller without an access key counts as `account`. The emulator is patched: see [`Faithfulness`].
    ///
    /// # Errors
    ///
    /// If it does not start. The error has the end of its log.
    pub fn start(tools: &Tools, work: &Path, account: &Account) -> Result<Self, EmulatorError> {
        Self::start_with(tools, work, account, Faithfulness::Patched)
    }

    /// As [`Emulator::start`], but with the state in a store, and on this port; 0 chooses a free one. It saves nothing before
    /// [`Emulator::keep`]. Every call needs a permission: see [`Faithfulness::Enforced`].
    ///
    /// # Errors
    ///
    /// If it does not start, with the end of its log, if the port is taken, and if what the store
    /// has cannot be loaded ([`EmulatorError::Kept`]): it never starts with a part of the state.
    pub fn start_keeping(
        tools: &Tools,
        work: &Path,
        account: &Account,
        port: u16,
        store: &Store,
    ) -> Result<Self, EmulatorError> {
        let (faithfulness, store) = (Faithfulness::Enforced, Some(store));
        let (work, recordings) = (work.to_owned(), recording::folder());
        Self::begin(Start { tools, work, account, faithfulness, store, recordings }, port)
    }

    /// As [`Emulator::start`], with or without patches.
    ///
    /// # Errors
    ///
    /// If it does not start. The error has the end of its log.
    pub fn start_with(
        tools: &Tools,
        work: &Path,
        account: &Account,
        faithfulness: Faithfulness,
    ) -> Result<Self, EmulatorError> {
        let (work, recordings) = (work.to_owned(), recording::folder());
        Self::begin(Start { tools, work, account, faithfulness, store: None, recordings }, 0)
    }

    /// As [`Emulator::start`], but records its requests in a file in this folder. The environment variable `DOFS_RECORDINGS` with
    /// a folder makes every emulator do so.
    ///
    /// # Errors
    ///
    /// If it does not start. The error has the end of its log.
    pub fn start_recording(
        tools: &Tools,
        work: &Path,
        account: &Account,
        recordings: &Path,
    ) -> Result<Self, EmulatorError> {
        let (work, recordings) = (work.to_owned(), Some(recordings.to_owned()));
        let faithfulness = Faithfulness::Patched;
        Self::begin(Start { tools, work, account, faithfulness, store: None, recordings }, 0)
    }

    fn begin(mut start: Start<'_>, wanted: u16) -> Result<Self, EmulatorError> {
        if !start.account.is_valid() {
            return Err(EmulatorError::Account(start.account.id.clone()));
        }
        fs::create_dir_all(&start.work)?;
        start.work = fs::canonicalize(&start.work)?;
        let mut attempt = 1;
        loop {
            let port = free(wanted).map_err(|why| EmulatorError::Port { port: wanted, why })?;
            let mut emulator = Self::launch(&start, port)?;
            match emulator.wait() {
                Ok(()) => return Ok(emulator),
                Err(EmulatorError::Ended { tail, .. }) if attempt < PORTS && is_taken(&tail) => {}
                Err(err) => return Err(err),
            }
            attempt += 1;
        }
    }

    fn launch(start: &Start<'_>, port: u16) -> Result<Self, EmulatorError> {
        let log = start.work.join(format!("emulator-{port}.log"));
        let scratch = start.work.join(format!("emulator-{port}"));
        fs::create_dir_all(&scratch)?;
        let output = fs::File::create(&log)?.into_parts().0;
        let endpoint = format!("http://127.0.0.1:{port}");
        let recordings = start.recordings.as_deref();
        let recording = recordings.map(|it| recording::file(it, &start.work, port)).transpose()?;
        let mut command = Command::new(start.tools.python());
        command
            .arg(patches::unpack(&scratch.join("program"))?)
            .arg(start.faithfulness.as_str())
            .arg(recording.unwrap_or_default())
            .stdout(output.try_clone()?)
            .stderr(output)
            // Functions inherit the environment, so it must not contain variables for the real AWS.
            .env_clear()
            .envs(KEPT.iter().filter_map(|it| Some((it, variable(it)?))))
            // By default, ministack listens on every interface.
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("LOCALSTACK_HOST", "127.0.0.1")
            .env("MINISTACK_ACCOUNT_ID", &start.account.id)
            // Run functions as processes, not in Docker.
            .env("LAMBDA_EXECUTOR", "local")
            // This would open another listener, on a fixed port.
            .env("IOT_MTLS_ENABLED", "0")
            .env("PYTHONUNBUFFERED", "1")
            .env("TMPDIR", &scratch)
            .env("S3_DATA_DIR", scratch.join("s3"))
            .env("STATE_DIR", scratch.join("state"));
        for (name, value) in start.account.variables(&endpoint) {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        if let Some(store) = start.store {
            fs::create_dir_all(store.folder())?;
            command.args([store.folder().as_os_str(), patches::fingerprint().as_ref()]);
            command.env("STATE_DIR", store.folder());
        }
        let group = Group::start(command)?;
        Ok(Emulator { group, port, log, scratch, store: start.store.cloned() })
    }

    fn wait(&mut self) -> Result<(), EmulatorError> {
        let begin = Instant::now();
        // Another emulator may answer on this port, so also look for the port in this one's log.
        let running = format!("Running on {}", self.endpoint());
        while begin.elapsed() < READY {
            if let Some(status) = self.group.ended()? {
                let (log, tail) = (self.log.clone(), self.tail());
                if status.code() == Some(UNREADABLE) {
                    let why = tail.lines().last().unwrap_or_default().to_owned();
                    return Err(EmulatorError::Kept { why, log });
                }
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

    /// Starts saving: the state is complete. The emulator saves it at once, and later whenever it has changed and no call is in
    /// progress.
    ///
    /// # Errors
    ///
    /// If the emulator has ended.
    pub fn keep(&mut self) -> io::Result<()> {
        self.group.say(b'k')
    }

    /// Ends the emulator. It first completes the calls in progress, for some seconds, and saves its state. Returns the last
    /// save, which is an older one if the last attempt failed.
    ///
    /// # Errors
    ///
    /// If the operating system does not say how it ended.
    pub fn end(mut self) -> io::Result<Option<Saved>> {
        let asked = Instant::now();
        // Writing fails only if the emulator has ended.
        let _ = self.group.say(b'e');
        while self.group.ended()?.is_none() && asked.elapsed() < END {
            thread::sleep(Duration::from_millis(20));
        }
        Ok(self.store.as_ref().and_then(|it| it.last().ok().flatten()))
    }

    /// Returns how the emulator has ended, if it has. Then the unsaved state is lost.
    ///
    /// # Errors
    ///
    /// If the operating system does not say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.group.ended()
    }

    /// Whether it answers the health check.
    pub fn is_healthy(&self) -> bool {
        let health = format!("{}/_ministack/health", self.endpoint());
        agent().get(health).call().is_ok()
    }

    /// Its address: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The file with its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The store of its state, if it has one.
    pub fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// The id of its process, which is also the id of its process group.
    pub fn pid(&self) -> u32 {
        self.group.pid()
    }

    /// Returns the variables with which Terraform and other clients of AWS call it as an account.
    pub fn environment(&self, account: &Account) -> Variables {
        account.variables(&self.endpoint())
    }

    /// Returns a bucket of an account.
    pub fn bucket(&self, account: &Account, name: &str) -> Bucket {
        Bucket::at(&self.endpoint(), account, name)
    }

    /// Creates a bucket, such as the one for Terraform's state, if it does not exist.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn make_bucket(&self, account: &Account, name: &str) -> Result<(), CallError> {
        self.bucket(account, name).make()
    }

    /// Creates managed policies, such as permissions boundaries. An existing one gets the new document.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn make_policies(
        &self,
        account: &Account,
        policies: &[ManagedPolicy],
    ) -> Result<(), CallError> {
        policies.iter().try_for_each(|it| it.make(&self.endpoint(), account))
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
        // Stop the process first, because it would continue to write to the folder.
        let _ = self.group.stop();
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

/// The variables that Python needs.
const KEPT: [&str; 5] = ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

#[expect(
    clippy::disallowed_methods,
    reason = "a variable of Python is not a setting of a function"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
