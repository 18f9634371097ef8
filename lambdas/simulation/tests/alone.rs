//! Each function alone, in cases that no customer's order reaches.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use contracts::{
    api::OrderRequest,
    domain::{OrderStatus, ValidationStatus},
    metric::MessageMetric,
    order::{OrderRecord, OrderSubmitted},
};
use fulfill_order::chance::draw;
use function_contract::{read::RequestBody as _, setting::Percent};
use runtime::moment::Moment;
use serde_json::{Value, json};
use simulation::{
    alone::Alone,
    facts::Facts,
    fault::{FaultPlan, Verdict},
    services::limits::bytes,
    world::BEGIN,
};

const ID: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";

fn calm() -> FaultPlan {
    FaultPlan::Exactly { number: u32::MAX, verdict: Verdict::Fails }
}

/// An order that has been PROCESSING for an hour.
fn old(id: &str) -> OrderRecord {
    let at = Moment::from_millis(BEGIN - 3_600_000).timestamp();
    OrderRecord {
        order_id: id.to_owned().try_into().unwrap(),
        customer_id: "CUST-1234".into(),
        product_id: "PROD-5678".into(),
        quantity: 2,
        price: serde_json::from_str("29.99").unwrap(),
        total_amount: None,
        status: OrderStatus::Processing,
        created_at: at.clone(),
        updated_at: at,
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

fn submitted() -> OrderSubmitted {
    serde_json::from_value(json!({
        "orderId": ID, "customerId": "CUST-1234", "productId": "PROD-5678", "quantity": 2, "price": 29.99,
        "metadata": null, "submittedAt": "2025-07-20T13:06:28.324Z",
    }))
    .unwrap()
}

fn request(
    method: &str,
    resource: &str,
    id: &str,
    headers: Value,
    body: &str,
    base64: bool,
) -> Value {
    json!({
        "httpMethod": method,
        "resource": resource,
        "pathParameters": { "orderId": id },
        "headers": headers,
        "body": body,
        "isBase64Encoded": base64,
        "requestContext": { "requestId": "r" },
    })
}

#[test]
fn every_request_has_its_answer() {
    #[track_caller]
    fn check(request: Value, status: u64, error: &str, problems: usize) {
        let facts = Facts::of_dev().unwrap();
        let answer = Alone::new(&facts, calm()).call("api_handler", request).unwrap();
        assert_eq!(answer["statusCode"], status, "{answer}");
        assert_eq!(answer["headers"]["Access-Control-Allow-Origin"], "*");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["error"], error, "{body}");
        assert_eq!(body["problems"].as_array().unwrap().len(), problems, "{body}");
    }
    let post = |headers, body: &str, base64| request("POST", "/order", "", headers, body, base64);
    let good = r#"{"customerId":"a","productId":"b","quantity":1,"price":1}"#;
    check(post(json!({}), "{", false), 400, "BAD_REQUEST_BODY", 1);
    check(post(json!({}), "{}", false), 400, "BAD_REQUEST_BODY", 4);
    check(post(json!({ "IDEMPOTENCY-KEY": "a b" }), "{}", false), 400, "BAD_REQUEST_BODY", 5);
    check(post(json!({ "idempotency-key": "" }), good, false), 400, "BAD_REQUEST_BODY", 1);
    check(post(Value::Null, "%%%", true), 400, "BAD_REQUEST_BODY", 1);
    check(post(Value::Null, "e30=", true), 400, "BAD_REQUEST_BODY", 4);
    check(
        post(Value::Null, &"A".repeat(4 * OrderRequest::LARGEST_BYTES), true),
        413,
        "REQUEST_TOO_LARGE",
        0,
    );
    check(
        post(Value::Null, &" ".repeat(OrderRequest::LARGEST_BYTES + 1), false),
        413,
        "REQUEST_TOO_LARGE",
        0,
    );
    let text = json!({ "Content-Type": "text/plain" });
    check(post(text, good, false), 415, "UNSUPPORTED_MEDIA_TYPE", 0);
    let get = |id: &str| request("GET", "/order/{orderId}", id, Value::Null, "", false);
    check(get("nonsense"), 404, "ORDER_NOT_FOUND", 0);
    check(get(ID), 404, "ORDER_NOT_FOUND", 0);
    let delete = request("DELETE", "/order/{orderId}", ID, Value::Null, "", false);
    check(delete, 404, "NOT_FOUND", 0);
}

/// DescribeExecution does not show a new execution immediately. A GET calls it again after a while, and otherwise answers with `Retry-After`.
#[test]
fn an_order_is_shown_as_soon_as_step_functions_shows_it() {
    #[track_caller]
    fn check(unseen_for: u64, status: u64, retry_after: Value) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, calm());
        alone.starts(&submitted(), unseen_for);
        let get = request("GET", "/order/{orderId}", ID, Value::Null, "", false);
        let answer = alone.call("api_handler", get).unwrap();
        assert_eq!(answer["statusCode"], status, "{answer}");
        assert_eq!(answer["headers"]["Retry-After"], retry_after, "{answer}");
    }
    check(0, 200, Value::Null);
    check(500, 200, Value::Null);
    check(60_000, 404, json!("2"));
}

