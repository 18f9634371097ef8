//! The calls that the typed clients make, and their handling of the responses.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use function_contract::time::{EpochSeconds, Timestamp};
use std::cell::RefCell;

use contracts::{
    domain::{OrderId, OrderStatus},
    functions::{ApiHandlerEnv, FulfillOrderEnv, OrderStorageEnv, ReconcileOrdersEnv},
    order::{ByStatus, FailedOrder, OrderAccepted, OrderRecord, OrderSubmitted},
};
use function_contract::{env::EnvContract, item::Indexed};
use runtime::{
    expression::{Expression, Set, When},
    item::{Attribute, Attributes, attributes},
    machine::{Started, machine},
    port::{
        ChangeMessageVisibility, DeleteItem, DescribeExecution, DynamoDb, Execution,
        ExecutionStatus, Fault, GetItem, Page, PutItem, Query, SendMessage, Sfn, Sqs, StartError,
        StartExecution, UpdateItem, Write, WriteError,
    },
    queue::queue,
    table::table,
};
use serde_json::{Value, json};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const AT: &str = "2025-07-20T13:06:28.324Z";

/// A fake AWS that records one call and gives it a fixed response.
#[derive(Default)]
struct Aws {
    asked: RefCell<Vec<Asked>>,
    item: Option<Attributes>,
    page: Page,
    execution: Option<Execution>,
    refuses: bool,
}

#[derive(Debug, PartialEq)]
enum Asked {
    Get(GetItem),
    Put(PutItem),
    Update(UpdateItem),
    Query(Query),
    Send(SendMessage),
    Hide(ChangeMessageVisibility),
    Start(StartExecution),
    Describe(DescribeExecution),
}

impl Aws {
    fn note(&self, asked: Asked) -> Result<(), WriteError> {
        self.asked.borrow_mut().push(asked);
        match self.refuses {
            true => Err(WriteError::ConditionFailed),
            false => Ok(()),
        }
    }

    #[track_caller]
    fn asked(&self, expected: Asked) {
        assert_eq!(self.asked.take(), [expected]);
    }
}

impl DynamoDb for Aws {
    async fn get_item(&self, call: GetItem) -> Result<Option<Attributes>, Fault> {
        self.note(Asked::Get(call)).unwrap();
        Ok(self.item.clone())
    }

    async fn put_item(&self, call: PutItem) -> Result<(), WriteError> {
        self.note(Asked::Put(call))
    }

    async fn update_item(&self, call: UpdateItem) -> Result<(), WriteError> {
        self.note(Asked::Update(call))
    }

    async fn transact_write_items(&self, _: Vec<Write>) -> Result<(), WriteError> {
        unreachable!("transactions have no typed client")
    }

    async fn query(&self, call: Query) -> Result<Page, Fault> {
        self.note(Asked::Query(call)).unwrap();
        Ok(self.page.clone())
    }
}

impl Sqs for Aws {
    async fn send_message(&self, call: SendMessage) -> Result<(), Fault> {
        self.note(Asked::Send(call)).unwrap();
        Ok(())
    }

    async fn change_message_visibility(&self, call: ChangeMessageVisibility) -> Result<(), Fault> {
        self.note(Asked::Hide(call)).unwrap();
        Ok(())
    }
}

impl Sfn for Aws {
    async fn start_execution(&self, call: StartExecution) -> Result<(), StartError> {
        self.note(Asked::Start(call)).map_err(|_| StartError::AlreadyExists)
    }

    async fn describe_execution(
        &self,
        call: DescribeExecution,
    ) -> Result<Option<Execution>, Fault> {
        self.note(Asked::Describe(call)).unwrap();
        Ok(self.execution.clone())
    }
}

fn wait<T>(call: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(call)
}

