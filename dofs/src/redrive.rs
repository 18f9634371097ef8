//! `dofs redrive`: dead letters back to the order queue. Each of them begins a new round.
//!
//! - [`letter`]: a dead letter, its reason, and whether it is meant.
//! - `task`: SQS moves all of them by itself.
//! - `by_hand`: we move those that are meant, one by one.

mod by_hand;
pub mod letter;
mod task;
mod words;

use std::{
    io::{BufRead as _, IsTerminal as _},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use aws_sdk_sqs::types::QueueAttributeName;
use clap::Args;
use serde::Serialize;

use self::letter::{Filter, Told};
use crate::{interrupt::Interrupt, progress, system::System, target::Target, tell::tell};

/// Which dead letters, and how.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Only that of this order. A message that leads to no order is `message-<id>`.
    #[arg(long, value_name = "ORDER_ID")]
    pub order: Option<String>,

    /// Only those with this reason in failed_orders, such as `FulfillmentFailed`.
    #[arg(long)]
    pub reason: Option<String>,

    /// Moves nothing: lists what would be moved, and why each is there.
    #[arg(long)]
    pub dry_run: bool,

    /// Does not ask.
    #[arg(long)]
    pub yes: bool,
}

impl Options {
    fn filter(&self) -> Filter {
        Filter { order: self.order.clone(), reason: self.reason.clone() }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Who moved them.
    pub way: Way,
    /// Whether nothing was moved, on purpose. What would be moved is in `letters`.
    pub dry_run: bool,
    /// How many are on the order queue again.
    pub moved: usize,
    /// How many are among the dead letters still. Of a move by SQS, this is what SQS counts.
    pub stayed: usize,
    /// What is known about each that we saw. SQS shows nobody what it moves by itself.
    pub letters: Vec<Told>,
    /// What went wrong, in words. Nothing is lost by it.
    pub problems: Vec<String>,
}

/// Who moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// SQS itself.
    MoveTask,
    /// We do: receive, send, delete.
    ByHand,
}

/// How far it has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// How many there are, about.
    pub of: usize,
    /// How many were looked at.
    pub seen: usize,
    /// How many were moved.
    pub moved: usize,
}

/// Moves dead letters, without asking.
///
/// SQS does it where it can and all of them are meant. Else we do it: the message is sent first and
/// deleted then, so that a crash in between leaves one too many, which does no harm, and never one too
/// few. What is not meant is made visible again.
///
/// # Errors
///
/// Where the queues cannot be reached. What was received by then is made visible again.
pub async fn redrive(
    system: &System,
    options: &Options,
    interrupt: &Interrupt,
    mut each: impl FnMut(Progress),
) -> anyhow::Result<Outcome> {
    let filter = options.filter();
    if filter.means_all()
        && !options.dry_run
        && let Some(outcome) = task::redrive(system, interrupt, &mut each).await?
    {
        return Ok(outcome);
    }
    by_hand::redrive(system, &filter, options.dry_run, interrupt, each).await
}

/// How many dead letters there are, about.
///
/// # Errors
///
/// Where the queue cannot be reached.
pub async fn waiting(system: &System) -> anyhow::Result<usize> {
    let name = &system.names.dead_letters;
    let answer = system
        .sqs
        .get_queue_attributes()
        .queue_url(system.queue_url(name).await?)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .send()
        .await
        .with_context(|| format!("the queue {name} cannot be asked"))?;
    let attributes = answer.attributes.unwrap_or_default();
    let number = attributes.get(&QueueAttributeName::ApproximateNumberOfMessages);
    number
        .and_then(|it| it.parse().ok())
        .with_context(|| format!("the queue {name} does not say how many messages it has"))
}

/// Does what the command line asks for.
///
/// # Errors
///
/// What went wrong, and what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = System::find(target).await?;
    let interrupt = Interrupt::listen();
    if !options.dry_run && !options.yes {
        let question = words::question(waiting(&system).await?, options, &system);
        let agreed = interrupt.unless(agreed(question)).await.transpose()?;
        if agreed != Some(true) {
            return Ok(interrupt.code(false));
        }
    }
    let bar = indicatif::ProgressBar::new(0);
    bar.set_style(progress::style("{bar:40} {pos}/{len} [{elapsed}] {wide_msg}"));
    let outcome = redrive(&system, options, &interrupt, |progress| {
        bar.set_length(progress.of.max(progress.seen) as u64);
        bar.set_position(progress.seen as u64);
        bar.set_message(format!("{} moved", progress.moved));
    })
    .await;
    bar.finish_and_clear();
    let outcome = outcome?;
    tell(target, &words::text(&outcome, &system), &outcome)?;
    Ok(interrupt.code(outcome.problems.is_empty()))
}

/// Asks whoever sits at the terminal.
async fn agreed(question: String) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!(
            "{question}\nnobody is there to say yes\n  fix: say it with --yes, or look first with --dry-run"
        );
    }
    crate::tell::warn(&format!("{question} [y/N]"));
    // On a thread of its own: Ctrl-C need not wait for an answer.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let answer = answer.await?.context("the answer cannot be read")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
