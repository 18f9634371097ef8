//! Reads the executions that failed, and redrives each execution that a redrive can help.

use std::{cell::Cell, mem, sync::OnceLock};

use aws_sdk_sfn::config::{
    Config,
    retry::{RetryConfig, RetryPartition, TokenBucket},
};
use futures::{StreamExt as _, stream};
use indicatif::ProgressBar;

use super::{
    Outcome,
    look::look,
    lost::Lost,
    pace::{LOOKS, Pace, REDRIVES},
};
use crate::{aws::Fault, interrupt::Interrupt, progress, system::Services};

/// How many orders are processed in parallel.
const AT_ONCE: usize = 20;

/// How often a redrive is attempted. The SDK waits up to 20 seconds between two attempts, because other callers may use up the
/// quota for that long.
const ATTEMPTS: u32 = 8;

/// Errors that are about a single execution, so the others are still redriven.
const OF_ONE: [&str; 2] = ["ExecutionNotRedrivable", "ExecutionDoesNotExist"];

/// Reads the failed executions, and redrives every execution that a redrive can help, unless `redrive` is false. An error that
/// is not about a single execution would also stop the next calls, so no call begins after it. With `options`, another command
/// uses the same system.
pub(super) async fn work(
    system: &Services,
    outcome: &mut Outcome,
    redrive: bool,
    interrupt: &Interrupt,
    options: &str,
) {
    let calls = Calls { system, looks: Pace::new(LOOKS), redrives: Pace::new(REDRIVES) };
    let stopped = OnceLock::new();
    let orders = mem::take(&mut outcome.orders);
    let bar = ProgressBar::new(orders.len() as u64).with_style(progress::style(progress::TEMPLATE));
    let redriven = Cell::new(0_usize);
    let done = stream::iter(orders).map(async |mut lost| {
        if stopped.get().is_some() || interrupt.asked() {
            return lost;
        }
        if let Err(problem) = calls.all(&mut lost, redrive).await {
            // Only the first error is reported: the others have the same cause.
            let _ = stopped.set(problem);
        }
        redriven.set(redriven.get() + usize::from(lost.redriven));
        bar.inc(1);
        bar.set_message(format!("{} redriven", redriven.get()));
        lost
    });
    outcome.orders = done.buffered(AT_ONCE).collect().await;
    bar.finish_and_clear();
    outcome.problems.extend(refusals(&outcome.orders, options));
    outcome.problems.extend(stopped.into_inner());
}

struct Calls<'a> {
    system: &'a Services,
    looks: Pace,
    redrives: Pace,
}

impl Calls<'_> {
    async fn all(&self, lost: &mut Lost, redrive: bool) -> Result<(), String> {
        if lost.redrivable.is_none() {
            self.looks.turn().await;
            look(self.system, lost).await.map_err(|err| {
                format!(
                    "reading the execution of {} failed, so no further one is redriven: {err:#}",
                    lost.order
                )
            })?;
        }
        if !redrive || lost.redrivable != Some(true) {
            return Ok(());
        }
        self.redrives.turn().await;
        let arn = self.system.execution_arn(&lost.order);
        let call = self.system.sfn.redrive_execution().execution_arn(arn).customize();
        let patient = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        // With the token bucket that all clients share, twenty throttled calls would soon use up the retries.
        let bucket = TokenBucket::unlimited();
        let alone = RetryPartition::custom("redrive").token_bucket(bucket).build();
        let config = Config::builder().retry_config(patient).retry_partition(alone);
        let call = call.config_override(config);
        let Err(err) = call.send().await else {
            lost.redriven = true;
            return Ok(());
        };
        let fault = Fault::of(&err);
        lost.reason = Some(fault.problem());
        if OF_ONE.iter().any(|it| fault.is(it)) {
            return Ok(());
        }
        Err(format!(
            "redriving the execution of {} failed, so no further one is redriven: {fault}",
            lost.order
        ))
    }
}

/// Returns one sentence about the executions that Step Functions refused to redrive. There may be thousands if another operator
/// redrives the same ones.
fn refusals(orders: &[Lost], options: &str) -> Option<String> {
    let refused = |it: &&Lost| {
        let why = it.reason.as_deref().unwrap_or_default();
        it.redrivable == Some(true) && OF_ONE.iter().any(|code| why.starts_with(code))
    };
    let first = orders.iter().find(refused)?;
    Some(format!(
        "Step Functions refused to redrive {} of the executions, first that of {}: {}\n  \
         fix: `dofs resume{options} --order {} --dry-run` prints why, or that it is running again",
        orders.iter().filter(refused).count(),
        first.order,
        first.reason.as_deref().unwrap_or_default(),
        first.order
    ))
}
