//! Reads the processes of this machine, and facts about the machine itself, on every Unix.
//!
//! Only this crate of the workspace knows where an operating system keeps these facts. A test in `xtask` finds every other place
//! that reads `/proc`.

pub mod cargo;
mod figures;
mod machine;

use std::{
    ffi::{OsStr, OsString},
    io,
    path::PathBuf,
};

use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

pub use figures::{Taken, peak, taken};
pub use machine::{Machine, machine};

/// A snapshot of a process.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// The id of its parent, if that is known.
    pub parent: Option<u32>,
    /// Its start time in seconds. The clock is arbitrary: use it only to tell a process from a later one with the same id.
    pub began: u64,
    /// Whether it is a zombie: it has ended, but its parent has not read its exit status.
    pub has_ended: bool,
    /// The program and its arguments; empty if this user may not read them.
    pub command: Vec<OsString>,
    /// Its environment variables as `NAME=value`; empty if this user may not read them.
    pub environment: Vec<OsString>,
    /// Its working directory, if this user may read it.
    pub folder: Option<PathBuf>,
}

impl Process {
    /// The program and its arguments on one line.
    pub fn command_line(&self) -> String {
        let words: Vec<_> = self.command.iter().map(|it| it.to_string_lossy()).collect();
        words.join(" ")
    }

    /// Whether it was started with this variable.
    pub fn has_variable(&self, name: &str, value: &OsStr) -> bool {
        let mut variable = OsString::from(name);
        variable.push("=");
        variable.push(value);
        self.environment.contains(&variable)
    }
}

/// Returns all processes.
///
/// # Errors
///
/// If the operating system does not report them.
pub fn all() -> io::Result<Vec<Process>> {
    look(ProcessesToUpdate::All)
}

/// Returns the process with this id, if there is one.
///
/// # Errors
///
/// If the operating system does not report them.
pub fn find(id: u32) -> io::Result<Option<Process>> {
    let found = look(ProcessesToUpdate::Some(&[Pid::from_u32(id)]))?;
    Ok(found.into_iter().find(|it| it.id == id))
}

fn look(which: ProcessesToUpdate<'_>) -> io::Result<Vec<Process>> {
    let mut system = System::new().map_err(io::Error::other)?;
    // `sysinfo` adds the boot time to the start time, so subtract it again.
    let boot = match cfg!(target_os = "linux") {
        true => System::boot_time().map_err(io::Error::other)?,
        false => 0,
    };
    let kind = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_cmd(UpdateKind::Always)
        .with_environ(UpdateKind::Always)
        .with_cwd(UpdateKind::Always);
    system.refresh_processes_specifics(which, true, kind);
    let process = |it: &sysinfo::Process| Process {
        id: it.pid().as_u32(),
        parent: it.parent().map(Pid::as_u32),
        // Linux records the start time since boot. Do not use the time of day here, which changes when the clock is set. Other
        // systems record only the time of day.
        began: it.start_time().saturating_sub(boot),
        has_ended: matches!(it.status(), ProcessStatus::Zombie | ProcessStatus::Dead),
        command: it.cmd().to_vec(),
        environment: it.environ().to_vec(),
        folder: it.cwd().map(ToOwned::to_owned),
    };
    Ok(system.processes().values().map(process).collect())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn this_process_is_known() {
        let own = find(std::process::id()).unwrap().unwrap();
        assert!(!own.has_ended && own.parent.is_some(), "{own:?}");
        assert_eq!(own.folder, std::env::current_dir().ok());
        assert_eq!(own.command.first(), std::env::args_os().next().as_ref());
        assert!(all().unwrap().iter().any(|it| it.id == own.id && it.began == own.began));
    }

    /// Linux reports the figures of the whole process for each thread, so threads are left out: they would count twice.
    #[test]
    fn a_thread_does_not_count_as_a_process() {
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || wait.recv());
        let own = std::process::id();
        let found = all().unwrap();
        drop(done);
        // `recv` returns an error, because the only sender is gone.
        thread.join().unwrap().unwrap_err();
        let command = &found.iter().find(|it| it.id == own).unwrap().command;
        // Another test in this process has children with other commands.
        let below = found.iter().filter(|it| it.parent == Some(own) && it.command == *command);
        assert_eq!(below.count(), 0);
    }

    #[test]
    fn a_process_ends_before_its_parent_has_asked_how() {
        let mut child = Command::new("sleep")
            .arg("60")
            .env("PROCESSES_TEST", "a b")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let found = find(child.id()).unwrap().unwrap();
        assert_eq!(found.parent, Some(std::process::id()));
        // Until its `exec`, the child still runs this program.
        while find(child.id()).unwrap().unwrap().command_line() != "sleep 60" {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let found = find(child.id()).unwrap().unwrap();
        assert!(found.has_variable("PROCESSES_TEST", OsStr::new("a b")), "{found:?}");
        assert!(!found.has_variable("PROCESSES_TEST", OsStr::new("a")));
        child.kill().unwrap();
        while find(child.id()).unwrap().is_some_and(|it| !it.has_ended) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(find(child.id()).unwrap().unwrap().has_ended);
        child.wait().unwrap();
        assert!(find(child.id()).unwrap().is_none());
    }
}
