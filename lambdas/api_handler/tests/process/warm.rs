//! Connections are open before the first event.

use std::{sync::mpsc, thread};

use host::Function;
use serde_json::json;
use tiny_http::{Response, Server};

use crate::request::{BINARY, ORIGIN, order, post, send};

/// A request that the server received, and the port of its connection.
#[derive(Debug)]
struct Seen {
    port: u16,
    call: String,
    target: Option<String>,
}

#[test]
fn the_first_event_finds_open_connections() {
    let server = Server::http("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", server.server_addr());
    let (sender, seen) = mpsc::channel();
    // This thread ends with the test process.
    thread::spawn(move || {
        for request in server.incoming_requests() {
            let target = request.headers().iter().find(|it| it.field.equiv("X-Amz-Target"));
            let seen = Seen {
                port: request.remote_addr().unwrap().port(),
                call: format!("{} {}", request.method(), request.url()),
                target: target.map(|it| it.value.to_string()),
            };
            let body =
                r#"{"executionArn":"arn:aws:states:ap-south-1:1:execution:a:b","startDate":1}"#;
            let code = if request.url() == "/" && seen.call.starts_with("GET") { 400 } else { 200 };
            if sender.send(seen).is_err() {
                return;
            }
            request.respond(Response::from_string(body).with_status_code(code)).unwrap();
        }
    });
    let mut function = Function::start(
        BINARY,
        &[
            ("AWS_ENDPOINT_URL", &endpoint),
            ("ORDERS_TABLE", "orders"),
            ("ORDER_MACHINE_ARN", "arn:aws:states:ap-south-1:111111111111:stateMachine:order"),
            ("CORS_ORIGIN", ORIGIN),
            ("LOG_LEVEL", "info"),
            ("METRICS_NAMESPACE", "dofs-dev/orders"),
        ],
    );
    let before: Vec<Seen> = seen.try_iter().collect();
    // Step Functions and DynamoDB: the services that the function may call, and no others.
    assert_eq!(before.len(), 2, "{before:?}");
    assert!(before.iter().all(|it| it.call == "GET /"), "{before:?}");

    assert_eq!(send(&mut function, &post(order().to_string(), json!({}))).status, 202);
    let call = seen.try_recv().unwrap();
    assert_eq!(call.call, "POST /");
    assert_eq!(call.target.as_deref(), Some("AWSStepFunctions.StartExecution"));
    assert!(before.iter().any(|it| it.port == call.port), "{call:?} is none of {before:?}");
}
