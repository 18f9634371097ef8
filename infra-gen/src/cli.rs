//! The command line of `infra-gen`: its commands, options and output formats.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use infra_review::cost::Orders;

use crate::config::Environment;

const EXAMPLES: &str = "Examples:
  infra-gen                                                      write all generated files
  infra-gen --check                                              print the diff if they are out of date
  infra-gen review --base origin/main                            report what a branch changes in AWS
  infra-gen explain module.sqs.aws_sqs_queue.order_queue         explain one resource
  infra-gen cost --env prod --orders 1e6                         estimate the monthly bill

Run it from the source with `cargo run -p infra-gen -- ARGUMENTS`.";

const EXPLAIN_EXAMPLES: &str = "Examples:
  infra-gen explain                                              list all addresses
  infra-gen explain dead letter                                  search addresses and their descriptions
  infra-gen explain module.sqs.aws_sqs_queue.order_queue --env dev";

const GRAPH_EXAMPLES: &str = "Examples:
  infra-gen graph                                                print prod as a Mermaid flowchart
  infra-gen graph --env dev --format html > topology.html        write a page to open in a browser
  infra-gen graph --format dot | dot -Tpng -o topology.png       draw it with Graphviz";

const REVIEW_EXAMPLES: &str = "Examples:
  infra-gen review --base HEAD                                   review changes that are not committed
  infra-gen review --base origin/main --fail-on warning          fail if there is a warning or a danger
  infra-gen review --base before --head after --format markdown  compare two folders";

const SCHEMA_EXAMPLES: &str = "Examples:
  infra-gen schema                                               update the schemas of all releases that DOFS runs
  infra-gen schema --release 6.0.0                               update the schema of one release";

/// Write Terraform JSON, state machines and build specs from the typed topology of DOFS.
///
/// Without a command, infra-gen writes `generated/`, `buildspec.yml`, the GitHub workflow and the picture in
/// docs/orders.md. It checks all rules first, and writes nothing while a rule is broken.
#[derive(Debug, Parser)]
#[command(name = "infra-gen", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct Cli {
    /// The command. None writes the generated files.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The options for writing.
    #[command(flatten)]
    pub write: Write,
}

/// Options for writing the generated files, or for checking that they are up to date.
#[derive(Debug, clap::Args)]
pub struct Write {
    /// Write only this environment. Default: all environments and the shared roots.
    #[arg(long, value_enum)]
    pub env: Option<Environment>,

    /// Write nothing. Print the diff and exit with 1 if generated files are out of date.
    #[arg(long)]
    pub check: bool,

    /// Write into this folder. Default: the repository that contains the working directory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Choose the format of the output.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The format of a command's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Text for people.
    #[default]
    Text,
    /// JSON for programs.
    Json,
}

/// Options of `infra-gen explain`.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// A Terraform address (`module.sqs.aws_sqs_queue.order_queue`), or words to search for. Default: list all
    /// addresses.
    pub words: Vec<String>,

    /// Explain the resource as it is in this environment. Default: the first of prod, staging and dev that has it.
    #[arg(long, value_enum)]
    pub env: Option<Environment>,

    /// Choose the format of the output.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Options of `infra-gen graph`.
#[derive(Debug, clap::Args)]
pub struct Draw {
    /// Draw this environment.
    #[arg(long, value_enum, default_value_t = Environment::Prod)]
    pub env: Environment,

    /// Choose the format of the picture.
    #[arg(long, value_enum, default_value_t)]
    pub format: Picture,
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Picture {
    /// A Mermaid flowchart, which GitHub shows in Markdown.
    #[default]
    Mermaid,
    /// A graph for Graphviz.
    Dot,
    /// An SVG image in one file.
    Svg,
    /// A page in one file, for a browser: zoom, search, and an explanation of each box.
    Html,
}

/// Options of `infra-gen review`.
#[derive(Debug, clap::Args)]
pub struct ReviewArgs {
    /// Compare with this git revision, or with this folder if `--head` is given.
    #[arg(long, value_name = "REVISION|DIR")]
    pub base: String,

    /// Review the generated files in this folder. Default: the working tree of the repository.
    #[arg(long, value_name = "DIR")]
    pub head: Option<PathBuf>,

    /// Choose the format of the output.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReviewFormat,

    /// Compare the costs at this number of orders a month, such as 250000 or 1e6.
    #[arg(long, value_name = "NUMBER", default_value_t = Orders::DEFAULT)]
    pub orders: Orders,

    /// Fail if a finding has this severity or a worse one. The exit code is that of the worst finding: 3 for a
    /// notice, 4 for a warning, 5 for a danger.
    #[arg(long, value_enum, default_value_t)]
    pub fail_on: FailOn,
}

/// The format of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReviewFormat {
    /// Text for people, in colour if stdout is a terminal.
    #[default]
    Text,
    /// JSON for programs.
    Json,
    /// Markdown for a comment on a pull request.
    Markdown,
}

/// The lowest severity that makes a review fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FailOn {
    /// Fail on dangers only.
    #[default]
    Danger,
    /// Fail on warnings and dangers.
    Warning,
    /// Fail on every finding.
    Notice,
    /// Never fail.
    Never,
}

/// A command of `infra-gen`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Explain a resource: its line of Rust and the reason for it, its references, who may do what to it, its alarms,
    /// and how environments differ.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),

    /// Draw the topology, and write the picture to stdout.
    #[command(after_help = GRAPH_EXAMPLES)]
    Graph(Draw),

    /// Estimate what an environment costs in a month.
    #[command(after_help = "Example:\n  infra-gen cost --env prod --orders 5e6")]
    Cost {
        /// Estimate this environment.
        #[arg(long, value_enum)]
        env: Environment,
        /// Assume this number of orders a month, such as 250000 or 1e6.
        #[arg(long, value_name = "NUMBER", default_value_t = Orders::DEFAULT)]
        orders: Orders,
        /// Choose the format of the output.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Report what a change of the generated files does in AWS: replaced resources, data loss, wider permissions,
    /// exposure and cost.
    #[command(after_help = REVIEW_EXAMPLES)]
    Review(ReviewArgs),
    /// Update the vendored schemas of the AWS provider, and keep only the blocks in use.
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema(Schema),
}

/// Options of `infra-gen schema`.
#[derive(Debug, clap::Args)]
pub struct Schema {
    /// Update the schema of this release only. Default: the releases with hashes in PROVIDER_RELEASES.
    #[arg(long, value_name = "VERSION")]
    pub release: Option<String>,
    /// Read the schema from this file: the output of `terraform providers schema -json`, or of
    /// `crates/infra-core/schemas/bindings.py`. Default: run Terraform.
    #[arg(long, value_name = "FILE", requires = "release")]
    pub from: Option<PathBuf>,
    /// Write `crates/infra-core/schemas` into this folder. Default: the repository that contains the working directory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
