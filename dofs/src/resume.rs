//! `dofs resume`: orders that the order machine gave up on before they had a record. Step Functions keeps such an execution
//! with all that the record needs, and has it go on where it failed for 14 days after its end.
//!
//! - <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
//! - <https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html>

use std::process::ExitCode;

use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use clap::Args;
use contracts::domain::{OrderId, Timestamp};
use runtime::moment::Moment;
use serde::Serialize;

use crate::{
    aws::{AwsContext as _, Fault},
    interrupt::Interrupt,
    system::System,
    tables,
    target::Target,
    tell::{ago, columns, now, tell, warn},
};

/// How executions end that have not ended well.
const ENDS: [ExecutionStatus; 3] =
    [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted];
/// As many as Step Functions lists at once.
const AT_ONCE: i32 = 1_000;
/// For so many days after its end an execution goes on where it failed.
const DAYS: u64 = 14;

/// Which orders, and how.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Only this order.
    #[arg(long, value_name = "ORDER_ID", value_parser = |it: &str| OrderId::try_from(it.to_owned()))]
    pub order: Option<OrderId>,

    /// Resumes nothing: lists the orders.
    #[arg(long)]
    pub dry_run: bool,
}

/// An order that has no record, and whose execution has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The order.
    pub order: OrderId,
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// Whether its execution goes on.
    pub resumed: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Whether nothing was resumed, on purpose.
    pub dry_run: bool,
    /// The orders without a record.
    pub orders: Vec<Lost>,
    /// What went wrong, in words.
    pub problems: Vec<String>,
}

/// Finds the orders, and has their executions go on.
///
/// # Errors
///
/// Where executions cannot be listed, or the table cannot be read. What was resumed by then goes on.
pub async fn resume(
    system: &System,
    options: &Options,
    interrupt: &Interrupt,
) -> anyhow::Result<Outcome> {
    let mut outcome =
        Outcome { dry_run: options.dry_run, orders: Vec::new(), problems: Vec::new() };
    for end in ENDS {
        let mut pages = system
            .sfn
            .list_executions()
            .state_machine_arn(&system.machine_arn)
            .status_filter(end)
            .max_results(AT_ONCE)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.aws_context(|| "the executions cannot be listed".to_owned())?;
            let young = page.executions.iter().filter(|it| is_young(it, now())).filter_map(lost);
            let is_meant = |it: &Lost| options.order.as_ref().is_none_or(|id| *id == it.order);
            outcome.add(system, young.filter(is_meant).collect(), interrupt).await?;
            if interrupt.asked() {
                break;
            }
        }
    }
    Ok(outcome)
}

impl Outcome {
    /// Resumes those that have no record.
    async fn add(
        &mut self,
        system: &System,
        ended: Vec<Lost>,
        interrupt: &Interrupt,
    ) -> anyhow::Result<()> {
        let ids: Vec<_> = ended.iter().map(|it| it.order.clone()).collect();
        let known = tables::orders(system, &ids).await?;
        let has_record = |it: &Lost| {
            known.items.iter().any(|record| record.order_id == it.order)
                || known.unreadable.iter().any(|record| record.key == it.order.as_str())
        };
        for mut lost in ended.into_iter().filter(|it| !has_record(it)) {
            if interrupt.asked() {
                break;
            }
            if !self.dry_run {
                let arn = system.execution_arn(&lost.order);
                match system.sfn.redrive_execution().execution_arn(arn).send().await {
                    Ok(_) => lost.resumed = true,
                    Err(err) => self.problems.push(format!(
                        "the order {} is not resumed: {}",
                        lost.order,
                        Fault::of(&err)
                    )),
                }
            }
            self.orders.push(lost);
        }
        Ok(())
    }
}

/// Whether Step Functions still has it go on. One whose end is not told may be.
fn is_young(execution: &ExecutionListItem, now: Moment) -> bool {
    let limit = std::time::Duration::from_secs(DAYS * 86_400);
    execution.stop_date.is_none_or(|it| crate::execution::moment(&it) + limit > now)
}

/// An execution that bears an order's id as its name. Others are not this system's.
fn lost(execution: &ExecutionListItem) -> Option<Lost> {
    Some(Lost {
        order: OrderId::try_from(execution.name.clone()).ok()?,
        status: execution.status.as_str().to_owned(),
        stopped_at: execution.stop_date.map(|it| crate::execution::moment(&it).timestamp()),
        resumed: false,
    })
}

/// Does what the command line asks for.
///
/// # Errors
///
/// What went wrong, and what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = System::find(target).await?;
    let interrupt = Interrupt::listen();
    let outcome = resume(&system, options, &interrupt).await?;
    outcome.problems.iter().for_each(|it| warn(it));
    tell(target, &text(&outcome), &outcome)?;
    Ok(interrupt.code(outcome.problems.is_empty()))
}

fn text(outcome: &Outcome) -> String {
    let (all, now) = (outcome.orders.len(), now());
    let resumed = outcome.orders.iter().filter(|it| it.resumed).count();
    let sum = match (all, outcome.dry_run) {
        (0, _) => {
            return "every order of the last 14 days whose execution failed has a record"
                .to_owned();
        }
        (all, true) => format!("{all} without a record would be resumed"),
        (all, false) => format!("{resumed} of {all} without a record are resumed"),
    };
    let rows = outcome.orders.iter().map(|it| {
        let ended = it.stopped_at.as_ref().map_or_else(|| "-".to_owned(), |it| ago(it, now));
        [it.order.to_string(), it.status.clone(), ended]
    });
    format!("{}\n\n{sum}", columns(Some(["order", "execution", "ended"]), rows))
}
