//! A system with orders of every status, and its page. All tests share it.

use function_contract::time::Timestamp;
use std::{path::PathBuf, sync::OnceLock, thread};

use contracts::{
    api::OrderAnswer,
    domain::{OrderStatus, ValidationStatus},
    order::{FailedOrder, OrderRecord},
};
use dofs::{local::state::Running, page, system::System};
use function_contract::http::{ApiError, Problem};
use host::aws::Aws;
use infra_gen::config::Environment;
use serde_json::{Value, json};
use tiny_http::{Header, Method, Response, Server};

/// The orders at the beginning, one for each status of records.
pub(crate) const PROCESSING: u32 = 1;
pub(crate) const FULFILLED: u32 = 2;
pub(crate) const FAILED: u32 = 3;
pub(crate) const REJECTED: u32 = 4;
/// The id that the API returns for an order.
pub(crate) const TAKEN: u32 = 5;
/// A failure message with HTML, which the page must escape.
pub(crate) const CAUSE: &str = "<img src=x onerror=document.title='hacked'><b>bold</b>";

/// A page, and the system that it shows.
pub(crate) struct Shown {
    pub(crate) url: String,
    pub(crate) system: System,
}

/// Returns the page of this process, and a client of AWS to write orders. Each test has its own client, because it blocks.
pub(crate) fn shown() -> &'static Shown {
    static SHOWN: OnceLock<Shown> = OnceLock::new();
    SHOWN.get_or_init(|| {
        let aws = Aws::new(env!("CARGO_TARGET_TMPDIR"));
        let system = system(&aws, &api());
        furnish(&aws, &system);
        AWS.set(std::sync::Mutex::new(aws)).unwrap_or_else(|_| panic!("there is one"));
        let (sender, url) = std::sync::mpsc::channel();
        let served = system.clone();
        thread::spawn(move || {
            run(async {
                let listener = page::listen(0).await.unwrap();
                sender.send(page::url(&listener).unwrap()).unwrap();
                page::serve(served, listener).await.unwrap();
            });
        });
        Shown { url: url.recv().unwrap(), system }
    })
}

static AWS: OnceLock<std::sync::Mutex<Aws>> = OnceLock::new();

/// Writes an order, and overwrites an existing one.
pub(crate) fn put(number: u32, status: OrderStatus) {
    let aws = AWS.get().expect("the page is shown").lock().unwrap();
    aws.orders().put(&order(number, status));
}

pub(crate) fn id(number: u32) -> String {
    format!("0192f0c1-2d3e-7a4b-8c5d-{number:012}")
}

/// Runs a future to its end.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn system(aws: &Aws, api_url: &str) -> System {
    let (endpoint, account) = aws.called_by();
    let running = Running {
        environment: "dev".to_owned(),
        pid: 0,
        began: 0,
        endpoint: endpoint.to_owned(),
        api_url: api_url.to_owned(),
        api_key: None,
        page_url: None,
        account: account.id,
        region: account.region,
        log: PathBuf::new(),
    };
    System::new(Environment::Dev, api_url, &running.sdk_config(), None).unwrap()
}

/// Fills the system: two waiting messages, one dead letter, one running execution, and an order of every other status.
fn furnish(aws: &Aws, system: &System) {
    for status in [
        (PROCESSING, OrderStatus::Processing),
        (FULFILLED, OrderStatus::Fulfilled),
        (FAILED, OrderStatus::Failed),
        (REJECTED, OrderStatus::Rejected),
    ] {
        aws.orders().put(&order(status.0, status.1));
    }
    aws.failed_orders().put(&FailedOrder {
        order_id: "message-7".to_owned(),
        original_timestamp: None,
        failed_timestamp: moment(50),
        receive_count: 1,
        failure_reason: "UnreadableMessage".to_owned(),
        error_message: Some("expected value at line 1".into()),
        raw_body: Some("?".into()),
    });
    aws.send("one");
    aws.send("two");
    run(async {
        let queue = system.sqs.create_queue().queue_name(&system.names.dead_letters);
        let url = queue.send().await.unwrap().queue_url.unwrap();
        system.sqs.send_message().queue_url(url).message_body("three").send().await.unwrap();
        let waits = json!({ "Type": "Wait", "Seconds": 86_400, "End": true });
        let definition = json!({ "StartAt": "Only", "States": { "Only": waits } });
        let machine = system.sfn.create_state_machine().name(&system.names.machine);
        let machine = machine.role_arn("arn:aws:iam::111111111111:role/dofs-dev-order");
        machine.definition(definition.to_string()).send().await.unwrap();
        let started = system.sfn.start_execution().state_machine_arn(&system.machine_arn);
        started.name(id(TAKEN)).input("{}").send().await.unwrap();
    });
}

fn moment(second: u32) -> Timestamp {
    format!("2025-07-20T13:06:{second:02}.324Z").try_into().unwrap()
}

fn order(number: u32, status: OrderStatus) -> OrderRecord {
    let failed = matches!(status, OrderStatus::Failed | OrderStatus::Rejected);
    let reason = if status == OrderStatus::Failed { "FulfillmentFailed" } else { "OrderInvalid" };
    OrderRecord {
        order_id: id(number).try_into().unwrap(),
        customer_id: format!("CUST-{number:04}").into(),
        product_id: "PROD-5678".into(),
        quantity: 2,
        price: serde_json::Number::from_f64(29.99).unwrap(),
        total_amount: contracts::money::Money::from_cents(5998),
        status,
        created_at: moment(number),
        updated_at: moment(number),
        validation_status: ValidationStatus::Valid,
        metadata: None,
        fulfillment_details: None,
        failure_reason: failed.then(|| reason.to_owned()),
        failure_timestamp: failed.then(|| moment(number)),
        error_message: failed.then(|| CAUSE.into()),
        expires_at: None,
        round: 0,
        dead_letter: None,
    }
}

/// An API that accepts each order whose quantity is a number, with the id [`TAKEN`].
fn api() -> String {
    let server = Server::http("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.server_addr());
    thread::spawn(move || {
        for mut request in server.incoming_requests() {
            let order: Value = serde_json::from_reader(request.as_reader()).unwrap_or_default();
            let (status, answer) = match request.method() {
                Method::Post if order["quantity"].is_number() => (202, taken()),
                Method::Post => (400, refused()),
                _ => (404, error("ORDER_NOT_FOUND", "There is no such order.", Vec::new())),
            };
            let json = Header::from_bytes("Content-Type", "application/json").unwrap();
            let response = Response::from_string(answer.to_string());
            let _ = request.respond(response.with_status_code(status).with_header(json));
        }
    });
    url
}

fn taken() -> Value {
    let order_id = id(TAKEN).try_into().unwrap();
    let message = "The order was accepted.".to_owned();
    json!(OrderAnswer { order_id, status: OrderStatus::Accepted, message })
}

fn refused() -> Value {
    let problem = |pointer: &str, message: &str| Problem {
        pointer: pointer.to_owned(),
        message: message.to_owned(),
    };
    let problems = vec![
        problem("/quantity", "must be a whole number"),
        problem("/metadata/gift", "must be a text"),
        problem("/surprise", "is not known"),
    ];
    error("BAD_REQUEST_BODY", "The body is not an order.", problems)
}

fn error(error: &str, message: &str, problems: Vec<Problem>) -> Value {
    let (error, message) = (error.to_owned(), message.to_owned());
    json!(ApiError { error, message, problems, request_id: "a test".to_owned() })
}
