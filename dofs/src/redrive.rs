//! `dofs redrive`: dead letters back to the order queue. Each of them asks for the round after that of its order's record, by
//! an attribute of the message; those of one order ask for the same one. Nothing else begins a round, so a redrive of SQS by
//! itself, in the console, does not: its messages come back to the dead letters.
//!
//! - [`letter`]: a dead letter, its reason, and whether it is meant.
//! - [`coming`]: what is on its way there.
//! - `by_hand`: moves those that are meant, one by one.
//! - `rounds`: the round that each order is asked for.

mod by_hand;
pub mod coming;
pub mod letter;
mod rounds;
mod words;

use std::process::ExitCode;

use anyhow::Context as _;
use aws_sdk_sqs::types::QueueAttributeName;
use clap::Args;
use serde::Serialize;

use self::{
    coming::Coming,
    letter::{Filter, Told},
};
use crate::{
    ask,
    aws::AwsContext as _,
    interrupt::Interrupt,
    progress,
    system::Services,
    target::Target,
    tell::{tell, warn},
};

/// The options of `dofs redrive`.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Move only the dead letters of this order, or `message-<id>` without an order.
    #[arg(long, value_name = "ORDER_ID")]
    pub order: Option<String>,

    /// Move only dead letters with this reason, such as `FulfillmentFailed`.
    #[arg(long)]
    pub reason: Option<String>,

    /// Move nothing. List the dead letters that would be moved, with their reasons.
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask for confirmation.
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
    /// Whether nothing was moved, on purpose. What would be moved is in `letters`.
    pub dry_run: bool,
    /// How many are on the order queue again.
    pub moved: usize,
    /// How many are among the dead letters still.
    pub stayed: usize,
    /// How many another receiver holds: hidden when we began, and back within its visibility timeout.
    pub held: usize,
    /// Failed orders whose messages are on their way to the dead letters.
    pub coming: Vec<Coming>,
    /// What is known about each that we saw.
    pub letters: Vec<Told>,
    /// What went wrong, in words. Nothing is lost by it.
    pub problems: Vec<String>,
}

impl Outcome {
    /// Whether a filter that was given led to anything: to a dead letter, or to one on its way.
    fn found_what_was_asked_for(&self, options: &Options) -> bool {
        let meant = self.letters.iter().any(|it| it.meant) || !self.coming.is_empty();
        meant || options.filter().means_all()
    }
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
/// A message is sent first and deleted then, so that a crash in between leaves one too many, and never one too few. What is
/// not meant is made visible again.
///
/// A run asks for one round of an order, however many dead letters the order has: the round after that of the record, as
/// the run read it first. By the time of a later letter the record may be in that round already. Another run reads the record
/// anew. So a letter that a crash has left over asks for the round after that of the record then; it begins that round
/// where the order has failed again, and is deleted where it is fulfilled.
///
/// # Errors
///
/// Where the queues cannot be reached. What was received by then is made visible again.
pub async fn redrive(
    system: &Services,
    options: &Options,
    interrupt: &Interrupt,
    each: impl FnMut(Progress),
) -> anyhow::Result<Outcome> {
    let filter = options.filter();
    let held = depths(system).await?.held;
    let mut outcome = by_hand::redrive(system, &filter, options.dry_run, interrupt, each).await?;
    outcome.held = held;
    let there = outcome.letters.iter().map(|it| it.message_id.as_str()).collect();
    match coming::coming(system, &filter, &there).await {
        Ok(coming) => outcome.coming = coming,
        // What was moved is moved: this is only about what comes next.
        Err(err) => outcome
            .problems
            .push(format!("cannot list the messages that will become dead letters: {err:#}")),
    }
    Ok(outcome)
}

/// How many messages a queue has, about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depths {
    /// That can be received.
    pub waiting: usize,
    /// That another receiver holds.
    pub held: usize,
}

/// How many dead letters there are, about.
///
/// # Errors
///
/// Where the queue cannot be reached.
pub async fn depths(system: &Services) -> anyhow::Result<Depths> {
    let name = &system.names.dead_letters;
    let answer = system
        .sqs
        .get_queue_attributes()
        .queue_url(system.queue_url(name).await?)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        .send()
        .await
        .aws_context(|| format!("the attributes of the queue {name} cannot be read"))?;
    let attributes = answer.attributes.unwrap_or_default();
    let number = |name| attributes.get(&name).and_then(|it| it.parse().ok());
    Ok(Depths {
        waiting: number(QueueAttributeName::ApproximateNumberOfMessages)
            .with_context(|| format!("SQS reports no number of messages for the queue {name}"))?,
        held: number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible).unwrap_or(0),
    })
}

/// Does what the command line asks for.
///
/// # Errors
///
/// What went wrong, and what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = Services::find(target).await?;
    let interrupt = Interrupt::listen();
    if !options.dry_run && !options.yes {
        let question = words::question(depths(&system).await?, options, &system);
        let agreed = interrupt.unless(ask::yes(question)).await.transpose()?;
        if agreed != Some(true) {
            return Ok(interrupt.code(false));
        }
    }
    let bar = indicatif::ProgressBar::new(0);
    bar.set_style(progress::style(progress::TEMPLATE));
    let outcome = redrive(&system, options, &interrupt, |progress| {
        bar.set_length(progress.of.max(progress.seen) as u64);
        bar.set_position(progress.seen as u64);
        bar.set_message(format!("{} moved", progress.moved));
    })
    .await;
    bar.finish_and_clear();
    let outcome = outcome?;
    outcome.problems.iter().for_each(|it| warn(it));
    tell(target, &words::text(&outcome, options, &system, target), &outcome)?;
    Ok(interrupt.code(outcome.problems.is_empty() && outcome.found_what_was_asked_for(options)))
}
