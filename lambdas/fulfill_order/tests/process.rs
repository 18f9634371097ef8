//! Runs the real binary with Lambda's runtime API and an emulator of AWS.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use contracts::{
    domain::{OrderId, OrderStatus},
    order::{OrderRecord, ROUND},
};
use fulfill_order::chance;
use function_contract::setting::Percent;
use host::{
    Function,
    aws::{Aws, Message, event},
};
use serde_json::{Value, json};

const AT: &str = "2025-07-20T13:06:28.324Z";
/// The value in the function's environment.
const RATE: Percent = Percent::new(50);

fn start() -> (Aws, Function) {
    let aws = Aws::new(env!("CARGO_TARGET_TMPDIR"));
    let rate = RATE.to_string();
    let variables = [("FULFILLMENT_RATE", &*rate)];
    let function = aws.start(env!("CARGO_BIN_EXE_fulfill_order"), &variables);
    (aws, function)
}

/// Returns ids of orders that the first round fulfils, or that it fails.
fn ids(fulfilled: bool) -> impl Iterator<Item = OrderId> {
    (0..)
        .map(|it| OrderId::try_from(format!("0192f0c1-2d3e-7a4b-8c5d-{it:012x}")).unwrap())
        .filter(move |it| chance::draw(it, 0, RATE) == fulfilled)
}

/// A PROCESSING order, with changes to these fields.
fn put(aws: &Aws, order_id: &OrderId, but: Value) -> OrderRecord {
    let mut record = json!({
        "order_id": order_id, "customer_id": "CUST-1234", "product_id": "PROD-1234",
        "quantity": 2, "price": 29.99, "total_amount": 59.98, "status": "PROCESSING",
        "created_at": AT, "updated_at": AT, "validation_status": "VALID", "metadata": null,
        "fulfillment_details": null, "failure_reason": null, "failure_timestamp": null,
        "error_message": null, "expires_at": null, "round": 0, "dead_letter": null,
    });
    for (name, value) in but.as_object().unwrap() {
        record[name] = value.clone();
    }
    let record = serde_json::from_value(record).unwrap();
    aws.orders().put(&record);
    record
}

fn send(aws: &Aws, order_id: &OrderId) {
    aws.send(&body(order_id));
}

fn body(order_id: &OrderId) -> String {
    json!({ "orderId": order_id, "submittedAt": AT }).to_string()
}

/// Returns the bodies of the messages that return to the queue, in the order of the batch.
#[track_caller]
fn back<'a>(function: &mut Function, batch: &'a [Message]) -> Vec<&'a str> {
    let answer = function.invoke(&event(batch)).response();
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    let failures = answer["batchItemFailures"].as_array().unwrap();
    let message = |failure: &Value| {
        let found = batch.iter().find(|it| failure["itemIdentifier"] == it.id);
        found.unwrap().body.as_str()
    };
    failures.iter().map(message).collect()
}

#[test]
fn only_failed_messages_of_a_batch_return() {
    let (aws, mut function) = start();
    let mut good = ids(true);
    let [fulfilled, unknown] = [good.next().unwrap(), good.next().unwrap()];
    let failing = ids(false).next().unwrap();
    put(&aws, &fulfilled, json!({}));
    put(&aws, &failing, json!({}));
    let unreadable = "{\"orderId\": 7, \"note\": \"für dich 🎁\"}";
    send(&aws, &fulfilled);
    send(&aws, &failing);
    send(&aws, &unknown);
    aws.send(unreadable);
    let batch = aws.messages();
    assert_eq!(batch.len(), 4);

    let mut went_back = back(&mut function, &batch);
    went_back.sort_unstable();
    let of = |text: &str| batch.iter().find(|it| it.body.contains(text)).unwrap();
    let mut expected = [unreadable, &of(failing.as_str()).body, &of(unknown.as_str()).body];
    expected.sort_unstable();
    assert_eq!(went_back, expected);

    let order = aws.orders().get(&fulfilled).unwrap();
    assert_eq!(order.status, OrderStatus::Fulfilled);
    let details = order.fulfillment_details.unwrap();
    assert!(details.tracking_number.starts_with("TRK"), "{details:?}");
    assert_eq!((order.failure_reason, order.dead_letter, order.round), (None, None, 0));

    let order = aws.orders().get(&failing).unwrap();
    assert_eq!(order.status, OrderStatus::Failed);
    assert_eq!(order.failure_reason.as_deref(), Some("FulfillmentFailed"));
    assert_eq!(order.dead_letter.as_ref(), Some(&of(failing.as_str()).id));
    assert_eq!(order.fulfillment_details, None);

    let failed_orders = aws.failed_orders();
    assert_eq!(failed_orders.all().len(), 3);
    let record = failed_orders.get(&failing.to_string()).unwrap();
    assert_eq!(record.failure_reason, "FulfillmentFailed");
    assert_eq!((record.receive_count, record.raw_body), (1, None));
    assert_eq!(Some(record.failed_timestamp), order.failure_timestamp);
    let record = failed_orders.get(&format!("message-{}", of(unreadable).id)).unwrap();
    assert_eq!(record.failure_reason, "UnreadableMessage");
    assert_eq!(record.raw_body.as_deref(), Some(unreadable));
    let message = of(unknown.as_str());
    let record = failed_orders.get(&format!("message-{}", message.id)).unwrap();
    assert_eq!(record.failure_reason, "UnknownOrder");
    assert_eq!(record.raw_body.as_deref(), Some(message.body.as_str()));
    assert_eq!(aws.orders().get(&unknown), None);

    for (metric, order_id) in [("OrdersFulfilled", &fulfilled), ("OrdersFailed", &failing)] {
        let counted = function.output().counted(metric);
        assert_eq!(counted.len(), 1, "{}", function.output());
        assert_eq!(counted[0]["order_id"], order_id.as_str());
    }
    let counted = function.output().counted("MessagesUnreadable");
    let mut counted: Vec<_> = counted.iter().map(|it| it["message_id"].as_str().unwrap()).collect();
    counted.sort_unstable();
    let mut expected = [of(unreadable).id.as_str(), message.id.as_str()];
    expected.sort_unstable();
    assert_eq!(counted, expected, "{}", function.output());
}

