//! Arguments, exit code, the only stdout.

#![expect(clippy::print_stderr, reason = "this is a command line")]

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use dofs::{
    bootstrap,
    cli::{Cli, Command},
    deploy, load, local, order, orders, page, redrive, status, verify,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let threads = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(threads) => threads,
        Err(err) => return failed(&err.into()),
    };
    let outcome = threads.block_on(run(cli));
    // A call of the API that nobody waits for any more does not hold us up.
    threads.shutdown_background();
    outcome.unwrap_or_else(|err| failed(&err))
}

fn failed(err: &anyhow::Error) -> ExitCode {
    eprintln!("error: {err:#}");
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Local(command) => local::run(command, &cli.target).await,
        Command::Order(options) => order::run(&options, &cli.target).await,
        Command::Status(options) => status::run(&options, &cli.target).await,
        Command::Orders(options) => orders::run(&options, &cli.target).await,
        Command::Load(options) => load::run(&options, &cli.target).await,
        Command::Redrive(options) => redrive::run(&options, &cli.target).await,
        Command::Bootstrap(options) => bootstrap::run(&options, &cli.target).await,
        Command::Deploy(options) => deploy::run(&options, &cli.target).await,
        Command::Verify => verify::run(&cli.target).await,
        Command::Page(options) => page::run(&options, &cli.target).await,
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(shell, &mut command, "dofs", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
