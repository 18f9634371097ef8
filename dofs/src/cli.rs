//! The command line: commands, and the options that they share.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::target::Target;

/// Run DOFS on this machine, and operate it on AWS.
///
/// Commands use the local system that `dofs local up` has started for the environment. With `--aws` they use
/// AWS, with the credentials of the standard environment variables and profiles.
#[derive(Debug, Parser)]
#[command(name = "dofs", version)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// Use this binary of Terraform or OpenTofu [env: DOFS_TERRAFORM]
    // Not clap's `env`: see `terraform_cli::choose`.
    #[arg(long, global = true, value_name = "BIN")]
    pub terraform: Option<PathBuf>,
}

/// The options of a command that uses a system.
#[derive(Debug, Args)]
pub struct On<T: Args, S: Args = Target> {
    /// The command's own options.
    #[command(flatten)]
    pub options: T,
    /// The options that choose the system.
    #[command(flatten)]
    pub target: S,
}

/// The options that choose the system, for a command that does not call its API. The help hides the options of the API.
#[derive(Debug, Args)]
#[command(mut_arg("api_url", |it| it.hide(true)), mut_arg("api_key", |it| it.hide(true)))]
pub struct WithoutApi {
    /// The options that choose the system.
    #[command(flatten)]
    pub target: Target,
}

/// The options that choose the system, for a command that only works on this machine. The help hides the options of the API
/// and of AWS.
#[derive(Debug, Args)]
#[command(
    mut_arg("api_url", |it| it.hide(true)),
    mut_arg("api_key", |it| it.hide(true)),
    mut_arg("aws", |it| it.hide(true)),
    mut_arg("endpoint_url", |it| it.hide(true))
)]
pub struct Here {
    /// The options that choose the system.
    #[command(flatten)]
    pub target: Target,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run all of DOFS on this machine: real Terraform, real functions, an emulated AWS.
    Local {
        /// The command.
        #[command(subcommand)]
        command: crate::local::Command,
        /// The options that choose the system.
        #[command(flatten)]
        on: Here,
    },
    /// Place an order, and follow it until it is decided.
    #[command(
        after_help = "Exit code: 0 if the order is FULFILLED (with --no-follow: accepted), otherwise 1.

Examples:
  dofs order
  dofs order --quantity 3 --price 9.99 --metadata channel=web
  dofs order --file order.json --no-follow
  dofs order --count 100 --rate 10 --aws --env staging"
    )]
    Order(On<crate::order::Options>),
    /// Print everything that is known about one order.
    #[command(after_help = "Exit code: 1 if nothing is known about the order.")]
    Status(On<crate::status::Options, WithoutApi>),
    /// List the stored orders, the last changed first.
    #[command(after_help = "Example:
  dofs orders --status failed --limit 50")]
    Orders(On<crate::orders::Options, WithoutApi>),
    /// Place many random orders on a schedule, and report their results.
    #[command(
        after_help = "Exit code: 0 if the API accepted every order, and each was decided as expected; otherwise 1.

Example:
  dofs load --count 300 --rate 50 --html report.html

In the report:
  still processing  not decided when the timeout ended; the system continues with it
  lost              accepted, but it has neither a record nor a running execution
  unknown           perhaps lost: the table or the execution could not be read
  misjudged         REJECTED although valid, or not REJECTED although invalid
  not taken         the API accepted none of the attempts to place it"
    )]
    Load(On<crate::load::Options>),
    /// Move dead letters back to the order queue, for another round.
    #[command(after_help = "Examples:
  dofs redrive --dry-run
  dofs redrive --reason FulfillmentFailed")]
    Redrive(On<crate::redrive::Options, WithoutApi>),
    /// Redrive the failed executions of orders that have no record.
    #[command(after_help = "Exit code: 1 if one of the executions cannot be redriven.

Examples:
  dofs resume --dry-run
  dofs resume --order 0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3")]
    Resume(On<crate::resume::Options, WithoutApi>),
    /// Create the bucket for Terraform's state and the roles that deploy, once for each account.
    Bootstrap(On<crate::bootstrap::Options, WithoutApi>),
    /// Pack the functions, show Terraform's plan, ask, and apply exactly that plan.
    Deploy(On<crate::deploy::Options, WithoutApi>),
    /// Compare the deployed resources with the generated files, and list the differences.
    #[command(after_help = "Exit code: 1 if there is a difference.")]
    Verify(WithoutApi),
    /// Check this machine and the AWS account, and print what to do about each problem.
    #[command(after_help = "Exit code: 1 if there is a problem.")]
    Doctor(On<crate::doctor::Options, WithoutApi>),
    /// Serve a web page: the orders, their failures, and a form that places an order.
    Page(On<crate::page::Options>),
    /// Print the completions for a shell.
    #[command(after_help = "Example:
  dofs completions bash > ~/.local/share/bash-completion/completions/dofs")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page.
    Man,
}
