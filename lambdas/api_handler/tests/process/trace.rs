//! The execution that a request starts belongs to the request's trace.

use std::sync::{Arc, Mutex};

use host::{Function, TRACE};
use serde_json::{Value, json};

use crate::request::{BINARY, ORIGIN, order, post, send};

/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
#[test]
fn an_execution_belongs_to_the_trace_of_its_request() {
    let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").unwrap());
    let endpoint = format!("http://{}", server.server_addr());
    let started = Arc::new(Mutex::new(Vec::<Value>::new()));
    let (answers, bodies) = (Arc::clone(&server), Arc::clone(&started));
    let answering = std::thread::spawn(move || {
        for mut request in answers.incoming_requests() {
            let target = request.headers().iter().find(|it| it.field.equiv("x-amz-target"));
            if target.is_some_and(|it| it.value.as_str().ends_with(".StartExecution")) {
                let body = serde_json::from_reader(request.as_reader()).unwrap();
                bodies.lock().unwrap().push(body);
            }
            let answer = json!({ "executionArn": "arn", "startDate": 1_753_016_788.0 });
            // The function may already have closed the connection.
            let _ = request.respond(tiny_http::Response::from_string(answer.to_string()));
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
    let seen = send(&mut function, &post(order().to_string(), json!({})));
    assert_eq!(seen.status, 202, "{}", seen.body);
    let headers: Vec<_> =
        started.lock().unwrap().iter().map(|it| it["traceHeader"].clone()).collect();
    assert_eq!(headers, [TRACE]);
    server.unblock();
    answering.join().unwrap();
}
