//! The program `infra-gen`: runs a command, prints its output, and returns its exit code.

use std::process::ExitCode;

use infra_gen::{
    cli::{Cli, Command},
    run::{self, Told},
};

fn main() -> ExitCode {
    let cli = match terminal::parse::<Cli>() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(err) => terminal::failed(&err),
    }
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    let (told, code) = match cli.command {
        Some(Command::Cost { env, orders, format }) => with_code(run::cost(env, orders, format)),
        Some(Command::Explain(args)) => with_code(run::explain(&args)),
        Some(Command::Graph(args)) => with_code(run::graph(&args)?),
        Some(Command::Review(args)) => run::review(&args, terminal::coloured())?,
        Some(Command::Schema(args)) => with_code(run::schema(&args)?),
        None => with_code(run::write(&cli.write)?),
    };
    match terminal::coloured() {
        true => terminal::painted(&told.out)?,
        false => terminal::stdout(&told.out)?,
    }
    if !told.err.is_empty() {
        terminal::stderr(told.err.trim_end_matches('\n'));
    }
    Ok(code)
}

fn with_code(told: Told) -> (Told, u8) {
    let code = if told.success { 0 } else { 1 };
    (told, code)
}
