//! The command line: what can be asked.

use clap::{Args, Parser, Subcommand, ValueEnum};
use infra_gen::config::Environment;

/// Runs DOFS on this machine, and looks after it wherever it runs.
///
/// A command goes to the system that `dofs local up` has started for the environment, if there is
/// one; else to AWS, by the standard variables and profiles.
#[derive(Debug, Parser)]
#[command(name = "dofs", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Which system.
    #[command(flatten)]
    pub target: Target,
}

/// Which system, and how it is told.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// The environment.
    #[arg(long, value_enum, global = true, default_value = "dev")]
    pub env: Environment,

    /// Another endpoint than AWS's own, for every service.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,

    /// Where the API is, if Terraform's state is not to be asked.
    #[arg(long, global = true, value_name = "URL")]
    pub api_url: Option<String>,

    /// How to tell it.
    #[arg(long, value_enum, global = true, default_value_t)]
    pub format: Format,
}

/// How to tell what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// All of DOFS on this machine: real Terraform, real functions, an emulated AWS.
    #[command(subcommand)]
    Local(crate::local::Command),
    /// Places an order, and follows it to its end. Exit code 0 where it is FULFILLED.
    Order(crate::order::Options),
    /// Everything that is known about one order. Exit code 1 where nothing is.
    Status(crate::status::Options),
    /// The orders of a status, the last changed first.
    Orders(crate::orders::Options),
    /// Places many random orders, and says what became of them. Exit code 1 where one is lost.
    Load(crate::load::Options),
    /// Puts dead letters back on the order queue.
    Redrive(crate::redrive::Options),
    /// Packs the functions, plans, shows the plan, asks, and applies exactly that plan.
    Deploy(crate::deploy::Options),
    /// Holds what is deployed against the generated files, and lists every difference.
    Verify,
    /// A page to look at: orders on their way, what failed and why, and a form that places one.
    Page(crate::page::Options),
    /// Writes the completions of a shell to stdout.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes the man page to stdout.
    Man,
}