/// A repeat that finds an execution which is not shown yet waits for it, too.
#[test]
fn a_repeat_waits_until_the_execution_is_shown() {
    #[track_caller]
    fn check(unseen_for: u64, status: u64) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, calm());
        let body = json!({ "customerId": "CUST-1234", "productId": "PROD-5678", "quantity": 2, "price": 29.99 });
        let key = json!({ "Idempotency-Key": "once" });
        let post = || request("POST", "/order", "", key.clone(), &body.to_string(), false);
        let first = alone.call("api_handler", post()).unwrap();
        assert_eq!(first["statusCode"], 202, "{first}");
        alone.hide_executions_for(unseen_for);
        let again = alone.call("api_handler", post()).unwrap();
        assert_eq!(again["statusCode"], status, "{again}");
    }
    check(0, 202);
    check(500, 202);
    check(60_000, 503);
}

/// The record of a message fits into an item, whatever the content and the length of the message are.
#[test]
fn the_longest_message_is_recorded() {
    fn check(body: String) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, calm());
        let event = json!({
            "Records": [{ "messageId": "m", "receiptHandle": "r", "body": body, "attributes": {} }],
        });
        let answer = alone.call("fulfill_order", event).unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "m" }] }));
        let record = alone.item("failed_orders", "message-m").unwrap();
        // Much less than the 400 KB that DynamoDB allows.
        assert!(bytes(&record) < 200_000, "{}", bytes(&record));
    }
    // SQS accepts a message of one MiB.
    let most = 1_048_576;
    check("x".repeat(most));
    check("€".repeat(most / 3));
    // The error repeats the name of the field.
    check(format!(r#"{{"{}":1}}"#, "x".repeat(most - 10)));
    check(json!({ "orderId": "x".repeat(most - 100), "submittedAt": "" }).to_string());
}

/// For a failed order, only a message that requests a round starts one, whatever other messages arrive and when. Each
/// round has one draw.
#[test]
fn only_a_request_starts_a_round() {
    let facts = Facts::of_dev().unwrap();
    let failed_at = BEGIN - 60_000;
    let failed = |id: &str| OrderRecord {
        status: OrderStatus::Failed,
        failure_reason: Some("FulfillmentFailed".to_owned()),
        failure_timestamp: Some(Moment::from_millis(failed_at).timestamp()),
        dead_letter: Some("first".to_owned()),
        ..old(id)
    };
    let message = |id: &str, message: &str, sent: u64, round: Option<u32>| {
        let body = json!({ "orderId": id, "submittedAt": "2025-07-20T13:06:28.324Z" }).to_string();
        let attributes =
            json!({ "ApproximateReceiveCount": "1", "SentTimestamp": sent.to_string() });
        let asked = round.map(|it| json!({ "stringValue": it.to_string(), "dataType": "Number" }));
        let asked = asked.map_or_else(|| json!({}), |it| json!({ "Round": it }));
        json!({ "Records": [{
            "messageId": message, "receiptHandle": "r", "body": body, "attributes": attributes,
            "messageAttributes": asked,
        }] })
    };
    let mut fulfilled = 0;
    for number in 0..40 {
        let alone = Alone::new(&facts, calm());
        let id = format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}");
        alone.store("orders", &id, &failed(&id));
        let round_after = |by: &str, sent: u64, asked: Option<u32>| {
            let answer = alone.call("fulfill_order", message(&id, by, sent, asked)).unwrap();
            let record = alone.item("orders", &id).unwrap();
            let record: OrderRecord = runtime::item::parse(record).unwrap();
            let is_kept = answer["batchItemFailures"].as_array().unwrap().len() == 1;
            assert_eq!(
                is_kept,
                record.status == OrderStatus::Failed,
                "none is lost while it failed"
            );
            (record.status, record.round)
        };
        // The message by which it failed, a duplicate of order_storage's message, and one that the console has moved.
        for by in ["first", "another"] {
            for sent in [failed_at - 60_000, failed_at + 10_000, BEGIN + 90_000_000] {
                assert_eq!(round_after(by, sent, None), (OrderStatus::Failed, 0));
                assert_eq!(round_after(by, sent, Some(0)), (OrderStatus::Failed, 0));
            }
        }
        // A round that was requested before the failure, by a clock that is ahead, is refused.
        let after = round_after("redriven", failed_at - 60_000, Some(1));
        assert_eq!(after.1, 1);
        // The same round is requested again, by the same message and by another one. It already had its draw.
        assert_eq!(round_after("redriven", BEGIN, Some(1)), after);
        assert_eq!(round_after("redriven twice", BEGIN, Some(1)), after);
        fulfilled += u32::from(after.0 == OrderStatus::Fulfilled);
    }
    // Only the configured share of them is fulfilled.
    assert!((20..=36).contains(&fulfilled), "{fulfilled} of 40");
}

