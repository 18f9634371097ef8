//! The command line: what can be asked, and how it is told.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::{config::Environment, cost::Orders};

/// Turns the typed topology of DOFS into Terraform JSON, state machines and build specs.
///
/// Without a command it writes `generated/` and `buildspec.yml`. Nothing is written while a rule is
/// broken.
#[derive(Debug, Parser)]
#[command(name = "infra-gen", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What else to do.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// What to write.
    #[command(flatten)]
    pub write: Write,
}

/// Writing, or looking whether something would be written.
#[derive(Debug, clap::Args)]
pub struct Write {
    /// Only this environment. Without it: all of them, and what they share.
    #[arg(long, value_enum)]
    pub env: Option<Environment>,

    /// Writes nothing; prints what differs and exits with 1 if anything does.
    #[arg(long)]
    pub check: bool,

    /// The folder in which `generated/` lies. Without it: the repository around the working
    /// directory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// How to tell what happened.
    #[arg(long, value_enum, default_value_t)]
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

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// A Terraform address (`module.sqs.aws_sqs_queue.order_queue`), or words to look for. Without
    /// any: every address there is.
    pub words: Vec<String>,

    /// As it is in this environment. Without it: in the one closest to customers that has it.
    #[arg(long, value_enum)]
    pub env: Option<Environment>,

    /// How to tell it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What to draw.
#[derive(Debug, clap::Args)]
pub struct Draw {
    /// The environment.
    #[arg(long, value_enum, default_value_t = Environment::Prod)]
    pub env: Environment,

    /// In what form.
    #[arg(long, value_enum, default_value_t)]
    pub format: Picture,
}

/// A form of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Picture {
    /// For Markdown: GitHub draws it.
    #[default]
    Mermaid,
    /// For Graphviz.
    Dot,
    /// A picture that stands alone.
    Svg,
    /// A page without a network: zoom, search, and each box explained.
    Html,
}

/// What changes between two generated trees.
#[derive(Debug, clap::Args)]
pub struct ReviewArgs {
    /// From where: a git revision, or a folder where --head is one.
    #[arg(long, value_name = "REVISION|DIR")]
    pub base: String,

    /// To where: a folder. Without it: the repository around the working directory, as it lies there.
    #[arg(long, value_name = "DIR")]
    pub head: Option<PathBuf>,

    /// How to tell it.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReviewFormat,

    /// At how many orders a month the costs are compared, such as 1e6.
    #[arg(long, value_name = "NUMBER", default_value_t = Orders::DEFAULT)]
    pub orders: Orders,

    /// From which severity on the exit code is not 0: 3 for a notice, 4 for a warning, 5 for a
    /// danger, whichever is the worst.
    #[arg(long, value_enum, default_value_t)]
    pub fail_on: FailOn,
}

/// How to tell a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReviewFormat {
    /// For people at a terminal, in colours where there is one.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For a comment at a pull request.
    Markdown,
}

/// What a gate lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FailOn {
    /// Fails on dangers alone.
    #[default]
    Danger,
    /// Fails on warnings, too.
    Warning,
    /// Fails on whatever is found.
    Notice,
    /// Fails on nothing.
    Never,
}

/// Another thing to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Says which line of Rust made an address and why, what it is wired to, who may do what to it,
    /// which alarms watch it, and in what environments differ.
    Explain(Explain),

    /// Draws the topology, to stdout.
    Graph(Draw),

    /// What an environment costs in a month, from its topology.
    Cost {
        /// The environment.
        #[arg(long, value_enum)]
        env: Environment,
        /// How many orders come in a month, such as 1e6.
        #[arg(long, value_name = "NUMBER", default_value_t = Orders::DEFAULT)]
        orders: Orders,
        /// How to tell it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Tells what a change of the generated files means: what is replaced, what may be lost, who may
    /// do more than before.
    Review(ReviewArgs),
    /// Vendors the AWS provider's schemas, cut to the blocks in use: those of releases that are run, by Terraform.
    Schema(Schema),
}

/// Which schema is vendored, and from where.
#[derive(Debug, clap::Args)]
pub struct Schema {
    /// A release of the provider, and no other.
    #[arg(long, value_name = "VERSION")]
    pub release: Option<String>,
    /// A file with what `terraform providers schema -json` prints with that release, or what
    /// `infra-gen/schemas/bindings.py` does. Without it: Terraform is asked.
    #[arg(long, value_name = "FILE", requires = "release")]
    pub from: Option<PathBuf>,
    /// The folder in which `infra-gen/schemas` lies. Without it: the repository around the working
    /// directory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
