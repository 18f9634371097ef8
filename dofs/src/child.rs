//! A run of Terraform, watched.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use infra_gen::terraform::Terraform;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process,
};

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
