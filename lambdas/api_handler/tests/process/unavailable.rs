//! Where AWS does not do its part.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use host::Function;
use serde_json::{Value, json};

use crate::request::{BINARY, ORIGIN, get, order, post, send};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
/// What the function has on Lambda. Whoever waits longer gets an answer without a reason.
const TIMEOUT: Duration = Duration::from_secs(10);

fn check(endpoint: &str, events: &[Value]) {
    let mut function = Function::start(
        BINARY,
        &[
            ("AWS_ENDPOINT_URL", endpoint),
            ("ORDERS_TABLE", "orders"),
            ("ORDER_MACHINE_ARN", "arn:aws:states:ap-south-1:111111111111:stateMachine:order"),
            ("CORS_ORIGIN", ORIGIN),
            ("LOG_LEVEL", "info"),
            ("METRICS_NAMESPACE", "dofs-dev/orders"),
        ],
    );
    let mut unavailable = |event: &Value| {
        let begin = Instant::now();
        let seen = send(&mut function, event);
        assert!(begin.elapsed() < TIMEOUT, "{:?}", begin.elapsed());
        assert_eq!((seen.status, &seen.body["error"]), (503, &json!("SERVICE_UNAVAILABLE")));
        assert_eq!(seen.headers["Retry-After"], "2");
        let text = seen.body.to_string();
        for internal in ["Step Functions", "DynamoDB", "127.0.0.1", "arn:", "orders", "connection"]
        {
            assert!(!text.contains(internal), "{text}");
        }
        let said = function.output().said("a service behind the API is unavailable");
        let said = said.last().unwrap();
        assert_eq!(said["level"], "ERROR");
        assert_eq!(said["span"]["request_id"], function.request_id());
    };
    events.iter().for_each(&mut unavailable);
    assert!(function.output().counted("OrdersAccepted").is_empty());
}

#[test]
fn nobody_listens() {
    let key = json!({ "Idempotency-Key": "a" });
    let events = [post(order().to_string(), json!({})), post(order().to_string(), key), get(ORDER)];
    // A port that no program takes by chance.
    check("http://127.0.0.1:1", &events);
}

#[test]
fn nobody_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    check(&format!("http://{address}"), &[post(order().to_string(), json!({}))]);
}
