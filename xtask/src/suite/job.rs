//! Child processes of the suite: each has its own process group and output files, and is ended together with all its
//! descendants.

use std::{
    collections::BTreeSet,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use fs_err as fs;
use rustix::process::{Pid, Signal, kill_process};

/// A running child, whose output goes to two files.
#[derive(Debug)]
pub(crate) struct Job {
    child: Child,
    began: Instant,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// The result of a child.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) took: Duration,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Exited(ExitStatus),
    /// The suite ended it, because it ran too long.
    TooLong,
}

/// Makes a command start in a process group of its own, without input. So Ctrl-C goes only to the suite, which ends its
/// children.
pub(crate) fn apart(command: &mut Command) {
    command.process_group(0).stdin(Stdio::null());
}

/// The nice value of jobs in the background, with which a process gets a third of the normal share of a core.
const BEHIND: i32 = 5;

/// Lowers the priority of a child and its descendants. If the system refuses, other jobs are only slower.
pub(crate) fn behind(child: &Child) {
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let own = rustix::process::getpriority_process(None).unwrap_or_default();
    let _ = rustix::process::setpriority_process(process, own + BEHIND);
}

impl Ended {
    /// A child without output files.
    pub(crate) fn of(end: End, took: Duration) -> Self {
        Ended { end, took, stdout: String::new(), stderr: String::new() }
    }
}

impl Job {
    /// Starts a command. Its output goes to files of this name in a folder. With `can_wait`, other jobs have priority.
    pub(crate) fn start(
        mut command: Command,
        folder: &Path,
        name: &str,
        can_wait: bool,
    ) -> anyhow::Result<Self> {
        let file =
            |what: &str| folder.join(name.replace(['/', ':', ' '], "-")).with_extension(what);
        let (stdout, stderr) = (file("stdout"), file("stderr"));
        command.stdout(fs::File::create(&stdout)?.into_file());
        command.stderr(fs::File::create(&stderr)?.into_file());
        apart(&mut command);
        let child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        if can_wait {
            behind(&child);
        }
        Ok(Job { child, began: Instant::now(), stdout, stderr })
    }

    /// The result, if the child has ended. Ends it if it runs longer than the limit.
    pub(crate) fn ended(&mut self, limit: Duration) -> anyhow::Result<Option<Ended>> {
        let end = match self.child.try_wait()? {
            Some(status) => End::Exited(status),
            None if self.began.elapsed() > limit => {
                end(&mut self.child)?;
                End::TooLong
            }
            None => return Ok(None),
        };
        let text = |file| anyhow::Ok(String::from_utf8_lossy(&fs::read(file)?).into_owned());
        let (stdout, stderr) = (text(&self.stdout)?, text(&self.stderr)?);
        Ok(Some(Ended { end, took: self.began.elapsed(), stdout, stderr }))
    }

    /// Ends the child.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        end(&mut self.child)
    }
}

/// Ends a child with all its descendants, and returns when they have ended. All of them are stopped before one is
/// killed. Otherwise one could start another process meanwhile, or lose the parent by which it is found. If the
/// processes cannot be listed, at least the child is ended.
pub(crate) fn end(child: &mut Child) -> anyhow::Result<()> {
    // The id may belong to another process by now.
    if child.try_wait()?.is_some() {
        return Ok(());
    }
    let mut stopped = BTreeSet::from([child.id()]);
    signal(child.id(), Signal::STOP);
    let outcome = stop_family(child.id(), &mut stopped);
    stopped.iter().for_each(|it| signal(*it, Signal::KILL));
    child.wait().context("a child cannot be waited for")?;
    outcome?;
    until_ended(&stopped)
}

/// How long a killed process may take to end: a process that writes to a slow disk ends after the write.
const DYING: Duration = Duration::from_secs(10);

/// Waits for the end of killed processes. Only a child can be waited for, so the others are polled.
fn until_ended(killed: &BTreeSet<u32>) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let all = processes::all().context("the running processes cannot be listed")?;
        let mut left = all.iter().filter(|it| !it.has_ended && killed.contains(&it.id));
        let Some(one) = left.next() else { return Ok(()) };
        if began.elapsed() > DYING {
            bail!("process {} was killed and has not ended: {}", one.id, one.command_line());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn stop_family(root: u32, stopped: &mut BTreeSet<u32>) -> anyhow::Result<()> {
    loop {
        let new = family(root)?.into_iter().filter(|it| !stopped.contains(it));
        let new: Vec<u32> = new.collect();
        if new.is_empty() {
            return Ok(());
        }
        new.iter().for_each(|it| signal(*it, Signal::STOP));
        stopped.extend(new);
    }
}

/// A process and all its descendants.
fn family(root: u32) -> anyhow::Result<BTreeSet<u32>> {
    let all = processes::all().context("the running processes cannot be listed")?;
    let mut family = BTreeSet::from([root]);
    loop {
        let is_new = |it: &&processes::Process| {
            !family.contains(&it.id) && it.parent.is_some_and(|parent| family.contains(&parent))
        };
        let new: Vec<u32> = all.iter().filter(is_new).map(|it| it.id).collect();
        if new.is_empty() {
            return Ok(family);
        }
        family.extend(new);
    }
}

/// Sends a signal. A process that has already ended is not an error.
fn signal(process: u32, signal: Signal) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _ = kill_process(process, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, marker: &Path) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("SUITE_JOB", marker);
        command
    }

    #[track_caller]
    fn until_it_ended(job: &mut Job, limit: Duration) -> Ended {
        loop {
            if let Some(ended) = job.ended(limit).unwrap() {
                return ended;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn output_is_kept_together() {
        let folder = tempfile::tempdir().unwrap();
        let script = shell("echo out; echo err >&2; echo more; exit 3", folder.path());
        let mut job = Job::start(script, folder.path(), "a::bin/b c", true).unwrap();
        let ended = until_it_ended(&mut job, Duration::from_secs(60));
        assert!(matches!(ended.end, End::Exited(it) if it.code() == Some(3)), "{ended:?}");
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out\nmore\n", "err\n"));
    }

    /// A descendant is ended at any depth, and in a process group of its own.
    #[test]
    fn a_job_ends_with_all_its_descendants() {
        let folder = tempfile::tempdir().unwrap();
        let marker = folder.path();
        let running = || {
            let all = processes::all().unwrap().into_iter();
            all.filter(|it| !it.has_ended && it.has_variable("SUITE_JOB", marker.as_os_str()))
                .map(|it| it.command_line())
                .filter(|it| it.starts_with("sleep"))
                .count()
        };
        let script = "sleep 61 & sh -c 'sleep 62 & set -m; sleep 63 & wait' & wait";
        let mut jobs: Vec<Job> = ["one", "other"]
            .map(|it| Job::start(shell(script, marker), marker, it, false).unwrap())
            .into();
        while running() < 6 {
            std::thread::sleep(Duration::from_millis(10));
        }
        // Both ends: after the limit, and by an interruption of the suite.
        let ended = jobs[0].ended(Duration::ZERO).unwrap().unwrap();
        assert_eq!(ended.end, End::TooLong);
        assert_eq!(running(), 3);
        jobs.remove(1).end().unwrap();
        assert_eq!(running(), 0);
    }
}
