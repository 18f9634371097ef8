//! A process of Terraform.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use terraform_cli::{Terraform, fix};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process,
};

use crate::{interrupt::asked_to_end, tell::warn};

/// A process of Terraform. If it is dropped before its end, Terraform gets SIGINT, and after [`PATIENCE`] SIGKILL, so its work
/// may be lost. If that must not happen, use [`Child::see_through`].
#[derive(Debug)]
pub(crate) struct Child {
    child: process::Child,
    what: String,
    /// The exit codes of success.
    good: &'static [i32],
}

/// The result of a successful run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code.
    pub(crate) code: i32,
    /// Its output.
    pub(crate) said: String,
}

/// The exit code of a plan with changes, with `-detailed-exitcode`.
/// <https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode>
pub(crate) const DIFFERS: i32 = 2;

/// How long Terraform may take to end after SIGINT. It completes the operations that it has begun, and the provider waits 25 s
/// for a queue.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

impl Child {
    /// Starts Terraform. It does not read `stdin`, but keeps it open.
    pub(crate) fn start(
        terraform: &Terraform,
        root: &Path,
        data: &Path,
        args: &[&str],
        stdin: Stdio,
    ) -> anyhow::Result<Self> {
        let mut command = process::Command::from(terraform.command(root, data, args)?);
        // A process group of its own keeps the terminal's Ctrl-C from Terraform, because `see_through` passes it on.
        command.process_group(0).stdin(stdin);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().context("terraform cannot be started")?;
        let good: &[i32] = if args.contains(&"-detailed-exitcode") { &[0, DIFFERS] } else { &[0] };
        Ok(Child { child, what: args.join(" "), good })
    }

    /// Waits for its end, and passes each line of its output to `each`.
    pub(crate) async fn finish(mut self, mut each: impl FnMut(&str)) -> anyhow::Result<Ended> {
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
        match status.code().filter(|it| self.good.contains(it)) {
            Some(code) => Ok(Ended { code, said }),
            None => {
                let (what, problems) = (&self.what, problems.trim());
                bail!("`terraform {what}` failed ({status})\n{problems}{}", fix(problems))
            }
        }
    }
}

impl Child {
    /// As [`Child::finish`], but it passes Ctrl-C on to Terraform, which completes its operations, writes the state and releases
    /// its lock, however long that takes. At a second Ctrl-C, Terraform ends at once.
    pub(crate) async fn see_through(self, each: impl FnMut(&str)) -> anyhow::Result<Ended> {
        let process = self.process();
        let mut work = std::pin::pin!(self.finish(each));
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                () = asked_to_end() => {
                    warn("asked Terraform to stop; it completes the operations that it has begun");
                    if let Some(process) = process {
                        let _ = kill_process(process, Signal::INT);
                    }
                }
            }
        }
    }

    pub(crate) fn process(&self) -> Option<Pid> {
        self.child.id().and_then(|it| Pid::from_raw(i32::try_from(it).ok()?))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let Some(process) = self.process() else { return };
        let _ = kill_process(process, Signal::INT);
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > PATIENCE {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // Its providers are separate processes, and may still wait for operations.
        let _ = kill_process_group(process, Signal::KILL);
        let _ = self.child.try_wait();
    }
}
