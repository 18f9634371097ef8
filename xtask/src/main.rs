//! Chores of this repository: `cargo xtask <chore>`.

#[macro_use]
mod say;

mod bench;
mod browser;
mod coverage;
mod instructions;
mod libtest;
mod mutants;
mod package;
mod simulate;
#[cfg(test)]
mod sources;
mod suite;
mod tools;
mod traces;
#[cfg(test)]
mod untested;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use infra_gen::terminal;

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
    Test(suite::Options),
    /// Builds the functions for Lambda, and packs them into the zips that Terraform uploads.
    Package(package::Options),
    /// Runs the functions' tests under a tracer, and prints how many of their lines are run.
    Coverage,
    /// Measures the product beside its peers, prints each bound, and writes `bench/`.
    Bench(bench::Options),
    /// Counts the instructions that pieces of the generator take, and compares them with what they took
    /// when somebody last looked: 10 % more or fewer is told and fails.
    Instructions(instructions::Options),
    /// Changes the functions, `contracts`, `runtime` and `asl`, one place at a time, and says which change no test
    /// notices.
    Mutants(mutants::Options),
    /// Simulates the system over seeds that no run had before, with every core, and keeps each seed that
    /// breaks an invariant.
    Simulate(simulate::Options),
    /// Runs one of these pieces: what is counted.
    #[command(hide = true)]
    Piece(instructions::Piece),
}

fn main() -> ExitCode {
    let cli = match terminal::parse::<Cli>() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let outcome = match cli.chore {
        Chore::Test(options) => suite::run(&options),
        Chore::Package(options) => package::run(&options),
        Chore::Coverage => coverage::run(),
        Chore::Bench(options) => bench::run(&options),
        Chore::Instructions(options) => instructions::run(&options),
        Chore::Mutants(options) => mutants::run(&options),
        Chore::Simulate(options) => simulate::run(&options),
        Chore::Piece(piece) => instructions::piece(&piece),
    };
    match outcome {
        Ok(good) if good && say::all() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(err) => terminal::failed(&err),
    }
}
