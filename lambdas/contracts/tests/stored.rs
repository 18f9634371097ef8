//! Records and messages of earlier versions are still readable. A tighter limit applies only to new orders.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use contracts::order::{FailedOrder, OrderAccepted, OrderGivenUp, OrderRecord, OrderSubmitted};
use function_contract::{kept::Kept, path::Payload};
use serde_json::{Value, json};

const ID: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const AT: &str = "2025-07-20T13:06:28.324Z";

/// The longest text that an earlier version accepted: 256 characters of four bytes each.
fn longest() -> String {
    "𝄞".repeat(256)
}

/// The largest metadata that an earlier version accepted: 20 pairs, with keys of 64 and values of 256 characters.
fn largest() -> Value {
    let pair = |it: usize| (format!("{it:02}{}", "𝄞".repeat(62)), longest().into());
    Value::Object((0..20).map(pair).collect())
}

#[track_caller]
fn check<P: Payload>(stored: &Value, expected: &Value) {
    let read: P = serde_json::from_str(&stored.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), *expected);
}

fn record(metadata: &Value, error_message: &str) -> Value {
    json!({
        "order_id": ID, "customer_id": longest(), "product_id": longest(), "quantity": -1_000_000_000,
        "price": 0.30000000000000004, "total_amount": null, "status": "REJECTED", "created_at": AT,
        "updated_at": AT, "validation_status": "INVALID", "metadata": metadata,
        "fulfillment_details": null, "failure_reason": longest(), "failure_timestamp": AT,
        "error_message": error_message, "expires_at": 4_294_967_295_u32, "round": 4_294_967_295_u32,
        "dead_letter": longest(),
    })
}

fn given_up(cause: &str) -> Value {
    json!({
        "orderId": ID, "customerId": longest(), "productId": longest(), "quantity": 1_000_000_000,
        "price": 123456789.98765432, "totalAmount": null, "validationStatus": "UNKNOWN",
        "metadata": largest(), "submittedAt": AT, "failedAt": AT, "error": longest(), "cause": cause,
        "canceled": cause,
    })
}

fn failed(text: &str) -> Value {
    json!({
        "order_id": format!("message-{}", longest()), "original_timestamp": null,
        "failed_timestamp": AT, "receive_count": 4_294_967_295_u32, "failure_reason": longest(),
        "error_message": text, "raw_body": text,
    })
}

#[test]
fn the_longest_order_of_an_earlier_version_is_readable() {
    for metadata in [json!({ "gift": "包".repeat(86) }), largest()] {
        let whole = record(&metadata, "why");
        check::<OrderRecord>(&whole, &whole);
        for price in
            [json!(0.30000000000000004), json!(123456789.98765432), json!(-1e9), json!(1e-9)]
        {
            let submitted = json!({
                "orderId": ID, "customerId": longest(), "productId": longest(),
                "quantity": 1_000_000_000, "price": price, "metadata": metadata, "submittedAt": AT,
            });
            check::<OrderSubmitted>(&submitted, &submitted);
        }
    }
}

#[test]
fn a_message_of_an_earlier_version_is_readable() {
    let message = json!({ "orderId": ID, "submittedAt": AT });
    check::<OrderAccepted>(&message, &message);
}

/// Earlier versions did not limit causes and messages. Only their beginning is kept.
#[test]
fn a_longer_text_of_an_earlier_version_is_cut() {
    let (long, kept) = ("x".repeat(300_000), "x".repeat(Kept::MOST_BYTES));
    check::<OrderRecord>(&record(&largest(), &long), &record(&largest(), &kept));
    check::<OrderGivenUp>(&given_up(&long), &given_up(&kept));
    check::<FailedOrder>(&failed(&long), &failed(&kept));
}
