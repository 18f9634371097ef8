//! `dofs load`: many random orders on a schedule, and what became of them.
//!
//! - [`random`]: the orders.
//! - [`report`]: what became of them, in numbers.
//! - `text`, [`page`]: how that is told.

pub mod page;
pub mod random;
pub mod report;
mod scale;
mod text;

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime},
};

use clap::Args;
use fs_err as fs;
use runtime::moment::Moment;

use self::report::{Asked, Report};
use crate::{
    burst::{self, Plan, Progress, rate::Rate},
    interrupt::Interrupt,
    progress::Bar,
    system::System,
    target::Target,
    tell::{tell, warn},
};

/// What to place, and how.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// How many orders.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: u32,

    /// How many in a second; none waits for the one before.
    #[arg(long, default_value = "10")]
    pub rate: Rate,

    /// The same seed gives the same orders. Without one, each run has its own.
    #[arg(long)]
    pub seed: Option<u64>,

    /// How many percent of them break a rule of the business.
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PERCENT",
        value_parser = clap::value_parser!(u8).range(0..=100)
    )]
    pub invalid: u8,

    /// Writes the report as a page, too.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// How long an order may take until it is taken, then to its end.
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub timeout: u64,
}

/// Places the orders, and waits for their ends.
pub async fn load(
    system: &System,
    options: &Options,
    interrupt: &Interrupt,
    each: impl FnMut(Progress),
) -> Report {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let count = usize::try_from(options.count).unwrap_or(usize::MAX);
    let orders = random::orders(seed, count, options.invalid);
    let asked = Asked {
        environment: system.environment,
        began_at: now().timestamp(),
        count,
        rate: options.rate,
        seed,
        invalid_percent: options.invalid,
    };
    let plan = Plan {
        orders: orders.iter().map(|it| it.body.to_string().into_bytes()).collect(),
        rate: options.rate,
        patience: Duration::from_secs(options.timeout),
        follow: true,
    };
    let burst = burst::run(system, plan, interrupt, each).await;
    Report::of(asked, &orders, &burst, interrupt.asked())
}

fn now() -> Moment {
    // A clock before 1970 shows in the report, and harms nobody.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Does what the command line asks for.
///
/// # Errors
///
/// What went wrong, and what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = System::find(target).await?;
    if let Some(file) = &options.html {
        // Before the work, not after: a file that cannot be written costs nothing now.
        fs::OpenOptions::new().append(true).create(true).open(file)?;
    }
    let interrupt = Interrupt::listen();
    let bar = Bar::begin(usize::try_from(options.count).unwrap_or(usize::MAX), true);
    let report = load(&system, options, &interrupt, |progress| bar.at(progress)).await;
    drop(bar);
    tell(target, &text::text(&report), &report)?;
    if let Some(file) = &options.html {
        fs::write(file, page::page(&report)?)?;
        warn(&format!("\nthe page is in {}", file.display()));
    }
    Ok(interrupt.code(report.good()))
}
