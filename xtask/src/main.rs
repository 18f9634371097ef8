//! Chores of this repository: `cargo xtask <chore>`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line")]

mod bench;
mod browser;
mod coverage;
mod libtest;
mod package;
mod suite;
mod traces;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of this repository.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Passes every test: format, lints, unit and integration tests, the real Terraform, and that
    /// `generated/` is what the source says.
    Test,
    /// Builds the functions for Lambda, and packs them into the zips that Terraform uploads.
    Package(package::Options),
    /// Runs the functions' tests under a tracer, and prints how many of their lines are run.
    Coverage,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().chore {
        Chore::Test => suite::run(),
        Chore::Package(options) => package::run(&options),
        Chore::Coverage => coverage::run(),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::FAILURE
        }
    }
}
