//! A process that ends together with all of its children.

use std::{
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// A process group. Dropping it ends the group.
#[derive(Debug)]
pub(crate) struct Group {
    /// The first process. Its stdin is open as long as this value lives: see `watch.py`.
    leader: Child,
    /// The exit status, once it was stopped. After that, another process may have its id.
    stopped: Option<ExitStatus>,
}

impl Group {
    /// Starts a command as the first process of a new group.
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        let leader = command.stdin(Stdio::piped()).process_group(0).spawn()?;
        Ok(Group { leader, stopped: None })
    }

    /// Writes a command to its stdin: see `watch.py`.
    pub(crate) fn say(&mut self, what: u8) -> io::Result<()> {
        let input = self.leader.stdin.as_mut();
        input.ok_or(io::ErrorKind::BrokenPipe)?.write_all(&[what])
    }

    /// The id of the process, which is also the id of the group.
    pub(crate) fn pid(&self) -> u32 {
        self.leader.id()
    }

    /// Returns how the first process ended, if it did. Then it stops the rest of the group.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        // Do not reap the process yet, so that no other process gets its id.
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if self.stopped.is_none() && waitid(WaitId::Pid(self.number()?), look)?.is_none() {
            return Ok(None);
        }
        self.stop().map(Some)
    }

    /// Kills the group. None of its processes has anything to save.
    pub(crate) fn stop(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.stopped {
            return Ok(status);
        }
        // Some systems return an error if the whole group has ended already.
        match kill_process_group(self.number()?, Signal::KILL) {
            Err(err) if self.leader.try_wait()?.is_none() => return Err(err.into()),
            _ => (),
        }
        let status = self.leader.wait()?;
        self.stopped = Some(status);
        Ok(status)
    }

    fn number(&self) -> io::Result<Pid> {
        let number = i32::try_from(self.leader.id()).ok().and_then(Pid::from_raw);
        number.ok_or_else(|| io::Error::other("the number of a process is out of range"))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