/// A function's environment, with addresses that show their purpose.
fn env<E: EnvContract>() -> E::In<function_contract::env::Live> {
    let value = |name: &str| match name {
        "FULFILLMENT_RATE" => "50",
        "LOG_LEVEL" => "info",
        "PROCESSING_DEADLINE_MINUTES" => "30",
        "ORDERS_TABLE" => "orders",
        "FAILED_ORDERS_TABLE" => "failed",
        "ORDER_QUEUE_URL" => "http://queue",
        "ORDER_MACHINE_ARN" => "arn:aws:states:r:1:stateMachine:order",
        _ => "https://shop.example.com",
    };
    E::parse(|name| Some(value(name).to_owned())).unwrap_or_else(|err| panic!("{err}"))
}

fn id() -> OrderId {
    ORDER.to_owned().try_into().unwrap()
}

fn at() -> Timestamp {
    AT.to_owned().try_into().unwrap()
}

fn key() -> Attributes {
    [("order_id".to_owned(), Attribute::Text(ORDER.to_owned()))].into()
}

fn record() -> OrderRecord {
    let record = json!({
        "order_id": ORDER, "customer_id": "CUST-1234", "product_id": "PROD-1234",
        "quantity": 2, "price": 29.99, "total_amount": 59.98, "status": "PROCESSING",
        "created_at": AT, "updated_at": AT, "validation_status": "VALID", "metadata": null,
        "fulfillment_details": null, "failure_reason": null, "failure_timestamp": null,
        "error_message": null, "expires_at": null, "round": 0, "dead_letter": null,
    });
    serde_json::from_value(record).unwrap()
}

fn orders() -> String {
    "orders".to_owned()
}

#[test]
fn an_item_is_read_by_its_key() {
    let env = env::<FulfillOrderEnv>();
    let asked = || Asked::Get(GetItem { table: orders(), key: key() });
    let aws = Aws { item: Some(attributes(&record())), ..Aws::default() };
    assert_eq!(wait(table(&aws, &env.orders).get(&id())), Ok(Some(record())));
    aws.asked(asked());
    let aws = Aws::default();
    assert_eq!(wait(table(&aws, &env.orders).get(&id())), Ok(None));
    aws.asked(asked());
    // The error names the key of an unreadable item.
    let mut broken = attributes(&record());
    broken.insert("status".to_owned(), Attribute::Text("LOST".to_owned()));
    let aws = Aws { item: Some(broken), ..Aws::default() };
    let fault = wait(table(&aws, &env.orders).get(&id())).unwrap_err().to_string();
    assert!(
        fault.starts_with("DynamoDB ")
            && fault.contains(&format!("item `{ORDER}` cannot be read: ")),
        "{fault}"
    );
    assert!(fault.contains("LOST"), "{fault}");
    // Even the key is unreadable.
    let key = [("order_id".to_owned(), Attribute::Number("7".to_owned()))].into();
    let aws = Aws { item: Some(key), ..Aws::default() };
    let fault = wait(table(&aws, &env.orders).get(&id())).unwrap_err().to_string();
    assert!(fault.contains("item `` cannot be read: "), "{fault}");
}

#[test]
fn a_new_item_replaces_none() {
    let env = env::<OrderStorageEnv>();
    let asked = || {
        let condition = Some(Expression {
            text: "attribute_not_exists(#key)".to_owned(),
            names: [("#key".to_owned(), "order_id".to_owned())].into(),
            values: Attributes::new(),
        });
        Asked::Put(PutItem { table: orders(), item: attributes(&record()), condition })
    };
    let aws = Aws::default();
    assert_eq!(wait(table(&aws, &env.orders).put_new(&record())), Ok(()));
    aws.asked(asked());
    let aws = Aws { refuses: true, ..Aws::default() };
    let outcome = wait(table(&aws, &env.orders).put_new(&record()));
    assert_eq!(outcome, Err(WriteError::ConditionFailed));
    aws.asked(asked());
}

fn reason() -> FailedOrder {
    FailedOrder {
        order_id: ORDER.to_owned(),
        original_timestamp: None,
        failed_timestamp: at(),
        receive_count: 1,
        failure_reason: "FulfillmentFailed".to_owned(),
        error_message: None,
        raw_body: None,
    }
}

fn put_reason() -> PutItem {
    PutItem { table: "failed".to_owned(), item: attributes(&reason()), condition: None }
}

