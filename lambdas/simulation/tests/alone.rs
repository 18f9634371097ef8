//! Each function alone: what no customer's path passes.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use contracts::{
    domain::{OrderStatus, ValidationStatus},
    order::OrderRecord,
};
use runtime::moment::Moment;
use serde_json::{Value, json};
use simulation::{
    alone::Alone,
    facts::Facts,
    fault::{FaultPlan, Verdict},
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
        customer_id: "CUST-1234".to_owned(),
        product_id: "PROD-5678".to_owned(),
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
    check(post(Value::Null, &"A".repeat(40_000), true), 413, "REQUEST_TOO_LARGE", 0);
    check(post(Value::Null, &" ".repeat(16_385), false), 413, "REQUEST_TOO_LARGE", 0);
    let text = json!({ "Content-Type": "text/plain" });
    check(post(text, good, false), 415, "UNSUPPORTED_MEDIA_TYPE", 0);
    let get = |id: &str| request("GET", "/order/{orderId}", id, Value::Null, "", false);
    check(get("nonsense"), 404, "ORDER_NOT_FOUND", 0);
    check(get(ID), 404, "ORDER_NOT_FOUND", 0);
    let delete = request("DELETE", "/order/{orderId}", ID, Value::Null, "", false);
    check(delete, 404, "NOT_FOUND", 0);
}

#[test]
fn another_order_under_the_same_id_stays_as_it_is() {
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
fn a_message_of_no_order_is_recorded() {
    let facts = Facts::of_dev().unwrap();
    let alone = Alone::new(&facts, calm());
    let body = json!({ "orderId": ID, "submittedAt": "2025-07-20T13:06:28.324Z" }).to_string();
    let event = json!({
        "Records": [{ "messageId": "m", "receiptHandle": "r", "body": body, "attributes": {} }],
    });
    let answer = alone.call("fulfill_order", event).unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "m" }] }));
    assert!(alone.item("failed_orders", "message-m").is_some());
}

#[test]
fn what_is_past_its_deadline_is_closed_page_by_page() {
    #[track_caller]
    fn check(faults: FaultPlan, decided: usize, ok: bool, closed: usize) {
        let facts = Facts::of_dev().unwrap();
        let alone = Alone::new(&facts, faults);
        let ids: Vec<String> =
            (0..60).map(|it| format!("0192f0c1-2d3e-7a4b-8c5d-{it:012x}")).collect();
        for (number, id) in ids.iter().enumerate() {
            alone.store("orders", id, &old(id));
            if number < decided {
                // The index does not know yet.
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
    // The first call reads the page; the second closes an order.
    check(FaultPlan::Exactly { number: 0, verdict: Verdict::Fails }, 0, false, 0);
    check(FaultPlan::Exactly { number: 1, verdict: Verdict::Fails }, 0, false, 59);
}