#[test]
fn a_second_delivery_changes_nothing() {
    let (aws, mut function) = start();
    let (fulfilled, failing) = (ids(true).next().unwrap(), ids(false).next().unwrap());
    put(&aws, &fulfilled, json!({}));
    put(&aws, &failing, json!({}));
    send(&aws, &fulfilled);
    send(&aws, &failing);
    let batch = aws.messages();
    let first = back(&mut function, &batch);
    assert_eq!(first.len(), 1);
    let state = |aws: &Aws| {
        let orders = [aws.orders().get(&fulfilled), aws.orders().get(&failing)];
        (orders, aws.failed_orders().all())
    };
    let before = state(&aws);
    assert_eq!(back(&mut function, &batch), first);
    assert_eq!(state(&aws), before);
    assert_eq!(function.output().counted("OrdersFulfilled").len(), 1);
    assert_eq!(function.output().counted("OrdersFailed").len(), 1);
}

#[test]
fn a_message_that_asks_for_the_next_round_begins_it() {
    let (aws, mut function) = start();
    let in_both =
        |fulfilled: bool| ids(false).find(|it| chance::draw(it, 1, RATE) == fulfilled).unwrap();
    let mut check = |order_id: &OrderId, fulfilled: bool| {
        // Another message caused the failure, long ago.
        let failed = json!({
            "status": "FAILED", "failure_reason": "FulfillmentFailed", "failure_timestamp": AT,
            "error_message": "no", "dead_letter": "another message",
        });
        put(&aws, order_id, failed);
        let record = json!({
            "order_id": order_id, "original_timestamp": AT, "failed_timestamp": AT,
            "receive_count": 3, "failure_reason": "FulfillmentFailed", "error_message": "no",
            "raw_body": null,
        });
        aws.failed_orders().put(&serde_json::from_value(record).unwrap());
        aws.send_with(&body(order_id), ROUND, 1);
        let batch = aws.messages();
        assert_eq!(back(&mut function, &batch).len(), usize::from(!fulfilled));
        let order = aws.orders().get(order_id).unwrap();
        assert_eq!(order.round, 1);
        assert_eq!(order.status == OrderStatus::Fulfilled, fulfilled, "{order:?}");
        assert_eq!(order.dead_letter.is_none(), fulfilled, "{order:?}");
        assert_eq!(order.failure_reason.is_none(), fulfilled, "{order:?}");
        assert_eq!(aws.failed_orders().get(&order_id.to_string()).is_none(), fulfilled);
    };
    check(&in_both(true), true);
    check(&in_both(false), false);
}

#[test]
fn messages_of_decided_orders_are_deleted() {
    let (aws, mut function) = start();
    let order_id = ids(false).next().unwrap();
    let mut check = |but: Value, goes_back: bool| {
        let before = put(&aws, &order_id, but);
        send(&aws, &order_id);
        let batch = aws.messages();
        assert_eq!(back(&mut function, &batch).len(), usize::from(goes_back));
        assert_eq!(aws.orders().get(&order_id), Some(before));
    };
    let details = json!({ "tracking_number": "TRK1", "carrier": "EXPRESS_SHIPPING", "estimated_delivery": AT });
    check(json!({ "status": "FULFILLED", "fulfillment_details": details }), false);
    check(json!({ "status": "REJECTED" }), false);
    // The order has failed, and the message asks for no round: it returns to the queue, whichever message it is.
    let now = json!({ "status": "FAILED", "failure_timestamp": "2999-01-01T00:00:00.000Z" });
    let mut owned = now.clone();
    owned["dead_letter"] = json!("another message");
    check(owned, true);
    check(now, true);
    assert!(aws.failed_orders().all().is_empty());
}

#[test]
fn a_returned_message_is_hidden() {
    let (aws, mut function) = start();
    aws.send("no JSON at all");
    let batch = aws.messages();
    assert_eq!(back(&mut function, &batch).len(), 1);
    assert_eq!(aws.hidden(), 1);
    assert!(
        function.output().said("the message cannot be hidden").is_empty(),
        "{}",
        function.output()
    );
    // The receipt handle is invalid: the message returns all the same.
    let mut lost = event(&batch);
    lost["Records"][0]["receiptHandle"] = json!("nobody's");
    let answer = function.invoke(&lost).response();
    assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], batch[0].id);
    assert_eq!(
        function.output().said("the message cannot be hidden").len(),
        1,
        "{}",
        function.output()
    );
    assert_eq!(function.invoke(&event(&[])).response(), json!({ "batchItemFailures": [] }));
}
