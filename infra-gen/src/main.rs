//! `infra-gen`: arguments, exit code, and the only stdout.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

use std::process::ExitCode;

use clap::Parser as _;
use infra_gen::{
    cli::{Cli, Command},
    run,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Cost { env, orders, format }) => Ok(run::cost(env, orders, format)),
        Some(Command::Explain(args)) => Ok(run::explain(&args)),
        Some(Command::Graph(args)) => run::graph(&args),
        Some(Command::Schema { out }) => run::schema(out),
        None => run::write(&cli.write),
    };
    match outcome {
        Ok(told) => {
            if !told.out.is_empty() {
                print!("{}", told.out);
            }
            if !told.err.is_empty() {
                eprint!("{}", told.err);
            }
            if told.success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::FAILURE
        }
    }
}
