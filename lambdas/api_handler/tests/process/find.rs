//! `GET /order/{orderId}` for orders that are further than ACCEPTED.

use contracts::order::OrderRecord;
use host::aws::Ending;
use serde_json::{Value, json};

use crate::request::{BINARY, aws, get, order, post, send, take};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const AT: &str = "2025-07-20T13:06:28.324Z";

fn record(but: Value) -> OrderRecord {
    let mut record = json!({
        "order_id": ORDER, "customer_id": "CUST-1234", "product_id": "PROD-1234", "quantity": 2,
        "price": 29.99, "total_amount": 59.98, "status": "PROCESSING", "created_at": AT,
        "updated_at": AT, "validation_status": "VALID", "metadata": null,
        "fulfillment_details": null, "failure_reason": null, "failure_timestamp": null,
        "error_message": null, "expires_at": null, "round": 0, "dead_letter": null,
    });
    for (name, value) in but.as_object().unwrap() {
        record[name] = value.clone();
    }
    serde_json::from_value(record).unwrap()
}

#[test]
fn get_returns_the_status_of_the_record() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let mut check = |but: Value, expected: Value| {
        aws.orders().put(&record(but));
        let seen = send(&mut function, &get(ORDER));
        assert_eq!(seen.status, 200, "{seen:?}");
        assert!(!seen.body.to_string().contains("internals"), "{seen:?}");
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&seen.body[name], value, "{name} in {seen:?}");
        }
    };
    check(json!({ "metadata": { "gift": "yes" } }), json!({ "metadata": { "gift": "yes" } }));
    check(
        json!({}),
        json!({ "status": "PROCESSING", "metadata": null, "totalAmount": 59.98, "trackingNumber": null, "problems": [] }),
    );
    check(
        json!({
            "status": "FULFILLED",
            "fulfillment_details": {
                "tracking_number": "TRK1", "carrier": "EXPRESS_SHIPPING", "estimated_delivery": AT,
            },
        }),
        json!({
            "status": "FULFILLED", "trackingNumber": "TRK1", "carrier": "EXPRESS_SHIPPING",
            "estimatedDelivery": AT, "errorMessage": null,
        }),
    );
    check(
        json!({
            "status": "FAILED", "failure_reason": "FulfillmentFailed", "failure_timestamp": AT,
            "error_message": "internals", "dead_letter": "m", "round": 1,
        }),
        json!({
            "status": "FAILED", "failureReason": "FulfillmentFailed",
            "errorMessage": "The order could not be processed.",
        }),
    );
    let problem = json!({ "pointer": "/quantity", "message": "no" });
    let violations = json!({ "problems": [problem] }).to_string();
    let cause = json!({ "errorType": "OrderInvalid", "errorMessage": violations });
    check(
        json!({
            "status": "REJECTED", "quantity": -3, "total_amount": null, "expires_at": 1_753_016_788,
            "validation_status": "INVALID", "failure_reason": "OrderInvalid",
            "failure_timestamp": AT, "error_message": cause.to_string(),
        }),
        json!({
            "status": "REJECTED", "quantity": -3, "totalAmount": null,
            "failureReason": "OrderInvalid", "problems": [problem],
        }),
    );
}

#[test]
fn without_a_record_get_returns_the_status_of_the_execution() {
    fn check(ending: Ending, status: u64, expected: Value) {
        let aws = aws();
        let machine = aws.machine(ending);
        let mut function = aws.start(BINARY, &[("ORDER_MACHINE_ARN", &machine)]);
        let order_id = take(&mut function, &post(order().to_string(), json!({})));
        // The execution ends at once, but the emulator needs a moment for it.
        let mut seen = send(&mut function, &get(&order_id));
        for _ in 0..100 {
            if seen.status == status && seen.body["status"] == expected {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
            seen = send(&mut function, &get(&order_id));
        }
        assert_eq!((seen.status, &seen.body["status"]), (status, &expected), "{seen:?}");
        assert!(!seen.body.to_string().contains("internals"), "{seen:?}");
    }
    check(Ending::Never, 200, json!("ACCEPTED"));
    check(Ending::Badly, 200, json!("FAILED"));
    // A rejected order whose record has expired.
    check(Ending::Well, 404, Value::Null);
}
