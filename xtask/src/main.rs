//! The tasks of this repository, run as `cargo xtask TASK`: tests, packages and measurements.

#[macro_use]
mod say;

mod bench;
mod bless;
mod browser;
mod coverage;
#[cfg(test)]
mod edges;
mod instructions;
mod libtest;
mod mistakes;
mod mutants;
mod package;
mod prose;
mod release;
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

/// Test, package and measure DOFS.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Run all tests: format, lints, unit and integration tests, the real Terraform, and that the generated files are
    /// up to date.
    #[command(after_help = "Examples:
  cargo xtask test --quick      needs only Rust
  cargo xtask test --changed    only what differs from origin/main")]
    Test(suite::Options),
    /// Generate the files, and write the snapshots of the tests and the figures of the documents that follow from them.
    ///
    /// Exits with 1 if a test fails whose result is not in a snapshot.
    Bless,
    /// Keep the types of today's data as a release, which later versions must be able to read, with examples of each type.
    ///
    /// Refuses if the generated files are out of date, or if the newest release has the same types.
    #[command(after_help = "Examples:
  cargo xtask release              after a change of a type, in the same commit
  cargo xtask release --replace    if the newest release was not deployed yet")]
    Release(release::Options),
    /// Build the functions for Lambda, and pack them into the zips that Terraform uploads.
    Package(package::Options),
    /// Run the functions' tests under a tracer, and print how many lines of each function they run.
    ///
    /// Exits with 1 if the tests run less than 90 % of the lines of a function.
    Coverage,
    /// Measure speed and memory next to other tools, check each bound, and write the results to `bench/`.
    #[command(after_help = "Examples:
  cargo xtask bench                   measure everything
  cargo xtask bench generate scale    measure two parts
  cargo xtask bench --quick           check that the measurements work")]
    Bench(bench::Options),
    /// Count the instructions that parts of the generator take, and compare them with the committed baseline.
    ///
    /// Exits with 1 if a part takes 10 % more or fewer instructions than the baseline.
    Instructions(instructions::Options),
    /// Change the code of the functions, `contracts`, `runtime` and `asl` one place at a time, and list the changes
    /// that no test notices.
    #[command(after_help = "Examples:
  cargo xtask mutants validator    mutate one package
  cargo xtask mutants --changed    mutate only changed lines")]
    Mutants(mutants::Options),
    /// Make mistakes in the topologies, one at a time, and print who refuses each: rustc, a rule, a test, or nothing.
    ///
    /// Exits with 1 if nothing refuses one that is not listed with its reason.
    #[command(after_help = "Examples:
  cargo xtask mistakes topology/sqs.rs    only in files with this path
  cargo xtask mistakes --bless            write the list")]
    Mistakes(mistakes::Options),
    /// Check the spelling and the wording of documents, comments, messages and test names.
    ///
    /// Prints every finding with its line and column, and exits with 1 if there is one.
    Prose,
    /// Simulate the system with new seeds on all cores, and keep each seed that breaks an invariant.
    #[command(after_help = "Examples:
  cargo xtask simulate --hours 8
  cargo xtask simulate --first 1234 --seeds 1    repeat one seed")]
    Simulate(simulate::Options),
    /// Run one part of the generator, so that its instructions can be counted.
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
        Chore::Bless => bless::run(),
        Chore::Release(options) => release::run(&options),
        Chore::Package(options) => package::run(&options),
        Chore::Coverage => coverage::run(),
        Chore::Bench(options) => bench::run(&options),
        Chore::Instructions(options) => instructions::run(&options),
        Chore::Mistakes(options) => mistakes::run(&options),
        Chore::Mutants(options) => mutants::run(&options),
        Chore::Prose => prose::run(),
        Chore::Simulate(options) => simulate::run(&options),
        Chore::Piece(piece) => instructions::piece(&piece),
    };
    match outcome {
        Ok(good) if good && say::all() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(err) => terminal::failed(&err),
    }
}
