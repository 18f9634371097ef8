//! Failed orders whose messages will become dead letters: SQS first delivers a message as often as `maxReceiveCount` allows, and
//! `fulfill_order` hides it longer after each delivery.

use function_contract::time::Timestamp;
use std::{collections::HashSet, time::Duration};

use contracts::{
    domain::OrderStatus,
    order::{FailedOrder, OrderRecord},
};
use fulfill_order::delay;
use runtime::moment::Moment;
use serde::Serialize;

use super::letter::Filter;
use crate::{
    system::Services,
    tables,
    tell::{now, warn},
};

/// How many failed orders are read, the last changed first.
const LOOKED_AT: usize = 1_000;
/// SQS and Lambda's poller may take this much longer than the sum of the delays.
const LATE: Duration = Duration::from_secs(120);

/// A message that will become a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coming {
    /// The order.
    pub order: String,
    /// The message's id.
    pub message_id: String,
    /// Why the order failed.
    pub reason: Option<String>,
    /// When it should be a dead letter.
    pub due_at: Timestamp,
    /// How many seconds that is from now; 0 if it is due.
    pub seconds: u64,
}

/// Returns the selected messages that will become dead letters. `there` has the messages that are dead letters already.
pub(super) async fn coming(
    system: &Services,
    filter: &Filter,
    there: &HashSet<&str>,
) -> anyhow::Result<Vec<Coming>> {
    let failed = tables::by_status(system, OrderStatus::Failed, LOOKED_AT).await?;
    failed.unreadable.iter().for_each(|it| warn(&it.to_string()));
    let receives = u32::from(system.environment.config().max_receive_count.get());
    let now = now();
    // Do not read the records of orders that failed so long ago that their message has arrived.
    let young = |it: &&OrderRecord| due(it, 1, receives).is_some_and(|due| due + LATE > now);
    let failed: Vec<_> = failed.items.iter().filter(young).collect();
    let keys = failed.iter().map(|it| it.order_id.to_string()).collect();
    let records = tables::failures(system, keys).await?;
    records.unreadable.iter().for_each(|it| warn(&it.to_string()));
    let found = failed.into_iter().filter_map(|it| {
        let record = records.items.iter().find(|record| record.order_id == it.order_id.as_str());
        of(it, record, receives, now)
    });
    let mut found: Vec<_> = found
        .filter(|it| !there.contains(it.message_id.as_str()))
        .filter(|it| filter.means(std::slice::from_ref(&it.order), it.reason.as_deref()))
        .collect();
    found.sort_by(|a, b| a.due_at.cmp(&b.due_at));
    Ok(found)
}

fn of(
    order: &OrderRecord,
    record: Option<&FailedOrder>,
    receives: u32,
    now: Moment,
) -> Option<Coming> {
    let due = due(order, record.map_or(1, |it| it.receive_count), receives)?;
    (due + LATE > now).then(|| Coming {
        order: order.order_id.to_string(),
        message_id: order.dead_letter.clone().unwrap_or_default(),
        reason: order.failure_reason.clone(),
        due_at: due.timestamp(),
        // A time before now counts as now.
        seconds: due.since(now).as_secs(),
    })
}

/// Returns when the last delay of a message ends, if its order failed at the delivery with number `failed_at`. `None` if the
/// order has no such message.
fn due(order: &OrderRecord, failed_at: u32, receives: u32) -> Option<Moment> {
    let message = order.dead_letter.as_deref()?;
    let failed = Moment::parse(order.failure_timestamp.as_ref()?)?;
    let hidden = (failed_at.max(1)..=receives).map(|it| u64::from(delay::seconds(message, it)));
    Some(failed + Duration::from_secs(hidden.sum()))
}

#[cfg(test)]
mod tests {
    use contracts::domain::ValidationStatus;

    use super::*;

    const FAILED: u64 = 1_753_016_788_324;

    fn order(dead_letter: Option<&str>) -> OrderRecord {
        let at = Moment::from_millis(FAILED).timestamp();
        OrderRecord {
            order_id: "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned().try_into().unwrap(),
            customer_id: "CUST-1234".into(),
            product_id: "PROD-1234".into(),
            quantity: 1,
            price: 1.into(),
            total_amount: None,
            status: OrderStatus::Failed,
            created_at: at.clone(),
            updated_at: at.clone(),
            validation_status: ValidationStatus::Valid,
            metadata: None,
            fulfillment_details: None,
            failure_reason: Some("FulfillmentFailed".to_owned()),
            failure_timestamp: Some(at),
            error_message: None,
            expires_at: None,
            round: 0,
            dead_letter: dead_letter.map(str::to_owned),
        }
    }

    fn record(receive_count: u32) -> FailedOrder {
        FailedOrder {
            order_id: "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned(),
            original_timestamp: None,
            failed_timestamp: Moment::from_millis(FAILED).timestamp(),
            receive_count,
            failure_reason: "FulfillmentFailed".to_owned(),
            error_message: None,
            raw_body: None,
        }
    }

    /// The delays begin with 20 seconds and double, and a jitter makes each up to half as long again.
    #[test]
    fn a_message_is_a_dead_letter_when_its_last_delay_is_over() {
        fn check(failed_at: u32, receives: u32, range: std::ops::RangeInclusive<u64>) {
            let now = Moment::from_millis(FAILED);
            let found = of(&order(Some("m1")), Some(&record(failed_at)), receives, now).unwrap();
            assert!(range.contains(&found.seconds), "{failed_at} of {receives}: {found:?}");
        }
        check(1, 3, 140..=210);
        check(2, 3, 120..=180);
        check(3, 3, 80..=120);
        check(1, 5, 620..=930);
    }

    #[test]
    fn past_messages_and_orders_without_a_message_are_left_out() {
        fn check(dead_letter: Option<&str>, seconds_later: u64, comes: Option<bool>) {
            let now = Moment::from_millis(FAILED) + Duration::from_secs(seconds_later);
            let found = of(&order(dead_letter), Some(&record(1)), 3, now);
            assert_eq!(found.map(|it| it.seconds > 0), comes, "{dead_letter:?} {seconds_later}");
        }
        check(Some("m1"), 0, Some(true));
        check(Some("m1"), 211, Some(false));
        check(Some("m1"), 211 + LATE.as_secs(), None);
        check(None, 0, None);
    }
}
