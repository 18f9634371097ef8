//! `infra-gen`: arguments, exit code, and the only stdout.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::Parser as _;
use infra_gen::{
    cli::{Cli, Command},
    run::{self, Told},
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Cost { env, orders, format }) => {
            Ok(with_code(run::cost(env, orders, format)))
        }
        Some(Command::Explain(args)) => Ok(with_code(run::explain(&args))),
        Some(Command::Graph(args)) => run::graph(&args).map(with_code),
        Some(Command::Review(args)) => run::review(&args, coloured()),
        Some(Command::Schema { out }) => run::schema(out).map(with_code),
        None => run::write(&cli.write).map(with_code),
    };
    match outcome {
        Ok((told, code)) => {
            if !told.out.is_empty() {
                print!("{}", told.out);
            }
            if !told.err.is_empty() {
                eprint!("{}", told.err);
            }
            ExitCode::from(code)
        }
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::FAILURE
        }
    }
}

fn with_code(told: Told) -> (Told, u8) {
    let code = if told.success { 0 } else { 1 };
    (told, code)
}

/// A terminal, and nobody said `NO_COLOR`.
fn coloured() -> bool {
    AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}
