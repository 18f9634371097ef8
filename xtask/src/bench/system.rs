//! Runs a local system with `dofs local up`.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use contracts::api::PlaceOrder;
use function_contract::api::Route as _;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use super::measure;

/// How and where `dofs` is started.
pub(super) struct Dofs {
    /// The program, and the arguments before its own.
    pub(super) start: Vec<OsString>,
    pub(super) folder: PathBuf,
    /// The environment variables. A variable without a value is removed.
    pub(super) variables: Vec<(&'static str, Option<OsString>)>,
}

impl Dofs {
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut start = self.start.iter();
        // `dofs` starts cargo itself. If that cargo had other variables than the one that starts `dofs`, each would
        // rebuild the packages that the other has built.
        let program = start.next().cloned().unwrap_or_default();
        let mut command = processes::cargo::as_from_a_shell(program);
        command.current_dir(&self.folder).args(start);
        command.args(arguments).args(["--env", "dev", "--format", "json"]);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Starts the system, and waits until it accepts orders.
    pub(super) fn up(&self, more: &[&str]) -> anyhow::Result<System> {
        let mut told = tempfile::tempfile()?;
        let mut command = self.command(&[&["local", "up"], more].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(told.try_clone()?);
        let process = command.spawn().context("dofs cannot be started")?;
        // From here on it ends with this value.
        let mut system = System { process, running: Running::default() };
        let said = system.process.stdout.take().context("dofs has no output")?;
        // It prints its address when it is up, and continues to run.
        let mut said = serde_json::Deserializer::from_reader(said).into_iter::<Running>();
        let why = match said.next() {
            Some(Ok(running)) if running.environment == "dev" => {
                system.running = running;
                return Ok(system);
            }
            Some(Ok(Running { environment, .. })) => format!("it started {environment:?}"),
            Some(Err(err)) => format!("its output is not a system: {err}"),
            None => "it printed nothing".to_owned(),
        };
        bail!("`dofs local up` started no system: {why}\n{}", measure::text(&mut told)?.trim_end());
    }
}

/// A local system. It ends with this value.
pub(super) struct System {
    process: Child,
    pub(super) running: Running,
}

/// The output of `dofs local up`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Running {
    environment: String,
    pub(super) endpoint: String,
    pub(super) api_url: String,
    pub(super) account: String,
    pub(super) region: String,
}

/// How long an order may take to be accepted.
const PATIENCE: Duration = Duration::from_secs(30);

impl System {
    /// Returns the process of `dofs local up`.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Places orders until one is answered 202.
    pub(super) fn takes_an_order(&self) -> anyhow::Result<()> {
        const ORDER: &str =
            r#"{"customerId":"CUST-1234","productId":"PROD-5678","quantity":2,"price":29.99}"#;
        let (url, begin) =
            (format!("{}{}", self.running.api_url, PlaceOrder {}.path()), Instant::now());
        loop {
            let answer = ureq::post(&url).header("Content-Type", "application/json").send(ORDER);
            let said = match answer {
                Ok(answer) if answer.status() == 202 => return Ok(()),
                Ok(answer) => answer.status().to_string(),
                Err(err) => err.to_string(),
            };
            ensure!(begin.elapsed() < PATIENCE, "no order was taken at {url}: {said}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends SIGTERM to the process, and waits for its end.
    pub(super) fn down(mut self) -> anyhow::Result<()> {
        self.ask()?;
        self.process.wait()?;
        Ok(())
    }

    fn ask(&self) -> anyhow::Result<()> {
        if let Some(pid) = Pid::from_raw(i32::try_from(self.process.id())?) {
            kill_process(pid, Signal::TERM)?;
        }
        Ok(())
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // The processes that it has started end with it, in each case.
        if let Ok(None) = self.process.try_wait() {
            let _ = self.ask();
            let _ = self.process.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cargo itself has started this test, so its variables are there.
    #[test]
    fn the_system_does_not_inherit_the_variables_of_cargo() {
        let dofs = Dofs {
            start: vec!["cargo".into(), "run".into()],
            folder: PathBuf::new(),
            variables: vec![("CARGO_TARGET_DIR", Some("target".into()))],
        };
        let command = dofs.command(&["local", "up"]);
        let variable = |name: &str| command.get_envs().find(|(it, _)| *it == name).map(|it| it.1);
        assert_eq!(variable("CARGO_PKG_NAME"), Some(None));
        assert_eq!(variable("CARGO_MANIFEST_DIR"), Some(None));
        assert_eq!(variable("CARGO_TARGET_DIR"), Some(Some("target".as_ref())));
    }
}