#[test]
fn a_put_replaces_whatever_was_there() {
    let env = env::<FulfillOrderEnv>();
    let aws = Aws::default();
    assert_eq!(wait(table(&aws, &env.failed_orders).put(&reason())), Ok(()));
    aws.asked(Asked::Put(put_reason()));
    let aws = Aws { refuses: true, ..Aws::default() };
    let fault = wait(table(&aws, &env.failed_orders).put(&reason())).unwrap_err();
    assert!(matches!(fault, Fault::Unreadable { .. }), "{fault}");
}

fn updated() -> UpdateItem {
    let expression = |text: &str, letter: char, status: &str| Expression {
        text: text.to_owned(),
        names: [(format!("#{letter}0"), "status".to_owned())].into(),
        values: [(format!(":{letter}0"), Attribute::Text(status.to_owned()))].into(),
    };
    UpdateItem {
        table: orders(),
        key: key(),
        update: expression("SET #s0 = :s0", 's', "FAILED"),
        condition: expression("#c0 = :c0", 'c', "PROCESSING"),
    }
}

fn change() -> (Set<OrderRecord>, When<OrderRecord>) {
    let at = OrderRecord::at();
    (Set::to(&at.status, &OrderStatus::Failed), When::is(&at.status, &OrderStatus::Processing))
}

#[test]
fn an_update_changes_what_is_as_expected() {
    let env = env::<FulfillOrderEnv>();
    for (refuses, expected) in [(false, Ok(())), (true, Err(WriteError::ConditionFailed))] {
        let aws = Aws { refuses, ..Aws::default() };
        let (set, when) = change();
        assert_eq!(wait(table(&aws, &env.orders).update(&id(), set, when)), expected);
        aws.asked(Asked::Update(updated()));
    }
}

#[test]
fn writes_of_a_transaction_make_no_call() {
    let env = env::<FulfillOrderEnv>();
    let aws = Aws::default();
    let (set, when) = change();
    let update = table(&aws, &env.orders).updating(&id(), set, when);
    assert_eq!(update, Write::Update(updated()));
    let putting = table(&aws, &env.failed_orders).putting(&reason());
    assert_eq!(putting, Write::Put(put_reason()));
    let delete = DeleteItem { table: "failed".to_owned(), key: key() };
    let deleting = table(&aws, &env.failed_orders).deleting(&ORDER.to_owned());
    assert_eq!(deleting, Write::Delete(delete));
    assert_eq!(aws.asked.take(), []);
}

#[test]
fn an_index_gives_keys_in_pages() {
    let env = env::<ReconcileOrdersEnv>();
    let text = |it: &str| Attribute::Text(it.to_owned());
    let keys = |id: Attribute| -> Attributes {
        [("order_id", id), ("updated_at", text(AT)), ("status", text("PROCESSING"))]
            .map(|(name, it)| (name.to_owned(), it))
            .into()
    };
    let unreadable = [keys(text("no id")), keys(Attribute::Number("7".to_owned()))];
    let items = [keys(text(ORDER))].into_iter().chain(unreadable).collect();
    let aws = Aws { page: Page { items, next: Some(key()) }, ..Aws::default() };
    let orders = table(&aws, &env.orders);
    let page = orders.query_below::<ByStatus, _>(&OrderStatus::Processing, &at(), Some(key()), 7);
    let (found, next) = wait(page).unwrap();
    assert_eq!(found[0], Ok(Indexed { key: id(), range: at() }));
    let named = found[1..].iter().map(|it| it.as_ref().unwrap_err().key.as_str());
    assert_eq!(named.collect::<Vec<_>>(), ["no id", ""]);
    assert_eq!(next, Some(key()));
    let condition = Expression {
        text: "#hash = :hash AND #range < :range".to_owned(),
        names: [("#hash", "status"), ("#range", "updated_at")]
            .map(|(at, name)| (at.to_owned(), name.to_owned()))
            .into(),
        values: [(":hash", text("PROCESSING")), (":range", text(AT))]
            .map(|(at, value)| (at.to_owned(), value))
            .into(),
    };
    let query = Query {
        table: self::orders(),
        index: "status-updated_at".to_owned(),
        condition,
        after: Some(key()),
        limit: 7,
    };
    aws.asked(Asked::Query(query));
}

