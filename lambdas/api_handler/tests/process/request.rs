//! Requests as API Gateway sends them, and their responses.

use host::{Function, aws::Aws};
use serde_json::{Value, json};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_api_handler");
pub(crate) const ORIGIN: &str = "https://shop.example.com";

pub(crate) fn aws() -> Aws {
    Aws::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The event of `POST /order`, with these headers.
pub(crate) fn post(body: impl Into<String>, headers: Value) -> Value {
    let body: String = body.into();
    json!({
        "resource": "/order",
        "path": "/order",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": { "Host": ["api.example.com"] },
        "queryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": { "requestId": "the-request", "stage": "dev", "httpMethod": "POST" },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// The event of `GET /order/{orderId}`.
pub(crate) fn get(order_id: &str) -> Value {
    let mut event = post("", json!({ "Accept": "application/json" }));
    event["resource"] = json!("/order/{orderId}");
    event["path"] = json!(format!("/order/{order_id}"));
    event["httpMethod"] = json!("GET");
    event["pathParameters"] = json!({ "orderId": order_id });
    event["body"] = Value::Null;
    event
}

/// A valid order.
pub(crate) fn order() -> Value {
    json!({ "customerId": "CUST-1234", "productId": "PROD-1234", "quantity": 2, "price": 29.99 })
}

/// The response in the form that a client gets.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u64,
    pub(crate) headers: Value,
    pub(crate) body: Value,
}

/// Sends a request, and checks that the response has the common headers and a JSON body.
#[track_caller]
pub(crate) fn send(function: &mut Function, event: &Value) -> Seen {
    let answer = function.invoke(event).response();
    let headers = answer["headers"].clone();
    assert_eq!(headers["Access-Control-Allow-Origin"], ORIGIN, "{answer}");
    assert_eq!(headers["Content-Type"], "application/json", "{answer}");
    assert_eq!(headers["Cache-Control"], "no-store", "{answer}");
    assert_eq!(headers["X-Content-Type-Options"], "nosniff", "{answer}");
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let seen = Seen { status: answer["statusCode"].as_u64().unwrap(), headers, body };
    if seen.status >= 400 {
        assert_eq!(seen.body["requestId"], "the-request", "{answer}");
    }
    seen
}

/// Places an order, and returns its id.
#[track_caller]
pub(crate) fn take(function: &mut Function, event: &Value) -> String {
    let seen = send(function, event);
    assert_eq!(seen.status, 202, "{seen:?}");
    seen.body["orderId"].as_str().unwrap().to_owned()
}
