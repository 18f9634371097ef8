//! Finds an order by its record in the table or by its execution.
//!
//! First, the function reads the table several times: nearly every order gets its record in this time, and DynamoDB has
//! no tight limit on reads. In most regions, an account may call DescribeExecution only ten times a second. The API
//! accepts more orders than that, and anybody can ask for ids that do not exist. So each request calls Step Functions
//! once, and late. StartExecution is strongly consistent, but DescribeExecution is not: it may not find an execution
//! that has just started, and AWS states no time after which it does. At the time of the call, it nearly always does.
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

/// The pauses between the reads of the table, before the call of Step Functions.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(200), Duration::from_millis(400)];

/// The pause before the last read, if Step Functions does not find the execution. All pauses together take 1.5 seconds.
const LAST: Duration = Duration::from_millis(800);

/// The time for the calls between the pauses: five reads of the table, and one call of Step Functions.
const CALLS: Duration = Duration::from_millis(100);

// The topology computes the reserved concurrency of this function from `SEEN_WITHIN`.
const _: () = {
    let [first, second, third] = PAUSES;
    let pauses = first.as_millis() + second.as_millis() + third.as_millis() + LAST.as_millis();
    assert!(pauses + CALLS.as_millis() == SEEN_WITHIN.as_millis());
};

/// The longest time of the calls after a pause: Step Functions and a read of the table, three seconds each.
const AFTER: Duration = Duration::from_secs(6);

/// The data found about an order.
pub(crate) enum Seen {
    /// The order's record.
    Record(Box<OrderRecord>),
    /// The order has no record. Its execution runs, or it ended and its record does not exist.
    Execution(Started<OrderSubmitted>),
}

impl Seen {
    /// Whether the order was rejected and its record has expired. An execution that succeeds always writes a record,
    /// and only records of rejected orders are ever deleted.
    pub(crate) fn has_expired(&self) -> bool {
        matches!(self, Seen::Execution(it) if it.status == ExecutionStatus::Succeeded)
    }
}

impl<W: Outside> ApiHandler<W> {
    /// Finds an order, with pauses of up to 1.5 seconds in all. Returns `None` if it is not found.
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
        // The execution has ended or was not found. It may have written its record in the meantime.
        Ok(record().await?.or(started.map(Seen::Execution)))
    }
}

#[cfg(test)]
mod tests;
