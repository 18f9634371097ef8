//! A process that takes all its children with it when it goes.

use std::{
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// A process group. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its standard input stays open as long as this lives: see `watch.py`.
    leader: Child,
    /// Set when it was stopped, after which its number may be somebody else's.
    stopped: Option<ExitStatus>,
}

impl Group {
    /// Starts a command as the first of a group.
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        let leader = command.stdin(Stdio::piped()).process_group(0).spawn()?;
        Ok(Group { leader, stopped: None })
    }

    /// Tells its leader something: see `watch.py`.
    pub(crate) fn say(&mut self, what: u8) -> io::Result<()> {
        let input = self.leader.stdin.as_mut();
        input.ok_or(io::ErrorKind::BrokenPipe)?.write_all(&[what])
    }

    /// Its number, and that of the group.
    pub(crate) fn pid(&self) -> u32 {
        self.leader.id()
    }

    /// How its leader ended, if it did. Then the others are stopped.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        // A look, after which the number is still its own.
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if self.stopped.is_none() && waitid(WaitId::Pid(self.number()?), look)?.is_none() {
            return Ok(None);
        }
        self.stop().map(Some)
    }

    /// Ends it, now. Nothing in it has anything to save.
    pub(crate) fn stop(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.stopped {
            return Ok(status);
        }
        // Where all of it has ended by itself, some systems call that an error.
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