/// A newer version was rolled back: attributes that it added are kept, and a value that it wrote in another way does not keep
/// a message from being recorded.
#[test]
fn a_record_of_a_newer_version_blocks_no_message() {
    fn check(name: &str, status: u64, counted: u32) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, calm());
        let mut order = serde_json::to_value(old(ID)).unwrap();
        order[name] = json!("OF_ANOTHER_VERSION");
        alone.store("orders", ID, &order);
        let event = request("GET", "/order/{orderId}", ID, json!({}), "", false);
        assert_eq!(alone.call("api_handler", event).unwrap()["statusCode"], status, "{name}");
        let body = json!({ "orderId": ID, "submittedAt": "2025-07-20T13:06:28.324Z" }).to_string();
        let event = json!({
            "Records": [{ "messageId": "m", "receiptHandle": "r", "body": body, "attributes": {} }],
        });
        alone.call("fulfill_order", event).unwrap();
        assert_eq!(alone.counted(MessageMetric::MessagesUnreadable, "m"), counted, "{name}");
        let told = alone.item("failed_orders", "message-m");
        assert_eq!(told.is_some(), counted == 1, "{name}");
        let kept = alone.item("orders", ID).unwrap().contains_key(name);
        assert!(kept, "{name} is still there");
    }
    check("attribute_of_another_version", 200, 0);
    check("validation_status", 503, 1);
}

/// A rejected order's record is deleted after a while; its execution's name remains in use for 90 days.
#[test]
fn the_key_of_an_expired_order_has_its_own_answer() {
    let facts = Facts::of_dev().unwrap();
    let alone = Alone::new(&facts, calm());
    let body = json!({ "customerId": "CUST-1234", "productId": "PROD-5678", "quantity": 0, "price": 29.99 });
    let key = json!({ "Idempotency-Key": "once" });
    let post = || request("POST", "/order", "", key.clone(), &body.to_string(), false);
    let first = alone.call("api_handler", post()).unwrap();
    assert_eq!(first["statusCode"], 202, "{first}");
    alone.ends_well();
    let again = alone.call("api_handler", post()).unwrap();
    assert_eq!(again["statusCode"], 409, "{again}");
    assert!(again["body"].as_str().unwrap().contains("IDEMPOTENCY_KEY_SPENT"), "{again}");
}

#[test]
fn another_order_under_the_same_id_is_not_changed() {
    fn check(quantity: u64, raised: Option<&str>) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, calm());
        alone.store("orders", ID, &old(ID));
        let before = alone.item("orders", ID);
        let event = json!({
            "orderId": ID, "customerId": "CUST-1234", "productId": "PROD-5678",
            "quantity": quantity, "price": 29.99, "totalAmount": 29.99, "metadata": null,
            "submittedAt": "2025-07-20T13:06:28.324Z",
        });
        let answer = alone.call("order_storage", event);
        assert_eq!(answer.err().map(|it| it.name), raised);
        assert_eq!(alone.item("orders", ID), before);
    }
    check(2, None);
    check(3, Some("OrderConflict"));
}

#[test]
fn a_message_without_an_order_is_recorded() {
    let facts = Facts::of_dev().unwrap();
    let alone = Alone::new(&facts, calm());
    let body = json!({ "orderId": ID, "submittedAt": "2025-07-20T13:06:28.324Z" }).to_string();
    let event = json!({
        "Records": [{ "messageId": "m", "receiptHandle": "r", "body": body, "attributes": {} }],
    });
    let answer = alone.call("fulfill_order", event).unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "m" }] }));
    assert!(alone.item("failed_orders", "message-m").is_some());
    assert_eq!(alone.counted(MessageMetric::MessagesUnreadable, "m"), 1);
}

