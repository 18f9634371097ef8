//! The services that functions call, at one address, with a fixed answer to each call. They take nearly no time, and
//! are the same for both sides, so the functions themselves are measured.

use std::net::SocketAddr;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::http;

/// The order that all events are about.
pub(super) const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
pub(super) const SUBMITTED: &str = "2025-07-20T13:06:28.324Z";

/// Starts the server, and returns its address.
pub(super) fn listen() -> anyhow::Result<SocketAddr> {
    let address = http::serve(|request, stream| {
        let call = request.target.as_deref().and_then(|it| it.split_once('.'));
        let answer = answer(call.map_or("", |(_, call)| call)).to_string();
        http::respond(stream, "200 OK", &[("x-amzn-RequestId", "a-request")], &answer)
    });
    address.context("there is no free port")
}

/// Returns the answer to a call, by its name. A request for the root of a service has an empty one.
fn answer(call: &str) -> Value {
    match call {
        "GetItem" => json!({ "Item": item() }),
        "Query" => json!({ "Items": [item()], "Count": 1, "ScannedCount": 1 }),
        "SendMessage" => {
            // The SDK for Node compares it with the body that it has sent: {"orderId":"<ORDER>"}.
            json!({ "MessageId": "1", "MD5OfMessageBody": "4ccbe07843ce3c9ff620dc2e9b0a286e" })
        }
        "StartExecution" => json!({
            "executionArn": "arn:aws:states:ap-south-1:111111111111:execution:order:1",
            "startDate": 1.0,
        }),
        _ => json!({}),
    }
}

/// The item of an order that waits to be fulfilled.
fn item() -> Value {
    let text = |it: &str| json!({ "S": it });
    let number = |it: &str| json!({ "N": it });
    json!({
        "order_id": text(ORDER), "customer_id": text("CUST-1234"), "product_id": text("PROD-1234"),
        "quantity": number("2"), "price": number("29.99"), "total_amount": number("59.98"),
        "status": text("PROCESSING"), "created_at": text(SUBMITTED), "updated_at": text(SUBMITTED),
        "validation_status": text("VALID"), "round": number("0"),
    })
}
