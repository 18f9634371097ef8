//! The command line: what can be asked.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::target::Target;

/// Runs DOFS on this machine, and looks after it wherever it runs.
///
/// A command goes to the system that `dofs local up` has started for the environment; with `--aws` it goes
/// to AWS, by the standard variables and profiles.
#[derive(Debug, Parser)]
#[command(name = "dofs", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Run this Terraform or OpenTofu [env: DOFS_TERRAFORM]
    // Not clap's `env`: see `infra_gen::terraform::choose`.
    #[arg(long, global = true, value_name = "BIN")]
    pub terraform: Option<PathBuf>,
}

/// The options of a command that goes to a system.
#[derive(Debug, Args)]
pub struct On<T: Args, S: Args = Target> {
    /// What the command itself takes.
    #[command(flatten)]
    pub options: T,
    /// Which system.
    #[command(flatten)]
    pub target: S,
}

/// Which system, for a command that does not call its API: the help leaves out the options for that.
#[derive(Debug, Args)]
#[command(mut_arg("api_url", |it| it.hide(true)), mut_arg("api_key", |it| it.hide(true)))]
pub struct WithoutApi {
    /// Which system.
    #[command(flatten)]
    pub target: Target,
}

/// Which system, for a command that is about this machine: the help leaves out the options for AWS as well.
#[derive(Debug, Args)]
#[command(
    mut_arg("api_url", |it| it.hide(true)),
    mut_arg("api_key", |it| it.hide(true)),
    mut_arg("aws", |it| it.hide(true)),
    mut_arg("endpoint_url", |it| it.hide(true))
)]
pub struct Here {
    /// Which system.
    #[command(flatten)]
    pub target: Target,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// All of DOFS on this machine: real Terraform, real functions, an emulated AWS.
    Local {
        /// What to do with it.
        #[command(subcommand)]
        command: crate::local::Command,
        /// Which system.
        #[command(flatten)]
        on: Here,
    },
    /// Places an order, and follows it to its end. Exit code 0 where it is FULFILLED.
    Order(On<crate::order::Options>),
    /// Everything that is known about one order. Exit code 1 where nothing is.
    Status(On<crate::status::Options, WithoutApi>),
    /// The stored orders, the last changed first.
    Orders(On<crate::orders::Options, WithoutApi>),
    /// Places many random orders, and says what became of them. Exit code 1 where one is not as it should be.
    #[command(after_help = "In the report:
  still processing  no end yet when the time was over; it goes on by itself
  lost              taken, and neither a record nor a running execution is left
  unknown           perhaps lost: the table or the execution could not be read
  misjudged         wrongly REJECTED, or wrongly not
  not taken         refused, however often it was tried")]
    Load(On<crate::load::Options>),
    /// Puts dead letters back on the order queue.
    Redrive(On<crate::redrive::Options, WithoutApi>),
    /// Redrives the executions of orders that the order machine gave up on before they had a record. Exit code 1 where one of
    /// them cannot be redriven.
    Resume(On<crate::resume::Options, WithoutApi>),
    /// Makes the bucket for Terraform's state and the roles of whoever deploys, once for each account.
    Bootstrap(On<crate::bootstrap::Options, WithoutApi>),
    /// Packs the functions, plans, shows the plan, asks, and applies exactly that plan.
    Deploy(On<crate::deploy::Options, WithoutApi>),
    /// Holds what is deployed against the generated files, and lists every difference.
    Verify(WithoutApi),
    /// Says what this machine and the account lack, with what to do about each. Exit code 1 where anything is.
    Doctor(On<crate::doctor::Options, WithoutApi>),
    /// A page to look at: orders on their way, what failed and why, and a form that places one.
    Page(On<crate::page::Options>),
    /// Writes the completions of a shell to stdout.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes the man page to stdout.
    Man,
}
