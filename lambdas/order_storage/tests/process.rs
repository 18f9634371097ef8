//! Runs the real binary with Lambda's runtime API and an emulator of AWS.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use contracts::{
    domain::{OrderId, OrderStatus},
    order::OrderRecord,
};
use host::{Function, TRACE, aws::Aws};
use serde_json::{Value, json};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const SUBMITTED: &str = "2025-07-20T13:06:28.324Z";

fn start() -> (Aws, Function) {
    let aws = Aws::new(env!("CARGO_TARGET_TMPDIR"));
    let function = aws.start(env!("CARGO_BIN_EXE_order_storage"), &[]);
    (aws, function)
}

fn order_id() -> OrderId {
    ORDER.to_owned().try_into().unwrap()
}

/// A valid order, with changes to these fields.
fn order(but: Value) -> Value {
    let mut order = json!({
        "orderId": ORDER, "customerId": "CUST-1234", "productId": "PROD-1234", "quantity": 2,
        "price": 29.99, "totalAmount": 59.98, "metadata": { "gift": "für dich 🎁" },
        "submittedAt": SUBMITTED,
    });
    for (name, value) in but.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

/// Checks that every message on the queue is for this order, and returns their number.
#[track_caller]
fn messages(aws: &Aws) -> usize {
    let messages = aws.messages();
    for message in &messages {
        let body: Value = serde_json::from_str(&message.body).unwrap();
        assert_eq!(body, json!({ "orderId": ORDER, "submittedAt": SUBMITTED }));
    }
    messages.len()
}

#[test]
fn an_order_is_stored_and_put_on_the_queue() {
    let (aws, mut function) = start();
    let answer = function.invoke(&order(json!({}))).response();
    assert_eq!(answer, json!({ "orderId": ORDER, "status": "PROCESSING" }));
    assert_eq!(messages(&aws), 1);
    let mut record = serde_json::to_value(aws.orders().get(&order_id()).unwrap()).unwrap();
    let updated_at = record["updated_at"].take();
    assert!(updated_at.as_str().unwrap() > SUBMITTED, "{updated_at}");
    assert_eq!(
        record,
        json!({
            "order_id": ORDER, "customer_id": "CUST-1234", "product_id": "PROD-1234",
            "quantity": 2, "price": 29.99, "total_amount": 59.98, "status": "PROCESSING",
            "created_at": SUBMITTED, "updated_at": null, "validation_status": "VALID",
            "metadata": { "gift": "für dich 🎁" }, "fulfillment_details": null,
            "failure_reason": null, "failure_timestamp": null, "error_message": null,
            "expires_at": null, "round": 0, "dead_letter": null,
        })
    );
    let said = function.output().said("the order is stored and on the queue");
    assert_eq!(said[0]["order_id"], ORDER, "{}", function.output());
    assert_eq!(said[0]["span"]["request_id"], function.request_id());
}

/// Lambda links the trace of fulfill_order to the one that the message names.
#[test]
fn a_message_carries_the_trace_of_its_order() {
    let (aws, mut function) = start();
    function.invoke(&order(json!({}))).response();
    let messages = aws.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].attribute("AWSTraceHeader"), Some(TRACE));
}

#[test]
fn a_repeat_sends_again_and_answers_the_same() {
    let (aws, mut function) = start();
    let mut check = |but: Value| {
        let before = aws.orders().get(&order_id());
        let answer = function.invoke(&order(but)).response();
        assert_eq!(answer, json!({ "orderId": ORDER, "status": "PROCESSING" }));
        assert_eq!(messages(&aws), 1);
        let after = aws.orders().get(&order_id());
        assert!(before.is_none() || before == after, "{before:?} became {after:?}");
    };
    check(json!({}));
    check(json!({}));
    check(json!({ "submittedAt": SUBMITTED }));
    assert_eq!(aws.orders().all().len(), 1);
}

#[test]
fn another_order_under_the_same_id_is_a_conflict() {
    let (aws, mut function) = start();
    function.invoke(&order(json!({}))).response();
    assert_eq!(messages(&aws), 1);
    let stored = aws.orders().get(&order_id());
    let mut check = |but: Value| {
        let (error_type, error_message) = function.invoke(&order(but)).error();
        assert_eq!(error_type, "OrderConflict");
        assert!(error_message.contains("another order"), "{error_message}");
        assert_eq!(messages(&aws), 0);
        assert_eq!(aws.orders().get(&order_id()), stored);
    };
    check(json!({ "quantity": 3, "totalAmount": 89.97 }));
    check(json!({ "customerId": "CUST-9999" }));
    check(json!({ "metadata": null }));
    let said = function.output().said("another order is stored under this id");
    assert_eq!(said.len(), 3, "{}", function.output());
    assert!(said.iter().all(|it| it["level"] == "ERROR" && it["order_id"] == ORDER));
}

#[test]
fn a_decided_order_gets_no_message() {
    let (aws, mut function) = start();
    function.invoke(&order(json!({}))).response();
    assert_eq!(messages(&aws), 1);
    let mut check = |status: OrderStatus, expected: &str| {
        let decided = OrderRecord { status, ..aws.orders().get(&order_id()).unwrap() };
        aws.orders().put(&decided);
        let answer = function.invoke(&order(json!({}))).response();
        assert_eq!(answer, json!({ "orderId": ORDER, "status": expected }));
        assert_eq!(messages(&aws), 0);
        assert_eq!(aws.orders().get(&order_id()), Some(decided));
    };
    check(OrderStatus::Fulfilled, "FULFILLED");
    check(OrderStatus::Failed, "FAILED");
    check(OrderStatus::Rejected, "REJECTED");
}

#[test]
fn a_refused_call_is_a_service_fault() {
    let aws = Aws::new(env!("CARGO_TARGET_TMPDIR"));
    let check = |but: (&str, &str), stored: bool| {
        let mut function = aws.start(env!("CARGO_BIN_EXE_order_storage"), &[but]);
        let (error_type, error_message) = function.invoke(&order(json!({}))).error();
        assert_eq!(error_type, "ServiceFault", "{error_message}");
        assert_eq!(aws.orders().get(&order_id()).is_some(), stored);
        let said = function.output().said("a call to an AWS service failed");
        assert_eq!(said.len(), 1, "{}", function.output());
        assert_eq!(said[0]["span"]["request_id"], function.request_id());
    };
    check(("ORDERS_TABLE", "nobodys-table"), false);
    // The order is already stored. The next attempt sends the message, or the reconciler closes the order.
    check(("ORDER_QUEUE_URL", "http://127.0.0.1:1/111111111111/nobodys-queue"), true);
}

/// The exit code shows Lambda that the function cannot start, and the log has the reason.
#[test]
fn a_function_without_a_region_cannot_start() {
    let variables = [
        ("ORDERS_TABLE", "orders"),
        ("ORDER_QUEUE_URL", "http://127.0.0.1:1/queue"),
        ("LOG_LEVEL", "info"),
        ("AWS_REGION", ""),
    ];
    let ended = Function::start_in_vain(env!("CARGO_BIN_EXE_order_storage"), &variables);
    assert!(!ended.status.success(), "{}", ended.status);
    let said = ended.output.said("the function cannot start");
    assert_eq!(said.len(), 1, "{}", ended.output);
    assert_eq!(said[0]["error"], "Lambda's variable AWS_REGION is not set");
}
