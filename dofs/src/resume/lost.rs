//! Finds orders without a record whose executions have ended.

use function_contract::time::Timestamp;
use std::{collections::HashSet, time::Duration};

use anyhow::bail;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use contracts::domain::OrderId;
use indicatif::ProgressBar;
use runtime::moment::Moment;
use serde::Serialize;

use super::{
    look::judge,
    pace::{LISTS, Pace},
};
use crate::{
    aws::AwsContext as _,
    execution,
    system::Services,
    tables,
    tell::{now, word},
};

/// The statuses of executions that did not succeed. TIMED_OUT comes first: it is the typical status after an outage. FAILED
/// comes last, because these executions have to be read.
const ENDS: [ExecutionStatus; 3] =
    [ExecutionStatus::TimedOut, ExecutionStatus::Aborted, ExecutionStatus::Failed];
/// The largest number of executions in one page.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html>
const AT_ONCE: i32 = 1_000;
/// How long after its end Step Functions can redrive an execution. `ListExecutions` also returns older ones, without saying
/// whether they are redrivable.
const REDRIVABLE: Duration = Duration::from_secs(14 * 86_400);

/// An order that has no record although its execution has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The order.
    pub order: OrderId,
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// When the execution ended.
    pub stopped_at: Option<Timestamp>,
    /// The state in which it failed, if it was read.
    pub state: Option<String>,
    /// The error with which it failed.
    pub error: Option<String>,
    /// Whether a redrive can help; `None` if the execution was not read.
    pub redrivable: Option<bool>,
    /// Why it cannot be, or was not, redriven.
    pub reason: Option<String>,
    /// Whether its execution was redriven.
    pub redriven: bool,
}

impl Lost {
    /// An execution that timed out or was stopped did not fail in its state, so a redrive can help it. For a failed one, `look`
    /// decides later.
    fn of(order: OrderId, status: &ExecutionStatus, stopped_at: Option<Timestamp>) -> Self {
        Lost {
            order,
            status: status.as_str().to_owned(),
            stopped_at,
            state: None,
            error: None,
            redrivable: (*status != ExecutionStatus::Failed).then_some(true),
            reason: None,
            redriven: false,
        }
    }

    /// Records why a redrive cannot help.
    pub(super) fn refuse(&mut self, why: String) {
        self.redrivable = Some(false);
        self.reason = Some(why);
    }

    /// Whether its end is recent enough for a redrive, or unknown.
    fn is_young(&self, now: Moment) -> bool {
        let stopped = self.stopped_at.as_ref().and_then(Moment::parse);
        stopped.is_none_or(|it| it + REDRIVABLE > now)
    }
}

/// The orders that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The orders. Those whose executions were stopped are included only with --aborted.
    pub orders: Vec<Lost>,
    /// How many were left out, because their executions were stopped.
    pub aborted: usize,
    /// Why the list may be incomplete.
    pub problem: Option<String>,
}

/// Finds the orders of the last 14 days. It reads the whole list before the first redrive, because a redriven execution leaves
/// the list, which would shift the pages.
pub(super) async fn all(system: &Services, aborted: bool) -> anyhow::Result<Found> {
    let mut found = Found::default();
    if let Err(err) = list(system, aborted, &mut found).await {
        if found.orders.is_empty() {
            return Err(err);
        }
        found.problem = Some(format!("not all executions could be listed: {err:#}"));
    }
    Ok(found)
}

async fn list(system: &Services, aborted: bool, found: &mut Found) -> anyhow::Result<()> {
    let pace = Pace::new(LISTS);
    let bar = ProgressBar::new_spinner();
    let mut seen = 0;
    for end in ENDS {
        let leave_out = end == ExecutionStatus::Aborted && !aborted;
        let mut pages = system
            .sfn
            .list_executions()
            .state_machine_arn(&system.machine_arn)
            .status_filter(end)
            .max_results(AT_ONCE)
            .into_paginator()
            .send();
        loop {
            pace.turn().await;
            let Some(page) = pages.next().await else { break };
            let page = page.aws_context(|| "the executions cannot be listed".to_owned())?;
            seen += page.executions.len();
            bar.set_message(format!("{seen} executions that did not succeed"));
            let young = page.executions.iter().filter_map(listed).filter(|it| it.is_young(now()));
            let unrecorded = unrecorded(system, young.collect()).await?;
            match leave_out {
                true => found.aborted += unrecorded.len(),
                false => found.orders.extend(unrecorded),
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Returns the order of an execution, if its name is an order's id. Other executions were not started by this system.
fn listed(execution: &ExecutionListItem) -> Option<Lost> {
    let order = OrderId::try_from(execution.name.clone()).ok()?;
    let stopped_at = execution.stop_date.map(|it| execution::moment(&it).timestamp());
    Some(Lost::of(order, &execution.status, stopped_at))
}

/// Keeps the orders that have no record. A record that this version cannot parse counts as a record.
async fn unrecorded(system: &Services, ended: Vec<Lost>) -> anyhow::Result<Vec<Lost>> {
    let ids: Vec<_> = ended.iter().map(|it| it.order.clone()).collect();
    let known = tables::orders(system, &ids).await?;
    let records = known.items.iter().map(|it| it.order_id.as_str());
    let records: HashSet<_> =
        records.chain(known.unreadable.iter().map(|it| it.key.as_str())).collect();
    Ok(ended.into_iter().filter(|it| !records.contains(it.order.as_str())).collect())
}

/// Finds the order that the options name.
pub(super) async fn named(
    system: &Services,
    order: &OrderId,
    aborted: bool,
) -> anyhow::Result<Found> {
    if let Some(record) = tables::order(system, order).await? {
        bail!(
            "the order {order} is not resumed: it has a record, with the status {}",
            word(record.status)
        );
    }
    let none = format!("the order {order} has no failed execution");
    let Some(found) = execution::of(system, order).await? else {
        bail!("{none} and no record\n  fix: check the id and the environment (--env)");
    };
    let Some(end) = ENDS.iter().find(|it| it.as_str() == found.status) else {
        bail!("{none}: the status of its execution is {}", found.status);
    };
    if *end == ExecutionStatus::Aborted && !aborted {
        bail!(
            "the order {order} is not resumed: its execution was stopped (ABORTED)\n  \
             fix: to continue it anyway, add --aborted"
        );
    }
    let mut lost = Lost::of(order.clone(), end, found.stopped_at.clone());
    judge(system, &mut lost, found).await?;
    Ok(Found { orders: vec![lost], ..Found::default() })
}
