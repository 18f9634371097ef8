//! `dofs load`: places many random orders on a schedule, and reports their results.
//!
//! - [`random`]: the orders.
//! - [`report`]: the results, in numbers.
//! - [`clean`]: deletes their dead letters.
//! - `text`, [`page`]: print the report as text, and write it as an HTML page.

pub mod clean;
pub mod page;
pub mod random;
pub mod report;
mod scale;
mod text;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use fs_err as fs;
use infra_gen::{config::Environment, topology};

use self::report::{Asked, Report};
use crate::{
    burst::{self, Plan, Progress, rate::Rate},
    interrupt::Interrupt,
    progress::Bar,
    system::System,
    target::Target,
    tell::{now, tell, warn},
};

/// The options of `dofs load`.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Place this many orders.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: u32,

    /// Place this many orders per second, without waiting for answers.
    #[arg(long, default_value = "10")]
    pub rate: Rate,

    /// Draw the orders from this seed, to repeat a run. Default: a random seed.
    #[arg(long)]
    pub seed: Option<u64>,

    /// Make this percentage of the orders invalid. They must be REJECTED.
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PERCENT",
        value_parser = clap::value_parser!(u8).range(0..=100)
    )]
    pub invalid: u8,

    /// Also write the report as an HTML page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Wait this long for the last decision. Default: as long as the queue may take.
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=burst::LONGEST)
    )]
    pub timeout: Option<u64>,

    /// Wait for the dead letters of failed orders, some minutes, and delete them.
    #[arg(long)]
    pub clean_up: bool,
}

/// How long to retry an order that the API refuses.
const TAKING: Duration = Duration::from_secs(120);
/// The time of an order outside the queue: its execution, and the reads of the table.
const BESIDE: Duration = Duration::from_secs(60);

impl Options {
    /// Returns how long to wait for decisions after the last order is placed. If a function is killed at every delivery, the
    /// queue hides the message for its visibility timeout each time.
    fn ending(&self, environment: Environment) -> Duration {
        let longest = || topology::longest_delivery(environment.config()) + BESIDE;
        self.timeout.map_or_else(longest, Duration::from_secs)
    }
}

/// Places the orders, and waits until they are decided.
pub async fn load(
    system: &System,
    options: &Options,
    interrupt: &Interrupt,
    each: impl FnMut(Progress),
) -> Report {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let count = usize::try_from(options.count).unwrap_or(usize::MAX);
    let orders = random::orders(seed, count, options.invalid);
    let ending = options.ending(system.environment);
    let asked = Asked {
        environment: system.environment,
        began_at: now().timestamp(),
        count,
        rate: options.rate,
        seed,
        invalid_percent: options.invalid,
        timeout_seconds: ending.as_secs(),
    };
    let plan = Plan {
        orders: orders.iter().map(|it| it.body.to_string().into_bytes()).collect(),
        rate: options.rate,
        taking: TAKING.min(ending),
        ending,
        follow: true,
    };
    let burst = burst::run(system, plan, interrupt, each).await;
    Report::of(asked, &orders, &burst, interrupt.asked())
}

/// Runs the command.
///
/// # Errors
///
/// If the command fails. The error says what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = System::find(target).await?;
    if let Some(file) = &options.html {
        // Check the file before the work, so that no run is wasted.
        fs::OpenOptions::new().append(true).create(true).open(file)?;
    }
    let interrupt = Interrupt::listen();
    let bar = Bar::begin(usize::try_from(options.count).unwrap_or(usize::MAX), true);
    let loading = load(&system, options, &interrupt, |progress| bar.at(progress));
    let report = system.while_there(loading).await?;
    drop(bar);
    // If stdout cannot be written, still write the page and delete the dead letters; return the error after that.
    let told = tell(target, &text::text(&report, &target.options()), &report);
    if let Some(file) = &options.html {
        fs::write(file, page::page(&report)?)?;
        warn(&format!("\nwrote the report to {}", file.display()));
    }
    if options.clean_up {
        system.while_there(clean(&system, &report, target, &interrupt)).await?;
    }
    told?;
    Ok(interrupt.code(report.good()))
}

/// Deletes the dead letters, and reports those that remain. They do not change the exit code, which is about the orders.
async fn clean(system: &System, report: &Report, target: &Target, interrupt: &Interrupt) {
    let failed = report.failed_orders.clone();
    let (within, count) = (clean::longest(system.environment), failed.len());
    if count > 0 {
        let most = within.as_secs().div_ceil(60);
        warn(&format!("\nwaiting for {count} dead letters, up to {most} minutes"));
    }
    let left = clean::clean_up(system, failed, within, interrupt).await;
    warn(&format!("deleted {} dead letters", count - left.orders.len()));
    if !left.orders.is_empty() {
        warn(&left.text(&system.names.dead_letters, &target.options()));
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use infra_gen::roots;
    use serde_json::Value;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_timeout_covers_every_delivery_of_the_queue() {
        fn check(environment: Environment) {
            let files = roots::environment(environment).files;
            let path = format!("generated/{environment}/modules/sqs/main.tf.json");
            let file: Value = serde_json::from_str(&files[&path]).unwrap();
            let queue = &file["resource"]["aws_sqs_queue"]["order_queue"];
            let policy = &file["resource"]["aws_sqs_queue_redrive_policy"]["order_queue"];
            let policy = policy["redrive_policy"].as_str().unwrap();
            let (_, receives) = policy.split_once(r#""maxReceiveCount":"#).unwrap();
            let receives: u64 = receives.trim_end_matches('}').parse().unwrap();
            let visibility = queue["visibility_timeout_seconds"].as_u64().unwrap();
            let options = Line::parse_from(["load"]).options;
            let ending = options.ending(environment).as_secs();
            assert!(ending > visibility * receives, "{environment}: {ending} s");
            let named = Line::parse_from(["load", "--timeout", "7"]).options;
            assert_eq!(named.ending(environment), Duration::from_secs(7));
        }
        Environment::ALL.into_iter().for_each(check);
    }
}
