//! All of DOFS on this machine, from the committed files, unchanged: the real Terraform and its
//! provider, the functions as processes, an emulated AWS.

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

/// What can be done with a system on this machine.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Brings it up, and keeps it up until Ctrl-C or `dofs local down`.
    Up(up::Options),
    /// Ends it. Its orders, messages and tables are kept for the next `dofs local up`.
    Down,
    /// Says whether it runs, and where.
    Status,
    /// Prints the URL of its API and nothing else, for `URL="$(dofs local url)"`.
    Url,
}

/// Does it.
///
/// # Errors
///
/// What went wrong, and what to do about it; also where AWS was chosen.
pub async fn run(command: Command, target: &Target) -> anyhow::Result<ExitCode> {
    ensure!(!target.aws, "`dofs local` is about this machine\n  fix: leave --aws out");
    match command {
        Command::Up(options) => up::run(&options, target).await,
        Command::Down => state::down(target).await,
        Command::Status => state::status(target),
        Command::Url => state::url(target),
    }
}
