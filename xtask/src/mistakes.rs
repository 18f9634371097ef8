//! `cargo xtask mistakes` makes systematic mistakes in the topologies, one at a time, and prints who refuses each.
//!
//! The test program `mistakes` of infra-gen does it, because it has the libraries that a topology is compiled with. The
//! suite runs it on a sample.

use anyhow::Context as _;
use clap::Args;

use crate::workspace::Workspace;

/// Options of `cargo xtask mistakes`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write the list of mistakes that nothing refuses. Reasons in the list stay.
    #[arg(long)]
    bless: bool,
    /// Make only the mistakes whose file or description contains a line of this text. Default: all, which takes more than an
    /// hour.
    text: Option<String>,
}

/// Judges mistakes, and returns whether the list is right.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let mut cargo = processes::cargo::command();
    cargo.current_dir(&workspace.root);
    cargo.args(["test", "--locked", "--package", "infra-gen", "--test", "mistakes", "--"]);
    cargo.args(["--ignored", "--nocapture", "every_mistake_is_refused"]);
    if options.bless {
        cargo.env("DOFS_MISTAKES", "bless");
    }
    if let Some(text) = &options.text {
        cargo.env("DOFS_MISTAKES_ONLY", text);
    }
    Ok(cargo.status().context("cargo cannot be started")?.success())
}
