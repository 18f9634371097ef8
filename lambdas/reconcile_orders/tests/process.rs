//! Runs the real binary with Lambda's runtime API and an emulator of AWS.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use contracts::{
    domain::{OrderId, OrderStatus},
    order::OrderRecord,
};
use host::{Answer, Function, aws::Aws};
use runtime::moment::Moment;
use serde_json::{Value, json};

/// The deadline of a PROCESSING order in minutes.
const DEADLINE: u64 = 30;

fn start() -> (Aws, Function) {
    let aws = Aws::new(env!("CARGO_TARGET_TMPDIR"));
    let deadline = DEADLINE.to_string();
    let variables = [("PROCESSING_DEADLINE_MINUTES", &*deadline)];
    let function = aws.start(env!("CARGO_BIN_EXE_reconcile_orders"), &variables);
    (aws, function)
}

fn order_id(number: usize) -> OrderId {
    format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}").try_into().unwrap()
}

/// Writes an order that last changed this many minutes ago.
fn put(aws: &Aws, number: usize, status: OrderStatus, minutes: u64) -> OrderRecord {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = Moment::from_millis(now.as_millis().try_into().unwrap());
    let at = now.before(Duration::from_secs(minutes * 60)).timestamp();
    let record = json!({
        "order_id": order_id(number), "customer_id": "CUST-1234", "product_id": "PROD-1234",
        "quantity": 2, "price": 29.99, "total_amount": 59.98, "status": status, "created_at": at,
        "updated_at": at, "validation_status": "VALID", "metadata": null,
        "fulfillment_details": null, "failure_reason": null, "failure_timestamp": null,
        "error_message": null, "expires_at": null, "round": 0, "dead_letter": null,
    });
    let record = serde_json::from_value(record).unwrap();
    aws.orders().put(&record);
    record
}

#[track_caller]
fn tick(function: &mut Function) {
    // The event that EventBridge Scheduler sends.
    assert_eq!(function.invoke(&json!({})), Answer::Response(Value::Null));
}

/// Returns the orders that a metric has counted so far.
fn counted(function: &Function, metric: &str) -> Vec<String> {
    let counted = function.output().counted(metric);
    counted.iter().map(|it| it["order_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_order_past_its_deadline_is_closed_once() {
    let (aws, mut function) = start();
    let late = put(&aws, 1, OrderStatus::Processing, DEADLINE + 1);
    let others = [
        put(&aws, 2, OrderStatus::Processing, DEADLINE - 1),
        put(&aws, 3, OrderStatus::Processing, 0),
        put(&aws, 4, OrderStatus::Fulfilled, DEADLINE + 1),
        put(&aws, 5, OrderStatus::Failed, DEADLINE + 1),
        put(&aws, 6, OrderStatus::Rejected, DEADLINE + 1),
    ];
    tick(&mut function);

    let closed = aws.orders().get(&late.order_id).unwrap();
    let failed_at = closed.failure_timestamp.clone().unwrap();
    let expected = OrderRecord {
        status: OrderStatus::Failed,
        updated_at: failed_at.clone(),
        failure_reason: Some("ProcessingDeadlinePassed".to_owned()),
        failure_timestamp: Some(failed_at.clone()),
        error_message: Some("the order was not decided within 30 minutes".into()),
        ..late.clone()
    };
    assert_eq!(closed, expected);
    let failed = aws.failed_orders().all();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].order_id, late.order_id.as_str());
    assert_eq!(failed[0].failed_timestamp, failed_at);
    assert_eq!(failed[0].original_timestamp, Some(late.created_at));
    assert_eq!(failed[0].failure_reason, "ProcessingDeadlinePassed");
    for other in &others {
        assert_eq!(aws.orders().get(&other.order_id).as_ref(), Some(other));
    }
    for metric in ["OrdersStuck", "OrdersFailed"] {
        assert_eq!(counted(&function, metric), [late.order_id.as_str()], "{}", function.output());
    }
    let said = function.output().said("the order was not decided in time");
    assert_eq!(said[0]["order_id"], late.order_id.as_str());
    assert_eq!(said[0]["span"]["request_id"], function.request_id());

    tick(&mut function);
    assert_eq!(aws.orders().get(&late.order_id), Some(closed));
    assert_eq!(aws.failed_orders().all(), failed);
    for metric in ["OrdersStuck", "OrdersFailed"] {
        assert_eq!(counted(&function, metric).len(), 1, "{}", function.output());
    }
}

#[test]
fn every_page_is_closed() {
    let (aws, mut function) = start();
    let late: BTreeSet<String> = (0..60)
        .map(|it| put(&aws, it, OrderStatus::Processing, DEADLINE + 60).order_id.to_string())
        .collect();
    tick(&mut function);
    let failed = aws.failed_orders().all();
    assert_eq!(failed.iter().map(|it| it.order_id.clone()).collect::<BTreeSet<_>>(), late);
    assert!(aws.orders().all().iter().all(|it| it.status == OrderStatus::Failed));
    let stuck = counted(&function, "OrdersStuck");
    assert_eq!(stuck.len(), 60);
    assert_eq!(stuck.into_iter().collect::<BTreeSet<_>>(), late);
    let said = function.output().said("orders past their deadline were closed");
    assert_eq!(said[0]["closed"], 60, "{}", function.output());
}

#[test]
fn an_unreadable_order_is_logged_and_not_changed() {
    let (aws, mut function) = start();
    let late = put(&aws, 1, OrderStatus::Processing, DEADLINE + 1);
    let unreadable = put(&aws, 2, OrderStatus::Processing, DEADLINE + 2);
    let mut record = serde_json::to_value(&unreadable).unwrap();
    record["validation_status"] = json!("of another version");
    aws.orders().put_json(record);
    let answer = function.invoke(&json!({}));
    assert!(matches!(&answer, Answer::Error { .. }), "{answer:?}");

    let failed = aws.failed_orders().all();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].order_id, late.order_id.as_str());
    let said =
        function.output().said("the order's record cannot be read; the order stays PROCESSING");
    assert_eq!(said.len(), 1, "{}", function.output());
    assert_eq!(said[0]["level"], "ERROR");
    assert_eq!(said[0]["order_id"], unreadable.order_id.as_str());
}

#[test]
fn any_event_of_the_scheduler_is_accepted() {
    let (_aws, mut function) = start();
    let mut check = |event: Value| {
        assert_eq!(function.invoke(&event), Answer::Response(Value::Null));
    };
    check(json!({}));
    check(json!({
        "version": "0", "id": "53dc4d37", "detail-type": "Scheduled Event",
        "source": "aws.scheduler", "time": "2025-07-20T13:06:28Z", "resources": [], "detail": "{}",
    }));
}
