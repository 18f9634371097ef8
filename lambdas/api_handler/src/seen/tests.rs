use std::{
    cell::{Cell, RefCell},
    task::{Context, Poll, Waker},
};

use contracts::{
    functions::ApiHandlerEnv,
    metric::{MessageMetric, OrderMetric},
};
use function_contract::env::EnvContract as _;
use runtime::{
    item::{Attributes, attributes},
    port::{
        ChangeMessageVisibility, Clock, DescribeExecution, DynamoDb, Entropy, Execution, GetItem,
        Meter, Page, PutItem, Query, SendMessage, Sfn, Sleep, Sqs, StartError, StartExecution,
        UpdateItem, Write, WriteError,
    },
};
use serde_json::json;

use super::*;

const ID: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const AT: &str = "2025-07-20T13:06:28.324Z";

/// A call, or a pause in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Read,
    Describe,
    Wait(u128),
}
use Step::{Describe, Read, Wait};

/// A table that has the record after a number of reads, and an execution.
struct World {
    unseen: Cell<usize>,
    status: Option<ExecutionStatus>,
    steps: RefCell<Vec<Step>>,
}

impl World {
    fn note(&self, step: Step) {
        self.steps.borrow_mut().push(step);
    }
}

fn record() -> OrderRecord {
    let record = json!({
        "order_id": ID, "customer_id": "CUST-1234", "product_id": "PROD-1234", "quantity": 2,
        "price": 29.99, "total_amount": 59.98, "status": "PROCESSING", "created_at": AT,
        "updated_at": AT, "validation_status": "VALID", "metadata": null,
        "fulfillment_details": null, "failure_reason": null, "failure_timestamp": null,
        "error_message": null, "expires_at": null, "round": 0, "dead_letter": null,
    });
    serde_json::from_value(record).unwrap()
}

impl DynamoDb for World {
    async fn get_item(&self, _: GetItem) -> Result<Option<Attributes>, Fault> {
        self.note(Read);
        let unseen = self.unseen.get();
        self.unseen.set(unseen.saturating_sub(1));
        Ok((unseen == 0).then(|| attributes(&record())))
    }

    async fn put_item(&self, _: PutItem) -> Result<(), WriteError> {
        unreachable!("a look writes nothing")
    }

    async fn update_item(&self, _: UpdateItem) -> Result<(), WriteError> {
        unreachable!("a look writes nothing")
    }

    async fn transact_write_items(&self, _: Vec<Write>) -> Result<(), WriteError> {
        unreachable!("a look writes nothing")
    }

    async fn query(&self, _: Query) -> Result<Page, Fault> {
        unreachable!("an order is read by its id")
    }
}

impl Sfn for World {
    async fn start_execution(&self, _: StartExecution) -> Result<(), StartError> {
        unreachable!("a look starts nothing")
    }

    async fn describe_execution(&self, _: DescribeExecution) -> Result<Option<Execution>, Fault> {
        self.note(Describe);
        let input = json!({
            "orderId": ID, "customerId": "CUST-1234", "productId": "PROD-1234", "quantity": 2,
            "price": 29.99, "metadata": null, "submittedAt": AT,
        });
        let input = input.to_string();
        Ok(self.status.map(|status| Execution { status, input, error: None, cause: None }))
    }
}

impl Sqs for World {
    async fn send_message(&self, _: SendMessage) -> Result<(), Fault> {
        unreachable!("a look sends nothing")
    }

    async fn change_message_visibility(&self, _: ChangeMessageVisibility) -> Result<(), Fault> {
        unreachable!("a look hides nothing")
    }
}

impl Clock for World {
    fn now(&self) -> Moment {
        let steps = self.steps.borrow();
        let waited = steps.iter().map(|it| if let Wait(millis) = it { *millis } else { 0 });
        Moment::from_millis(waited.sum::<u128>().try_into().unwrap())
    }
}

impl Sleep for World {
    async fn sleep(&self, span: Duration) {
        self.note(Wait(span.as_millis()));
    }
}

impl Entropy for World {
    fn random(&self) -> [u8; 10] {
        unreachable!("a look draws nothing")
    }
}

impl Meter for World {
    fn count(&self, _: &str, _: OrderMetric, _: &OrderId) {
        unreachable!("nothing is throttled")
    }

    fn count_message(&self, _: &str, _: MessageMetric, _: &str) {
        unreachable!("there is no message")
    }
}

/// Calls `seen` at the time zero, and returns its result and its steps.
fn look(unseen: usize, status: Option<ExecutionStatus>, deadline: u64) -> (String, Vec<Step>) {
    let value = |name: &str| if name == "LOG_LEVEL" { "info" } else { "a:stateMachine:b" };
    let env = ApiHandlerEnv::parse(|name| Some(value(name).to_owned()));
    let env = env.unwrap_or_else(|err| panic!("{err}"));
    let world = World { unseen: Cell::new(unseen), status, steps: RefCell::default() };
    let function = ApiHandler { env, world };
    let order_id = OrderId::try_from(ID.to_owned()).unwrap();
    let work = function.seen(&order_id, Moment::from_millis(deadline));
    let found = match std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(None)) => "nothing".to_owned(),
        Poll::Ready(Ok(Some(Seen::Record(_)))) => "record".to_owned(),
        Poll::Ready(Ok(Some(Seen::Execution(it)))) => format!("{:?}", it.status),
        Poll::Ready(Err(fault)) => panic!("{fault}"),
        Poll::Pending => panic!("nothing of it waits"),
    };
    (found, function.world.steps.take())
}

const EVER: usize = usize::MAX;
const LONG: u64 = 60_000;

#[track_caller]
fn check(look: (String, Vec<Step>), found: &str, steps: &[&[Step]]) {
    assert_eq!(look, (found.to_owned(), steps.concat()));
}

/// Four reads of the table in 0.7 seconds, and then Step Functions.
const FIRST: &[Step] = &[Read, Wait(100), Read, Wait(200), Read, Wait(400), Read, Describe];

#[test]
fn an_unknown_order_is_searched_for_1_5_seconds() {
    check(look(EVER, None, LONG), "nothing", &[FIRST, &[Wait(800), Read]]);
    check(look(4, None, LONG), "record", &[FIRST, &[Wait(800), Read]]);
    check(look(0, None, LONG), "record", &[&[Read]]);
    check(look(1, None, LONG), "record", &[&[Read, Wait(100), Read]]);
}

/// While an execution runs, its input is the only data about the order. After its end, the record has more data.
#[test]
fn a_running_execution_ends_the_search() {
    use ExecutionStatus::{Failed, Running, Succeeded};
    check(look(4, Some(Running), LONG), "Running", &[FIRST]);
    for ended in [Failed, Succeeded] {
        check(look(4, Some(ended), LONG), "record", &[FIRST, &[Read]]);
        check(look(EVER, Some(ended), LONG), &format!("{ended:?}"), &[FIRST, &[Read]]);
    }
}

/// After each pause there must be time for Step Functions and the table, which can take six seconds.
#[test]
fn the_search_ends_before_the_deadline() {
    check(look(EVER, None, 6_099), "nothing", &[&[Read, Describe, Read]]);
    let once = [Read, Wait(100), Read, Describe, Read];
    check(look(EVER, None, 6_100), "nothing", &[&once]);
    check(look(EVER, None, 6_299), "nothing", &[&once]);
    check(look(EVER, None, 7_499), "nothing", &[FIRST, &[Read]]);
    check(look(EVER, None, 7_500), "nothing", &[FIRST, &[Wait(800), Read]]);
}
