//! The event that each function gets, in Lambda's format, and the text in the answer that shows that it worked.

use contracts::api::PlaceOrder;
use function_contract::api::Route as _;
use serde_json::json;

use super::aws::{ORDER, SUBMITTED};

/// An event, and a text that the answer has if the function handled it.
pub(super) struct Event {
    pub(super) text: String,
    pub(super) answer: &'static str,
}

/// Returns the event for a function, by its name.
pub(super) fn of(function: &str) -> Event {
    let order = json!({
        "orderId": ORDER, "customerId": "CUST-1234", "productId": "PROD-1234", "quantity": 2,
        "price": 29.99, "metadata": null, "submittedAt": SUBMITTED,
    });
    let (event, answer) = match function {
        "api_handler" => (
            json!({
                "resource": PlaceOrder::PATH.to_string(), "path": PlaceOrder {}.path(),
                "httpMethod": PlaceOrder::METHOD.as_str(),
                "headers": { "Content-Type": "application/json" },
                "multiValueHeaders": { "Host": ["api.example.com"] },
                "queryStringParameters": null, "pathParameters": null, "stageVariables": null,
                "requestContext": { "requestId": "a-request", "stage": "dev", "httpMethod": "POST" },
                "body": json!({
                    "customerId": "CUST-1234", "productId": "PROD-1234", "quantity": 2, "price": 29.99,
                }).to_string(),
                "isBase64Encoded": false,
            }),
            r#""statusCode":202"#,
        ),
        "validator" => (order, r#""totalAmount":59.98"#),
        "order_storage" => {
            let mut valid = order;
            valid["totalAmount"] = json!(59.98);
            (valid, "PROCESSING")
        }
        "fulfill_order" => (
            json!({ "Records": [{
            "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "receiptHandle": "a-handle",
            "body": json!({ "orderId": ORDER, "submittedAt": SUBMITTED }).to_string(),
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1753016788324" },
            "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-south-1:111111111111:order-queue",
            "awsRegion": "ap-south-1",
        }] }),
            r#""batchItemFailures":[]"#,
        ),
        // The scheduler's tick has no content.
        "reconcile_orders" => (json!({}), "null"),
        // Any other function takes messages, and a batch without messages calls no service.
        _ => (json!({ "Records": [] }), r#""batchItemFailures":[]"#),
    };
    Event { text: event.to_string(), answer }
}
