//! The errors of the start of an emulator.

use std::{io, path::PathBuf, process::ExitStatus};

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The account id is not valid.
    #[error("{0:?} is not the id of an AWS account\n  fix: use an id of twelve digits")]
    Account(String),
    /// The port is in use, or the operating system refuses it.
    #[error(
        "cannot listen on port {port} ({why})\n  fix: choose another port, or 0 for a free one"
    )]
    Port {
        /// The requested port.
        port: u16,
        /// The error of the operating system.
        why: io::Error,
    },
    /// The emulator ended before it was ready.
    #[error("the emulator ended ({status}) before it was ready; the end of its log {log}:\n{tail}")]
    Ended {
        /// Its exit status.
        status: ExitStatus,
        /// The file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The saved state of the last run cannot be read.
    #[error("{why}\n  its log: {log}")]
    Kept {
        /// The error of the emulator.
        why: String,
        /// The file.
        log: PathBuf,
    },
    /// The emulator did not become ready in time.
    #[error(
        "the emulator was not ready after {seconds} seconds; the end of its log {log}:\n{tail}\n  \
         fix: try again when this machine is less busy"
    )]
    NotReady {
        /// The time limit.
        seconds: u64,
        /// The file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// Another error of the operating system.
    #[error(transparent)]
    Io(#[from] io::Error),
}
