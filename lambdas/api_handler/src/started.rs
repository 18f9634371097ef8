//! What Step Functions shows of an order's execution.
//!
//! StartExecution is consistent, and DescribeExecution is not: it may not know of an execution that has just started,
//! and AWS names no time within which it does. Nearly always it knows at once.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html>

use std::time::Duration;

use contracts::{domain::OrderId, order::OrderSubmitted};
use runtime::{
    machine::{Started, machine},
    moment::Moment,
    port::{Fault, Outside},
};

use crate::ApiHandler;

/// Between one look and the next. A second and a half in all: a client waits for this.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// What may follow a pause before the answer at the worst: a look, and a read of the table, three seconds each.
const AFTER: Duration = Duration::from_secs(6);

impl<W: Outside> ApiHandler<W> {
    /// The order's execution, as soon as Step Functions shows it; `None` where it shows none for a while.
    pub(crate) async fn started(
        &self,
        order_id: &OrderId,
        deadline: Moment,
    ) -> Result<Option<Started<OrderSubmitted>>, Fault> {
        let machine = machine(&self.world, &self.env.order_machine);
        let mut pauses = PAUSES.into_iter();
        loop {
            let started = machine.describe(order_id.as_str()).await;
            let started = started.map_err(|fault| self.counted(fault, order_id))?;
            let in_time = |pause: &Duration| self.world.now() + *pause + AFTER <= deadline;
            match pauses.next().filter(in_time) {
                Some(pause) if started.is_none() => self.world.sleep(pause).await,
                _ => return Ok(started),
            }
        }
    }
}
