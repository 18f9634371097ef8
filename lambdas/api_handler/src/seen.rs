//! Where an order is known: the table, or what Step Functions shows of its execution.
//!
//! The table is asked first, for a while: nearly every order has its record within that, and DynamoDB answers as often
//! as it is asked. An account may call DescribeExecution ten times a second in most regions, which is less than the
//! orders that the API takes; and anybody may ask for ids that no order has. So Step Functions is asked once for each
//! request, and late. StartExecution is consistent, and DescribeExecution is not: it may not know of an execution that
//! has just started, and AWS names no time within which it does. By then it nearly always knows.
//!
//! - <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
//! - <https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html>

use std::time::Duration;

use contracts::{
    api::SEEN_WITHIN,
    domain::OrderId,
    order::{OrderRecord, OrderSubmitted},
};
use runtime::{
    machine::{Started, machine},
    moment::Moment,
    port::{ExecutionStatus, Fault, Outside},
    table::table,
};

use crate::ApiHandler;

/// Between one read of the table and the next, before Step Functions is asked.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(200), Duration::from_millis(400)];

/// Before the last read, where Step Functions shows nothing. A client waits a second and a half in all.
const LAST: Duration = Duration::from_millis(800);

/// For the calls between the pauses: five reads of the table, and one of Step Functions.
const CALLS: Duration = Duration::from_millis(100);

// The concurrency that is reserved for this function follows from it.
const _: () = {
    let [first, second, third] = PAUSES;
    let pauses = first.as_millis() + second.as_millis() + third.as_millis() + LAST.as_millis();
    assert!(pauses + CALLS.as_millis() == SEEN_WITHIN.as_millis());
};

/// What may follow a pause before the answer at the worst: Step Functions, and a read of the table, three seconds each.
const AFTER: Duration = Duration::from_secs(6);

/// What is known of an order.
pub(crate) enum Seen {
    /// Its record.
    Record(Box<OrderRecord>),
    /// No record: its execution runs, or ended without one that is still there.
    Execution(Started<OrderSubmitted>),
}

impl Seen {
    /// Whether it was rejected, and its record has expired: an execution that ends well leaves a record, and no other kind
    /// of record is ever deleted.
    pub(crate) fn has_expired(&self) -> bool {
        matches!(self, Seen::Execution(it) if it.status == ExecutionStatus::Succeeded)
    }
}

impl<W: Outside> ApiHandler<W> {
    /// What is known of an order within a second and a half; `None` where nothing is.
    pub(crate) async fn seen(
        &self,
        order_id: &OrderId,
        deadline: Moment,
    ) -> Result<Option<Seen>, Fault> {
        let orders = table(&self.world, &self.env.orders);
        let record = async || {
            let record = orders.get(order_id).await?;
            Ok::<_, Fault>(record.map(|it| Seen::Record(Box::new(it))))
        };
        let in_time = |pause: &Duration| self.world.now() + *pause + AFTER <= deadline;
        let mut pauses = PAUSES.into_iter();
        loop {
            if let Some(record) = record().await? {
                return Ok(Some(record));
            }
            match pauses.next().filter(in_time) {
                Some(pause) => self.world.sleep(pause).await,
                None => break,
            }
        }
        let started = machine(&self.world, &self.env.order_machine).describe(order_id.as_str());
        let started = started.await.map_err(|fault| self.counted(fault, order_id))?;
        match &started {
            Some(it) if it.status == ExecutionStatus::Running => {
                return Ok(started.map(Seen::Execution));
            }
            None if in_time(&LAST) => self.world.sleep(LAST).await,
            _ => (),
        }
        // It has ended, or is not shown. Meanwhile it may have written its record.
        Ok(record().await?.or(started.map(Seen::Execution)))
    }
}

#[cfg(test)]
mod tests;
