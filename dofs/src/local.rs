//! `dofs local`: runs all of DOFS on this machine from the unchanged generated files, with the real Terraform and its provider,
//! the functions as processes, and an emulated AWS.

pub(crate) mod applied;
mod build;
mod denied;
mod deployed;
pub mod functions;
mod kept;
mod start;
pub mod state;
mod steps;
pub mod terraform;
pub mod up;
mod watch;

use std::process::ExitCode;

use anyhow::ensure;
use clap::Subcommand;

use crate::target::Target;

/// The commands of `dofs local`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the local system, and run it until Ctrl-C or `dofs local down`.
    Up(up::Options),
    /// Stop the local system. The next `dofs local up` continues with its orders, messages and tables.
    Down,
    /// Print whether the local system runs, and its addresses.
    Status,
    /// Print the URL of the API and nothing else, for `URL="$(dofs local url)"`.
    Url,
}

/// Runs the command.
///
/// # Errors
///
/// If the command fails. The error says what to do about it.
pub async fn run(command: Command, target: &Target) -> anyhow::Result<ExitCode> {
    ensure!(!target.aws, "`dofs local` works only on this machine\n  fix: omit --aws");
    match command {
        Command::Up(options) => up::run(&options, target).await,
        Command::Down => state::down(target).await,
        Command::Status => state::status(target),
        Command::Url => state::url(target),
    }
}
