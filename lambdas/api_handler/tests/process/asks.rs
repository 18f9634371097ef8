//! The number of calls to AWS for each request. In most regions, an account may call DescribeExecution only ten times a
//! second, and the API accepts more requests than that.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use host::Function;
use serde_json::{Value, json};
use tiny_http::{Method, Response, Server};

use crate::request::{BINARY, ORIGIN, get, order, post, send};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const AT: &str = "2025-07-20T13:06:28.324Z";

/// Returns the response to a call, from its name and the number of earlier calls with this name.
type Answers = fn(&str, usize) -> (u16, String);

/// A fake AWS that counts calls by name.
struct Counting {
    server: Arc<Server>,
    asked: Arc<Mutex<BTreeMap<String, usize>>>,
    thread: JoinHandle<()>,
}

impl Counting {
    fn start(answers: Answers) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let asked = Arc::new(Mutex::new(BTreeMap::new()));
        let (requests, counts) = (Arc::clone(&server), Arc::clone(&asked));
        let thread = std::thread::spawn(move || {
            for request in requests.incoming_requests() {
                let target = request.headers().iter().find(|it| it.field.equiv("x-amz-target"));
                let target = target.map(|it| it.value.to_string()).unwrap_or_default();
                let call = target.rsplit('.').next().unwrap_or_default().to_owned();
                // A function that starts opens its connections with a GET of the root path.
                if *request.method() == Method::Get {
                    let _ = request.respond(Response::from_string("{}"));
                    continue;
                }
                let mut counts = counts.lock().unwrap();
                let count = counts.entry(call.clone()).or_default();
                let (status, body) = answers(&call, *count);
                *count += 1;
                drop(counts);
                // The function may already have closed the connection.
                let _ = request.respond(Response::from_string(body).with_status_code(status));
            }
        });
        Counting { server, asked, thread }
    }

    fn function(&self) -> Function {
        let endpoint = format!("http://{}", self.server.server_addr());
        let machine = "arn:aws:states:ap-south-1:111111111111:stateMachine:order";
        let variables = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("ORDERS_TABLE", "orders"),
            ("ORDER_MACHINE_ARN", machine),
            ("CORS_ORIGIN", ORIGIN),
            ("LOG_LEVEL", "info"),
            ("METRICS_NAMESPACE", "dofs-dev/orders"),
        ];
        Function::start(BINARY, &variables)
    }

    /// Returns the number of calls by name.
    fn end(self) -> BTreeMap<String, usize> {
        self.server.unblock();
        self.thread.join().unwrap();
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn counts(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

const NONE: &str = r#"{"__type": "ExecutionDoesNotExist", "message": "no"}"#;
const EXISTS: &str = r#"{"__type": "ExecutionAlreadyExists", "message": "yes"}"#;

/// The record in DynamoDB's JSON.
fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Number(it) => json!({ "N": it.to_string() }),
        other => json!({ "S": other }),
    }
}

fn record() -> String {
    let fields = json!({
        "order_id": ORDER, "customer_id": "CUST-1234", "product_id": "PROD-1234", "quantity": 2,
        "price": 29.99, "total_amount": 59.98, "status": "PROCESSING", "created_at": AT,
        "updated_at": AT, "validation_status": "VALID", "metadata": null,
        "fulfillment_details": null, "failure_reason": null, "failure_timestamp": null,
        "error_message": null, "expires_at": null, "round": 0, "dead_letter": null,
    });
    let fields = fields.as_object().unwrap().iter();
    let item: serde_json::Map<_, _> =
        fields.map(|(name, it)| (name.clone(), attribute(it))).collect();
    json!({ "Item": item }).to_string()
}

#[test]
fn an_unknown_id_causes_one_call_of_step_functions() {
    let aws = Counting::start(|call, _| match call {
        "DescribeExecution" => (400, NONE.to_owned()),
        _ => (200, "{}".to_owned()),
    });
    let seen = send(&mut aws.function(), &get(ORDER));
    assert_eq!(seen.status, 404, "{seen:?}");
    assert!(seen.headers["Retry-After"].is_string(), "{seen:?}");
    assert_eq!(aws.end(), counts(&[("DescribeExecution", 1), ("GetItem", 5)]));
}

/// The client follows the `Location` at once, and the record is written a moment later.
#[test]
fn a_new_order_causes_no_call_of_describe_execution() {
    let aws = Counting::start(|_, before| match before {
        0..2 => (200, "{}".to_owned()),
        _ => (200, record()),
    });
    let seen = send(&mut aws.function(), &get(ORDER));
    assert_eq!((seen.status, &seen.body["status"]), (200, &json!("PROCESSING")), "{seen:?}");
    assert_eq!(aws.end(), counts(&[("GetItem", 3)]));
}

/// Two requests with the same key at once: the second finds the execution, and then the record.
#[test]
fn a_repeated_order_causes_no_call_of_describe_execution() {
    let aws = Counting::start(|call, before| match (call, before) {
        ("StartExecution", _) => (400, EXISTS.to_owned()),
        ("GetItem", 2..) => (200, record()),
        _ => (200, "{}".to_owned()),
    });
    let event = post(order().to_string(), json!({ "Idempotency-Key": "a" }));
    let seen = send(&mut aws.function(), &event);
    assert_eq!(seen.status, 202, "{seen:?}");
    assert_eq!(aws.end(), counts(&[("GetItem", 3), ("StartExecution", 1)]));
}
