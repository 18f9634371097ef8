//! `dofs redrive`: moves dead letters back to the order queue.
//!
//! An attribute of each moved message asks for the round after the round in the order's record. All messages of one order ask
//! for the same round. Nothing else starts a round: after a redrive in the SQS console, the messages return to the dead letters.
//!
//! - [`letter`]: a dead letter, its reason, and whether the filter selects it.
//! - [`coming`]: messages that will become dead letters.
//! - `by_hand`: moves the selected messages, one by one.
//! - `rounds`: the round that each order is asked for.
//! - `words`: the text output.

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
    letter::{Filter, LetterReport},
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

/// The result of a redrive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Whether this was a dry run. `letters` has the messages that would be moved.
    pub dry_run: bool,
    /// How many messages were moved to the order queue.
    pub moved: usize,
    /// How many messages are still dead letters.
    pub stayed: usize,
    /// How many messages another receiver held at the start. They become visible again after its visibility timeout.
    pub held: usize,
    /// Failed orders whose messages will become dead letters.
    pub coming: Vec<Coming>,
    /// Every dead letter that was received.
    pub letters: Vec<LetterReport>,
    /// The errors. They lose no message.
    pub problems: Vec<String>,
}

impl Outcome {
    /// Whether the filter, if there is one, selected a dead letter or a message that will become one.
    fn found_what_was_asked_for(&self, options: &Options) -> bool {
        let meant = self.letters.iter().any(|it| it.meant) || !self.coming.is_empty();
        meant || options.filter().means_all()
    }
}

/// The progress of a redrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// About how many dead letters there are.
    pub of: usize,
    /// How many were received.
    pub seen: usize,
    /// How many were moved.
    pub moved: usize,
}

/// Moves dead letters without asking for confirmation.
///
/// It sends each message before it deletes the dead letter, so a crash in between leaves a duplicate and loses nothing. It
/// makes messages that the filter does not select visible again.
///
/// A run asks for one round per order, however many dead letters the order has: the round after the one in the record, as the
/// run read it first. When the run comes to a later message of the order, the record may already be in that round. Another run
/// reads the record anew. So a message that a crash left over asks for the round after the record's round at that time: if the
/// order has failed again, the message starts that round, and if the order is fulfilled, the message is deleted.
///
/// # Errors
///
/// If the queues cannot be reached. The messages that it received before are made visible again.
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
        // The moved messages are unaffected, so this is not an error of the whole command.
        Err(err) => outcome
            .problems
            .push(format!("cannot list the messages that will become dead letters: {err:#}")),
    }
    Ok(outcome)
}

/// The approximate number of messages in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depths {
    /// Messages that can be received.
    pub waiting: usize,
    /// Messages that another receiver holds.
    pub held: usize,
}

/// Returns the approximate number of dead letters.
///
/// # Errors
///
/// If the queue cannot be reached.
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

/// Runs the command.
///
/// # Errors
///
/// If the command fails. The error says what to do about it.
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
