//! What Terraform knows about a system.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use infra_gen::{config::Environment, model::backend::PROVIDER_VERSION, terraform::Terraform};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process,
};

use super::state::{folder, repository};

/// A run of Terraform. Where it is dropped before its end, Terraform is asked to end, and waited for:
/// it has programs of its own running.
#[derive(Debug)]
pub(crate) struct Child {
    child: process::Child,
    what: String,
}

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

impl Child {
    /// Starts it.
    pub(crate) fn start(
        terraform: &Terraform,
        root: &Path,
        data: &Path,
        args: &[&str],
    ) -> anyhow::Result<Self> {
        let mut command = process::Command::from(terraform.command(root, data, args)?);
        // Ctrl-C is for us: we pass it on.
        command.process_group(0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().context("terraform cannot be started")?;
        Ok(Child { child, what: args.join(" ") })
    }

    /// Waits for its end, and hands over each line that it prints. Returns all of them.
    pub(crate) async fn finish(mut self, mut each: impl FnMut(&str)) -> anyhow::Result<String> {
        let stdout = self.child.stdout.take().context("terraform has no output")?;
        let mut stderr = self.child.stderr.take().context("terraform has no errors")?;
        let mut lines = BufReader::new(stdout).lines();
        let read = async {
            let mut said = String::new();
            while let Some(line) = lines.next_line().await? {
                each(&line);
                said.push_str(&line);
                said.push('\n');
            }
            std::io::Result::Ok(said)
        };
        let mut problems = String::new();
        let (said, _) = tokio::try_join!(read, stderr.read_to_string(&mut problems))?;
        let status = self.child.wait().await?;
        if !status.success() {
            bail!("`terraform {}` failed ({status})\n{}", self.what, problems.trim());
        }
        Ok(said)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let process = self.child.id().and_then(|it| Pid::from_raw(i32::try_from(it).ok()?));
        let Some(process) = process else { return };
        let _ = kill_process(process, Signal::INT);
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > PATIENCE {
                let _ = self.child.start_kill();
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The API's address, as Terraform's state has it. The root must have been initialised.
///
/// # Errors
///
/// Where Terraform is not there, or has no state of it.
pub fn api_url(environment: Environment) -> anyhow::Result<String> {
    let work = folder(environment).join("aws");
    let terraform = Terraform::find(PROVIDER_VERSION, &work)?;
    let root = repository().join("generated").join(environment.as_str());
    let said = terraform.run(&root, &root.join(".terraform"), &["output", "-json"])?;
    output(&said, "api_url")
}

/// An output of a root.
pub(crate) fn output(said: &str, name: &str) -> anyhow::Result<String> {
    let outputs: Value = serde_json::from_str(said).context("Terraform's output is no JSON")?;
    match outputs[name]["value"].as_str() {
        Some(value) => Ok(value.to_owned()),
        None => bail!("Terraform knows no output {name}\n  fix: apply the root first"),
    }
}

/// Where an emulator answers for an API that Terraform believes to be on AWS:
/// `https://<id>.execute-api.<region>.amazonaws.com/<stage>`.
pub(crate) fn on_emulator(endpoint: &str, api_url: &str) -> Option<String> {
    let (host, stage) = api_url.strip_prefix("https://")?.split_once('/')?;
    let (id, _) = host.split_once('.')?;
    Some(format!("{endpoint}/restapis/{id}/{}/_user_request_", stage.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_the_emulator() {
        fn check(api_url: &str, expected: Option<&str>) {
            assert_eq!(on_emulator("http://127.0.0.1:1", api_url).as_deref(), expected);
        }
        check(
            "https://abc.execute-api.ap-south-1.amazonaws.com/dev",
            Some("http://127.0.0.1:1/restapis/abc/dev/_user_request_"),
        );
        check("https://abc", None);
        check("nonsense", None);
    }
}