#[test]
fn a_message_is_the_payload_as_json() {
    let env = env::<OrderStorageEnv>();
    let aws = Aws::default();
    let message = OrderAccepted { order_id: id(), submitted_at: at() };
    assert_eq!(wait(queue(&aws, &env.queue).send(&message)), Ok(()));
    let [Asked::Send(SendMessage { queue: url, body })] = &aws.asked.take()[..] else {
        panic!("one message is sent")
    };
    assert_eq!(url, "http://queue");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, json!({ "orderId": ORDER, "submittedAt": AT }));

    let env = self::env::<FulfillOrderEnv>();
    assert_eq!(wait(queue(&aws, &env.queue).hide("receipt", 20)), Ok(()));
    aws.asked(Asked::Hide(ChangeMessageVisibility {
        queue: "http://queue".to_owned(),
        receipt_handle: "receipt".to_owned(),
        seconds: 20,
    }));
}

fn submitted() -> OrderSubmitted {
    serde_json::from_value(submitted_json()).unwrap()
}

fn submitted_json() -> Value {
    json!({
        "orderId": ORDER, "customerId": "CUST-1234", "productId": "PROD-1234", "quantity": 2,
        "price": 29.99, "metadata": null, "submittedAt": AT,
    })
}

#[test]
fn an_execution_is_started_with_the_payload_as_json() {
    let env = env::<ApiHandlerEnv>();
    for (refuses, expected) in [(false, Ok(())), (true, Err(StartError::AlreadyExists))] {
        let aws = Aws { refuses, ..Aws::default() };
        let started = wait(machine(&aws, &env.order_machine).start("name", &submitted()));
        assert_eq!(started, expected);
        let [Asked::Start(StartExecution { machine, name, input })] = &aws.asked.take()[..] else {
            panic!("one execution is started")
        };
        assert_eq!(
            (machine.as_str(), name.as_str()),
            ("arn:aws:states:r:1:stateMachine:order", "name")
        );
        assert_eq!(serde_json::from_str::<Value>(input).unwrap(), submitted_json());
    }
}

#[test]
fn an_execution_is_found_by_its_name() {
    let env = env::<ApiHandlerEnv>();
    let ended = |input: String, error: Option<&str>, cause: Option<&str>| Execution {
        status: ExecutionStatus::Failed,
        input,
        error: error.map(str::to_owned),
        cause: cause.map(str::to_owned),
    };
    let describe = |execution: Option<Execution>| {
        let aws = Aws { execution, ..Aws::default() };
        let found = wait(machine(&aws, &env.order_machine).describe("name"));
        let execution = "arn:aws:states:r:1:execution:order:name".to_owned();
        aws.asked(Asked::Describe(DescribeExecution { execution }));
        found
    };
    assert_eq!(describe(None), Ok(None));
    let input = || submitted_json().to_string();
    for (error, cause, expected) in [
        (None, None, None),
        (Some("E"), None, Some(("E", ""))),
        (Some("E"), Some("C"), Some(("E", "C"))),
    ] {
        let error_and_cause =
            expected.map(|(error, cause): (&str, &str)| (error.into(), cause.into()));
        let started =
            Started { status: ExecutionStatus::Failed, input: submitted(), error: error_and_cause };
        assert_eq!(describe(Some(ended(input(), error, cause))), Ok(Some(started)));
    }
    let fault = describe(Some(ended("{}".to_owned(), None, None))).unwrap_err();
    assert!(matches!(fault, Fault::Unreadable { service: "Step Functions", .. }), "{fault}");
}

/// Seconds since the epoch, as DynamoDB reads them.
#[test]
fn a_time_to_live_is_a_number() {
    let mut record = record();
    record.expires_at = Some(EpochSeconds(1_753_016_788));
    let expected = Attribute::Number("1753016788".to_owned());
    assert_eq!(attributes(&record)["expires_at"], expected);
}
