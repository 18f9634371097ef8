//! Responses when calls to AWS fail.

use std::{
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use host::Function;
use serde_json::{Value, json};

use crate::request::{BINARY, ORIGIN, get, order, post, send};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
/// The function's timeout on Lambda. After it, the client would get a response without a reason.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Checks that the response to every event is 503, and returns the number of throttled calls that were counted.
fn check(endpoint: &str, events: &[Value]) -> usize {
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
    function.output().counted("CallsThrottled").len()
}

#[test]
fn a_refused_connection_is_503() {
    let key = json!({ "Idempotency-Key": "a" });
    let events = [post(order().to_string(), json!({})), post(order().to_string(), key), get(ORDER)];
    // No program listens on this port.
    assert_eq!(check("http://127.0.0.1:1", &events), 0);
}

#[test]
fn a_missing_response_is_503() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    assert_eq!(check(&format!("http://{address}"), &[post(order().to_string(), json!({}))]), 0);
}

/// An alarm watches this metric, because AWS's own metric of throttled calls is for the whole account.
#[test]
fn a_throttled_call_is_503_and_counted() {
    let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").unwrap());
    let address = server.server_addr();
    let answers = Arc::clone(&server);
    let answering = std::thread::spawn(move || {
        for request in answers.incoming_requests() {
            let target = request.headers().iter().find(|it| it.field.equiv("x-amz-target"));
            let dynamodb = target.is_some_and(|it| it.value.as_str().starts_with("DynamoDB"));
            let answer = match dynamodb {
                // There is no such order in the table.
                true => tiny_http::Response::from_string("{}"),
                false => tiny_http::Response::from_string(
                    r#"{"__type": "ThrottlingException", "message": "Rate exceeded"}"#,
                )
                .with_status_code(400),
            };
            // The function may already have closed the connection.
            let _ = request.respond(answer);
        }
    });
    let events = [post(order().to_string(), json!({})), get(ORDER)];
    assert_eq!(check(&format!("http://{address}"), &events), 2);
    server.unblock();
    answering.join().unwrap();
}
