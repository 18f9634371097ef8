//! Why there is no emulator.

use std::{io, path::PathBuf, process::ExitStatus};

/// Why there is no emulator.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The account is none.
    #[error("{0:?} is no account of AWS\n  fix: an account id has twelve digits, and nothing else")]
    Account(String),
    /// The port cannot be had.
    #[error("the port {port} cannot be had ({why})\n  fix: name another port, or 0 for a free one")]
    Port {
        /// The one that was asked for.
        port: u16,
        /// What the operating system says.
        why: io::Error,
    },
    /// It ended by itself.
    #[error("the emulator ended ({status}) before it was ready; its log {log} ends so:\n{tail}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// The file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// What it kept from the last run cannot be read.
    #[error("{why}\n  its log: {log}")]
    Kept {
        /// What the emulator says.
        why: String,
        /// The file.
        log: PathBuf,
    },
    /// It takes too long.
    #[error(
        "the emulator was not ready after {seconds} seconds; its log {log} ends so:\n{tail}\n  \
         fix: see whether this machine is busy, and try again"
    )]
    NotReady {
        /// How long it had.
        seconds: u64,
        /// The file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The operating system said no.
    #[error(transparent)]
    Io(#[from] io::Error),
}
