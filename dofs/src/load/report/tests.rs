//! Reports of orders with every result.

use std::time::Duration;

use contracts::domain::ValidationStatus;
use serde_json::Value;

use super::*;
use crate::{api::Refused, burst::place::Placed};

fn id(number: usize) -> OrderId {
    format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}").try_into().unwrap()
}

fn record(number: usize, status: OrderStatus) -> OrderRecord {
    let taken = Moment::from_millis(1_753_016_788_324 + 20 * number as u64);
    OrderRecord {
        order_id: id(number),
        customer_id: "CUST-1234".into(),
        product_id: "PROD-1234".into(),
        quantity: 1,
        price: 1.into(),
        total_amount: None,
        status,
        created_at: taken.timestamp(),
        updated_at: (taken + Duration::from_millis(300 + number as u64)).timestamp(),
        validation_status: ValidationStatus::Valid,
        metadata: None,
        fulfillment_details: None,
        failure_reason: None,
        failure_timestamp: None,
        error_message: None,
        expires_at: None,
        round: 0,
        dead_letter: None,
    }
}

/// The order whose execution runs, if it was accepted and has no record.
const RUNNING: usize = 3;
/// The order whose execution could not be read, if it was accepted and has no record.
const UNKNOWN: usize = 4;

/// Returns a report of one order for each status in `ends`, where `None` is an order without a record. `valid` returns
/// whether the order at an index is valid. The report also has `refused` orders that the API refused.
fn of(ends: &[Option<OrderStatus>], valid: impl Fn(usize) -> bool, refused: usize) -> Report {
    let taken = ends.iter().enumerate().map(|(number, _)| Ok(id(number)));
    let not = (0..refused).map(|_| Err(Refused::Nobody("?".to_owned())));
    let placed = taken.chain(not).enumerate().map(|(number, outcome)| Placed {
        number,
        late: Duration::from_millis(1),
        call: Duration::from_millis(30 + number as u64),
        answered_after: Duration::from_millis(40 + number as u64),
        throttled: 0,
        errors: outcome.as_ref().err().map(Refused::kind).into_iter().collect(),
        outcome,
    });
    let placed: Vec<_> = placed.collect();
    let records = ends.iter().enumerate();
    let records = records.filter_map(|(it, status)| Some((id(it), record(it, (*status)?))));
    let orders: Vec<_> =
        (0..placed.len()).map(|it| RandomOrder { body: Value::Null, valid: valid(it) }).collect();
    let burst = Burst {
        took: Duration::from_secs(1),
        records: records.collect(),
        running: BTreeSet::from([id(RUNNING)]),
        unknown: BTreeSet::from([id(UNKNOWN)]),
        problem: None,
        placed,
    };
    let asked = Asked {
        environment: Environment::Dev,
        began_at: Moment::from_millis(0).timestamp(),
        count: orders.len(),
        rate: Rate::new(50.0).unwrap(),
        seed: 1,
        invalid_percent: 0,
        timeout_seconds: 600,
    };
    Report::of(asked, &orders, &burst, false)
}

/// Returns a report of `orders` orders, of which seven in ten were fulfilled.
pub(in crate::load) fn report(orders: usize) -> Report {
    let end = |it| if it % 10 < 7 { OrderStatus::Fulfilled } else { OrderStatus::Failed };
    of(&(0..orders).map(|it| Some(end(it))).collect::<Vec<_>>(), |_| true, 0)
}

#[test]
fn every_order_is_accounted_for() {
    use OrderStatus::{Failed, Fulfilled, Processing, Rejected};
    fn check(ends: &[Option<OrderStatus>], refused: usize, expected: [usize; 8], good: bool) {
        let it = of(ends, |_| true, refused);
        let (lost, processing) = (it.lost.len(), it.processing.len());
        let (unknown, misjudged) = (it.unknown.len(), it.misjudged.len());
        let (ended, not_taken) = ([it.fulfilled, it.failed, it.rejected], it.not_taken);
        let [fulfilled, failed, rejected] = ended;
        let found = [fulfilled, failed, rejected, processing, lost, unknown, misjudged, not_taken];
        assert_eq!((found, it.good()), (expected, good), "{ends:?}");
        assert_eq!(it.accepted, ends.len());
        assert_eq!(it.errors.values().sum::<usize>(), refused);
    }
    check(&[], 0, [0; 8], true);
    check(&[Some(Fulfilled), Some(Failed), Some(Fulfilled)], 0, [2, 1, 0, 0, 0, 0, 0, 0], true);
    // An order with an undecided record or a running execution is not lost.
    check(&[Some(Fulfilled), Some(Processing), None, None], 0, [1, 0, 0, 2, 1, 0, 0, 0], false);
    check(&[Some(Rejected)], 0, [0, 0, 1, 0, 0, 0, 1, 0], false);
    check(&[Some(Fulfilled)], 2, [1, 0, 0, 0, 0, 0, 0, 2], false);
    // An order that could not be read is neither lost nor good.
    let one_unknown = [Some(Fulfilled), Some(Fulfilled), Some(Failed), Some(Failed), None];
    check(&one_unknown, 0, [2, 2, 0, 0, 0, 1, 0, 0], false);
}

#[test]
fn what_is_still_processing_is_not_called_lost() {
    let mut it = of(&[None], |_| true, 0);
    it.processing.append(&mut it.lost);
    let text = crate::load::text::text(&it, "");
    assert!(text.contains("still processing  1"), "{text}");
    assert!(text.contains("after 600 s; the system continues with them"), "{text}");
    assert!(text.contains("lost              0"), "{text}");
}

#[test]
fn accepted_invalid_orders_are_reported() {
    use OrderStatus::{Failed, Fulfilled, Rejected};
    fn check(end: OrderStatus, valid: bool, misjudged: usize) {
        assert_eq!(of(&[Some(end)], |_| valid, 0).misjudged.len(), misjudged, "{end:?}");
    }
    check(Rejected, false, 0);
    check(Fulfilled, false, 1);
    check(Failed, false, 1);
    check(Failed, true, 0);
}

#[test]
fn latencies_come_from_the_records() {
    let it = report(100);
    assert_eq!(it.order_to_end.unwrap().p50_ms, 349.0);
    assert_eq!(it.call.unwrap().max_ms, 129.0);
    assert_eq!(it.until_taken.unwrap().max_ms, 139.0);
    assert_eq!(it.samples.ends.last().unwrap().taken_after, 99.0 * 0.02);
    assert!(it.fulfilment.unwrap().allows(it.configured));
}
