//! `POST /order` with orders that the API accepts.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use contracts::order::OrderRecord;
use serde_json::{Value, json};

use crate::request::{BINARY, aws, get, order, post, send, take};

#[test]
fn an_accepted_order_is_found_at_once() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let mut ordered = order();
    ordered["metadata"] = json!({ "gift": "für dich 🎁" });
    let seen = send(&mut function, &post(ordered.to_string(), json!({})));
    assert_eq!(seen.status, 202, "{seen:?}");
    let order_id = seen.body["orderId"].as_str().unwrap();
    assert_eq!(seen.headers["Location"], format!("order/{order_id}"));
    assert_eq!(seen.headers["Access-Control-Expose-Headers"], "Location,Retry-After");
    assert_eq!(seen.body["status"], "ACCEPTED");

    let mut executions = aws.executions();
    assert_eq!(executions.len(), 1);
    let (name, mut input) = executions.remove(0);
    assert_eq!(name, order_id);
    let submitted_at = input.as_object_mut().unwrap().remove("submittedAt").unwrap();
    ordered["orderId"] = json!(order_id);
    assert_eq!(input, ordered);

    let found = send(&mut function, &get(order_id));
    assert_eq!(found.status, 200, "{found:?}");
    assert_eq!(found.body["status"], "ACCEPTED");
    for name in ["customerId", "productId", "quantity", "price", "metadata"] {
        assert_eq!(found.body[name], ordered[name], "{name}");
    }
    assert_eq!(found.body["createdAt"], submitted_at);

    let counted = function.output().counted("OrdersAccepted");
    assert_eq!(counted.len(), 1, "{}", function.output());
    assert_eq!(counted[0]["order_id"], order_id);
    let said = function.output().said("the order is accepted");
    assert_eq!(said[0]["order_id"], order_id, "{}", function.output());
    assert_eq!(said[0]["span"]["request_id"], "8476a536-e9f4-11e8-9739-000000000001");
}

#[test]
fn a_key_leads_to_one_order() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let with = |key: &str, but: Value| {
        let mut body = order();
        for (name, value) in but.as_object().unwrap() {
            body[name] = value.clone();
        }
        post(
            body.to_string(),
            json!({ "Idempotency-Key": key, "Content-Type": "application/json" }),
        )
    };
    let first = take(&mut function, &with("a", json!({})));
    let mut check = |event: &Value, expected: Option<&str>| {
        let seen = send(&mut function, event);
        match expected {
            Some(order_id) => {
                assert_eq!((seen.status, &seen.body["orderId"]), (202, &json!(order_id)))
            }
            None => assert_eq!(
                (seen.status, &seen.body["error"]),
                (409, &json!("IDEMPOTENCY_KEY_TAKEN"))
            ),
        }
    };
    check(&with("a", json!({})), Some(&first));
    check(&with("a", json!({ "metadata": {} })), Some(&first));
    check(&with("a", json!({ "quantity": 3 })), None);
    check(&with("a", json!({ "price": 30 })), None);
    check(&with("a", json!({ "metadata": { "gift": "yes" } })), None);
    let mut lower = with("a", json!({}));
    lower["headers"] = json!({ "idempotency-key": "a" });
    check(&lower, Some(&first));

    // The record in the table takes precedence, because Step Functions deletes executions after 90 days.
    let record: OrderRecord = serde_json::from_value(json!({
        "order_id": first, "customer_id": "CUST-1234", "product_id": "PROD-1234", "quantity": 2,
        "price": 3, "total_amount": 6, "status": "PROCESSING", "validation_status": "VALID",
        "created_at": "2025-07-20T13:06:28.324Z", "updated_at": "2025-07-20T13:06:28.324Z",
        "metadata": null, "fulfillment_details": null, "failure_reason": null,
        "failure_timestamp": null, "error_message": null, "expires_at": null, "round": 0,
        "dead_letter": null,
    }))
    .unwrap();
    aws.orders().put(&record);
    check(&with("a", json!({ "price": 3.0 })), Some(&first));
    check(&with("a", json!({})), None);

    // The same key of another customer or another caller is a different key.
    let other_customer = take(&mut function, &with("a", json!({ "customerId": "CUST-9999" })));
    let by = |key: &str| {
        let mut event = with("a", json!({}));
        event["requestContext"]["identity"] = json!({ "apiKey": "secret", "apiKeyId": key });
        event
    };
    let other_caller = take(&mut function, &by("k1"));
    assert_eq!(take(&mut function, &by("k1")), other_caller);
    let third_caller = take(&mut function, &by("k2"));

    let other = take(&mut function, &with("b", json!({})));
    let none = take(&mut function, &post(order().to_string(), json!({})));
    let none_either = take(&mut function, &post(order().to_string(), json!({})));
    let mut all = vec![first, other_customer, other_caller, third_caller, other, none, none_either];
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 7);
    // Only new orders count.
    assert_eq!(function.output().counted("OrdersAccepted").len(), 7, "{}", function.output());
}

#[test]
fn equal_prices_in_different_notations_are_the_same_order() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let mut check = |number: usize, first: &str, again: &str| {
        let with = |price: &str| {
            let body = order().to_string().replace("29.99", price);
            post(body, json!({ "Idempotency-Key": number.to_string() }))
        };
        let order_id = take(&mut function, &with(first));
        assert_eq!(take(&mut function, &with(again)), order_id, "{first} and {again}");
    };
    let prices = [
        ("60", "60.0"),
        ("60", "6e1"),
        ("0", "-0.0"),
        ("29.99", "29.990000"),
        // The maximum number of digits: nothing is rounded on the way to the state machine and back.
        ("1.72358818422383e-7", "172358818422383e-21"),
        ("0.123456789012345", "0.123456789012345000"),
        ("123456789.987654", "1234567899.87654e-1"),
        ("999999999.999999", "999999999.999999"),
    ];
    for (number, (first, again)) in prices.into_iter().enumerate() {
        check(number, first, again);
    }
}

#[test]
fn a_body_may_come_in_base64() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let mut event = post(BASE64_STANDARD.encode(order().to_string()), json!({}));
    event["isBase64Encoded"] = json!(true);
    let order_id = take(&mut function, &event);
    assert_eq!(send(&mut function, &get(&order_id)).body["quantity"], 2);
}