/// Alarms watch both counts, so an order that fails by its draw adds to neither.
#[test]
fn only_a_fault_counts_a_message_as_faulted() {
    fn check(faults: FaultPlan, order: &str, status: OrderStatus, faulted: u32) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, faults);
        alone.store("orders", order, &old(order));
        let body = json!({ "orderId": order, "submittedAt": "2025-07-20T13:06:28.324Z" });
        let event = json!({
            "Records": [{
                "messageId": "m", "receiptHandle": "r", "body": body.to_string(), "attributes": {},
            }],
        });
        alone.call("fulfill_order", event).unwrap();
        let record: OrderRecord =
            runtime::item::parse(alone.item("orders", order).unwrap()).unwrap();
        assert_eq!(record.status, status);
        assert_eq!(alone.counted(MessageMetric::DeliveriesFaulted, "m"), faulted, "{order}");
        assert_eq!(alone.counted(MessageMetric::MessagesUnreadable, "m"), 0, "{order}");
    }
    let rate = Percent::new(Facts::of_dev().unwrap().rate);
    let drawn = |fulfilled: bool| {
        let mut ids = (0..1_000).map(|it| format!("0192f0c1-2d3e-7a4b-8c5d-{it:012x}"));
        let is_drawn = |it: &String| draw(&it.clone().try_into().unwrap(), 0, rate) == fulfilled;
        ids.find(is_drawn).unwrap()
    };
    check(calm(), &drawn(true), OrderStatus::Fulfilled, 0);
    check(calm(), &drawn(false), OrderStatus::Failed, 0);
    let first_call_fails = FaultPlan::Exactly { number: 0, verdict: Verdict::Fails };
    check(first_call_fails, &drawn(true), OrderStatus::Processing, 1);
}

#[test]
fn overdue_orders_are_closed_page_by_page() {
    #[track_caller]
    fn check(faults: FaultPlan, decided: usize, ok: bool, closed: usize) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, faults);
        let ids: Vec<String> =
            (0..60).map(|it| format!("0192f0c1-2d3e-7a4b-8c5d-{it:012x}")).collect();
        for (number, id) in ids.iter().enumerate() {
            alone.store("orders", id, &old(id));
            if number < decided {
                // The index has not been updated yet.
                let status = OrderStatus::Fulfilled;
                alone.write("orders", &OrderRecord { status, ..old(id) });
            }
        }
        assert_eq!(alone.call("reconcile_orders", json!({})).is_ok(), ok);
        let found = ids.iter().filter(|it| alone.item("failed_orders", it).is_some()).count();
        assert_eq!(found, closed);
    }
    check(calm(), 0, true, 60);
    check(calm(), 7, true, 53);
    // The first call reads the page, 25 more read its orders, and the next one closes an order.
    check(FaultPlan::Exactly { number: 0, verdict: Verdict::Fails }, 0, false, 0);
    check(FaultPlan::Exactly { number: 1, verdict: Verdict::Fails }, 0, false, 59);
    check(FaultPlan::Exactly { number: 26, verdict: Verdict::Fails }, 0, false, 59);
}

#[test]
fn an_unreadable_order_does_not_keep_others_open() {
    let facts = Facts::of_dev().unwrap();
    let alone = Alone::new(&facts, calm());
    let ids: Vec<String> = (0..60).map(|it| format!("0192f0c1-2d3e-7a4b-8c5d-{it:012x}")).collect();
    let unreadable = &ids[7];
    for id in &ids {
        let mut order = serde_json::to_value(old(id)).unwrap();
        if id == unreadable {
            order["validation_status"] = json!("of another version");
        }
        alone.store("orders", id, &order);
    }
    let raised = alone.call("reconcile_orders", json!({})).unwrap_err();
    assert_eq!(raised.name, "ServiceFault");
    assert!(raised.cause.contains(unreadable.as_str()), "{}", raised.cause);
    for id in &ids {
        let is_closed = alone.item("failed_orders", id).is_some();
        assert_eq!(is_closed, id != unreadable, "{id}");
    }
}

/// As an earlier version accepted it: its length was limited in characters, not in bytes.
#[test]
fn an_order_of_an_earlier_version_is_shown_closed_and_fulfilled() {
    let facts = Facts::of_dev().unwrap();
    let before = |id: &str| {
        let mut order = serde_json::to_value(old(id)).unwrap();
        order["metadata"] = json!({ "gift": "包".repeat(86) });
        order
    };
    let alone = Alone::new(&facts, calm());
    alone.store("orders", ID, &before(ID));
    let event = request("GET", "/order/{orderId}", ID, json!({}), "", false);
    assert_eq!(alone.call("api_handler", event).unwrap()["statusCode"], 200);
    let body = json!({ "orderId": ID, "submittedAt": "2025-07-20T13:06:28.324Z" }).to_string();
    let event = json!({
        "Records": [{ "messageId": "m", "receiptHandle": "r", "body": body, "attributes": {} }],
    });
    alone.call("fulfill_order", event).unwrap();
    assert_eq!(alone.counted(MessageMetric::DeliveriesFaulted, "m"), 0);

    let alone = Alone::new(&facts, calm());
    alone.store("orders", ID, &before(ID));
    alone.call("reconcile_orders", json!({})).unwrap();
    assert!(alone.item("failed_orders", ID).is_some());
}
