//! Requests that the API refuses, and its responses.

use contracts::api::OrderRequest;
use function_contract::read::RequestBody as _;
use serde_json::{Value, json};

use crate::request::{BINARY, Seen, aws, get, order, post, send};

#[track_caller]
fn refused(seen: &Seen, status: u64, error: &str, pointers: &[&str]) {
    assert_eq!((seen.status, seen.body["error"].as_str().unwrap()), (status, error), "{seen:?}");
    let problems = seen.body["problems"].as_array().unwrap();
    let found: Vec<_> = problems.iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    assert_eq!(found, pointers, "{seen:?}");
}

#[test]
fn every_problem_is_named_at_once() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let mut check = |body: &str, key: Option<&str>, pointers: &[&str]| {
        let headers = key.map_or(json!({}), |key| json!({ "Idempotency-Key": key }));
        let seen = send(&mut function, &post(body, headers));
        refused(&seen, 400, "BAD_REQUEST_BODY", pointers);
    };
    check("", None, &[""]);
    check("null", None, &[""]);
    check("{\"quantity\":", None, &[""]);
    check("{}", None, &["/customerId", "/productId", "/quantity", "/price"]);
    check("{}", Some("no spaces"), &["/customerId", "/productId", "/quantity", "/price", ""]);
    check(&order().to_string(), Some(""), &[""]);
    check(
        r#"{"customerId":1,"productId":[],"quantity":2.5,"price":"1","metadata":7,"x/y":0}"#,
        None,
        &["/customerId", "/productId", "/quantity", "/price", "/metadata", "/x~1y"],
    );
    check(&order().to_string().replace("29.99", "1e999"), None, &["/price"]);
    check(&order().to_string().replace("29.99", "0.30000000000000004"), None, &["/price"]);
    check(&order().to_string().replace("29.99", "29.99,\"price\":30"), None, &["/price"]);
    check(&order().to_string().replace("29.99", "1e300"), None, &["/price"]);
    check(&order().to_string().replace("CUST-1234", "\\ud800"), None, &["/customerId"]);
    assert!(aws.executions().is_empty());
}

/// A wrong type in three fields causes three problems, and the response does not repeat a value of 300 KB.
#[test]
fn each_wrong_type_is_a_problem_and_no_value_is_repeated() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let body = r#"{"customerId":1,"productId":"PROD-1234","quantity":"2","price":"1"}"#;
    let seen = send(&mut function, &post(body, json!({})));
    refused(&seen, 400, "BAD_REQUEST_BODY", &["/customerId", "/quantity", "/price"]);
    let long = "secret".repeat(OrderRequest::LARGEST_BYTES / 6 - 40);
    for body in [format!(r#"{{"price":"{long}"}}"#), format!(r#"{{"{long}":1}}"#)] {
        let seen = send(&mut function, &post(body, json!({})));
        assert_eq!(seen.status, 400, "{seen:?}");
        assert!(seen.body.to_string().len() < 1_500, "{seen:?}");
    }
    let seen = send(&mut function, &post("x".repeat(300_000), json!({})));
    refused(&seen, 413, "REQUEST_TOO_LARGE", &[]);
    assert_eq!(seen.body["message"], OrderRequest::too_large());
    assert!(aws.executions().is_empty());
}

#[test]
fn each_invalid_request_gets_its_own_error() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let mut check = |event: &Value, status: u64, error: &str| {
        refused(&send(&mut function, event), status, error, &[]);
    };
    let body = order().to_string();
    let long = format!("{body}{}", " ".repeat(OrderRequest::LARGEST_BYTES + 1 - body.len()));
    check(&post(long, json!({})), 413, "REQUEST_TOO_LARGE");
    let mut encoded = post("A".repeat(4 * OrderRequest::LARGEST_BYTES), json!({}));
    encoded["isBase64Encoded"] = json!(true);
    check(&encoded, 413, "REQUEST_TOO_LARGE");
    for content_type in ["text/plain", "application/xml", ""] {
        let headers = json!({ "content-type": content_type });
        check(&post(body.clone(), headers), 415, "UNSUPPORTED_MEDIA_TYPE");
    }
    for order_id in ["", "x", "../../etc/passwd", "0192F0C1-2D3E-7A4B-8C5D-6E7F8091A2B3"] {
        check(&get(order_id), 404, "ORDER_NOT_FOUND");
    }
    check(&get("0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3"), 404, "ORDER_NOT_FOUND");
    let mut nameless = get("");
    nameless["pathParameters"] = Value::Null;
    check(&nameless, 404, "ORDER_NOT_FOUND");
    for (method, resource) in [("DELETE", "/order"), ("POST", "/order/{orderId}"), ("GET", "/")] {
        let mut event = post(body.clone(), json!({}));
        event["httpMethod"] = json!(method);
        event["resource"] = json!(resource);
        check(&event, 404, "NOT_FOUND");
    }
    assert!(aws.executions().is_empty());
}

#[test]
fn the_longest_body_is_taken() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let body = order().to_string();
    let long = format!("{body}{}", " ".repeat(OrderRequest::LARGEST_BYTES - body.len()));
    let headers = json!({ "content-type": "Application/JSON; charset=utf-8" });
    assert_eq!(send(&mut function, &post(long, headers)).status, 202);
}
