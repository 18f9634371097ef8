//! Orders without a record, whose executions have ended.

use std::time::Duration;

use anyhow::bail;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use contracts::domain::{OrderId, Timestamp};
use runtime::moment::Moment;
use serde::Serialize;

use crate::{
    aws::AwsContext as _,
    execution::{self, Kind},
    system::Services,
    tables,
    tell::{ago, now, word},
};

/// How executions end that have not ended well.
const ENDS: [ExecutionStatus; 3] =
    [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted];
/// As many as Step Functions lists at once.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html>
const AT_ONCE: i32 = 1_000;
/// For so long after its end Step Functions redrives an execution.
const REDRIVABLE: Duration = Duration::from_secs(14 * 86_400);

/// An order that has no record, and whose execution has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The order.
    pub order: OrderId,
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// The state in which it ended; `None` where it came to none.
    pub state: Option<String>,
    /// Whether a redrive can lead it anywhere.
    pub redrivable: bool,
    /// Whether its execution was redriven.
    pub redriven: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The orders, with those whose executions were stopped if they are asked for.
    pub orders: Vec<Lost>,
    /// How many are left out, since somebody stopped their executions.
    pub aborted: usize,
}

/// Those of the last 14 days.
pub(super) async fn all(system: &Services, aborted: bool) -> anyhow::Result<Found> {
    let mut found = Found { orders: Vec::new(), aborted: 0 };
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
        while let Some(page) = pages.next().await {
            let page = page.aws_context(|| "the executions cannot be listed".to_owned())?;
            let young = page.executions.iter().filter_map(ended).filter(|it| it.is_young(now()));
            let unrecorded = unrecorded(system, young.collect()).await?;
            if leave_out {
                found.aborted += unrecorded.len();
                continue;
            }
            for it in unrecorded {
                found.orders.push(it.lost(system).await?);
            }
        }
    }
    Ok(found)
}

/// One that was named, or why it is none of those.
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
    let none = format!("no failed execution of the last 14 days bears the name {order}");
    let Some(found) = execution::of(system, order).await? else {
        bail!("{none}, and no record\n  fix: see whether the id and the environment are right");
    };
    let ended = Ended { order: order.clone(), status: found.status, stopped_at: found.stopped_at };
    if !ENDS.iter().any(|it| it.as_str() == ended.status) {
        bail!("{none}: its execution is {}", ended.status);
    }
    if !ended.is_young(now()) {
        let ended = ended.stopped_at.map_or_else(|| "earlier".to_owned(), |it| ago(&it, now()));
        bail!(
            "{none}: its execution ended {ended}, and Step Functions redrives none after that time\n  \
             fix: place the order again, from the input of its execution: docs/operating.md"
        );
    }
    if ended.status == ExecutionStatus::Aborted.as_str() && !aborted {
        bail!(
            "the order {order} is not resumed: somebody stopped its execution (ABORTED)\n  \
             fix: resume it with --aborted, if it is to go on after all"
        );
    }
    Ok(Found { orders: vec![ended.lost(system).await?], aborted: 0 })
}

/// Those that have no record. One that this version cannot read is a record.
async fn unrecorded(system: &Services, ended: Vec<Ended>) -> anyhow::Result<Vec<Ended>> {
    let ids: Vec<_> = ended.iter().map(|it| it.order.clone()).collect();
    let known = tables::orders(system, &ids).await?;
    let has_record = |it: &Ended| {
        known.items.iter().any(|record| record.order_id == it.order)
            || known.unreadable.iter().any(|record| record.key == it.order.as_str())
    };
    Ok(ended.into_iter().filter(|it| !has_record(it)).collect())
}

/// An execution that has ended.
struct Ended {
    order: OrderId,
    status: String,
    stopped_at: Option<Timestamp>,
}

/// An execution that bears an order's id as its name. Others are not this system's.
fn ended(execution: &ExecutionListItem) -> Option<Ended> {
    Some(Ended {
        order: OrderId::try_from(execution.name.clone()).ok()?,
        status: execution.status.as_str().to_owned(),
        stopped_at: execution.stop_date.map(|it| execution::moment(&it).timestamp()),
    })
}

impl Ended {
    /// Whether Step Functions still redrives it. One whose end is not told may be.
    fn is_young(&self, now: Moment) -> bool {
        let stopped = self.stopped_at.as_ref().and_then(Moment::parse);
        stopped.is_none_or(|it| it + REDRIVABLE > now)
    }

    /// With the state in which it ended.
    async fn lost(self, system: &Services) -> anyhow::Result<Lost> {
        let state = execution::last_state(system, &self.order).await?;
        Ok(Lost {
            redrivable: state.as_ref().is_some_and(|it| is_redrivable(&self.status, it.kind)),
            state: state.map(|it| it.name),
            order: self.order,
            status: self.status,
            stopped_at: self.stopped_at,
            redriven: false,
        })
    }
}

/// Whether a redrive can lead anywhere. A Task is tried again. A Fail state only fails again, and so does any other state
/// that failed, since its definition and its input are the same as before. An execution that was stopped or has timed out in
/// one did not fail there.
fn is_redrivable(status: &str, kind: Kind) -> bool {
    match kind {
        Kind::Task => true,
        Kind::Fail => false,
        Kind::Other => status != ExecutionStatus::Failed.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_only_fail_again_is_not_redriven() {
        fn check(status: &str, kind: Kind, expected: bool) {
            assert_eq!(is_redrivable(status, kind), expected, "{status} in {kind:?}");
        }
        for status in ["FAILED", "TIMED_OUT", "ABORTED"] {
            check(status, Kind::Task, true);
            check(status, Kind::Fail, false);
        }
        check("FAILED", Kind::Other, false);
        check("TIMED_OUT", Kind::Other, true);
        check("ABORTED", Kind::Other, true);
    }
}
