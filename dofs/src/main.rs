//! The entry point: parses the arguments, runs the command, and returns its exit code.

use std::process::ExitCode;

use clap::CommandFactory as _;
use dofs::{
    bootstrap,
    cli::{Cli, Command},
    deploy, doctor,
    interrupt::{Ended, Interrupt},
    load, local, order, orders, page, redrive, resume, status, verify,
};
use terminal::{self, failed};

fn main() -> ExitCode {
    let cli = match terminal::parse::<Cli>() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let threads = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(threads) => threads,
        Err(err) => return failed(&err.into()),
    };
    let outcome = threads.block_on(run(cli));
    // Do not wait for calls of the API that were abandoned.
    threads.shutdown_background();
    outcome.unwrap_or_else(|err| {
        let code = failed(&err);
        if err.is::<Ended>() { ExitCode::from(Interrupt::CODE) } else { code }
    })
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Some(program) = &cli.terraform {
        terraform_cli::choose(program);
    }
    match cli.command {
        Command::Local { command, on } => local::run(command, &on.target).await,
        Command::Order(on) => order::run(&on.options, &on.target).await,
        Command::Status(on) => status::run(&on.options, &on.target.target).await,
        Command::Orders(on) => orders::run(&on.options, &on.target.target).await,
        Command::Load(on) => load::run(&on.options, &on.target).await,
        Command::Redrive(on) => redrive::run(&on.options, &on.target.target).await,
        Command::Resume(on) => resume::run(&on.options, &on.target.target).await,
        Command::Bootstrap(on) => bootstrap::run(&on.options, &on.target.target).await,
        Command::Deploy(on) => deploy::run(&on.options, &on.target.target).await,
        Command::Verify(on) => verify::run(&on.target).await,
        Command::Doctor(on) => doctor::run(&on.options, &on.target.target).await,
        Command::Page(on) => page::run(&on.options, &on.target).await,
        Command::Completions { shell } => {
            let mut command = Cli::command();
            // `generate` panics if its writer fails, so it writes to memory, which does not fail.
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut command, "dofs", &mut text);
            terminal::raw(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            terminal::raw(&text)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
