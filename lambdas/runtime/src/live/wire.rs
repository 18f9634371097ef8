//! Tests of the HTTP requests of every call, and of the conversion of the responses.

use std::{sync::Arc, thread::JoinHandle, time::Duration};

use aws_credential_types::Credentials;
use serde_json::{Value, json};
use tiny_http::{Header, Method, Response, Server};
use tokio::runtime::Runtime;

use super::{
    Live, Settings, config,
    connect::{Trust, http_client},
};
use crate::{
    expression::Expression,
    item::{Attribute, Attributes},
    port::{
        ChangeMessageVisibility, DeleteItem, DescribeExecution, DynamoDb as _, Execution,
        ExecutionStatus, Fault, GetItem, Page, PutItem, Query, SendMessage, Sfn as _, Sqs as _,
        StartError, StartExecution, UpdateItem, Write, WriteError,
    },
    trace,
};

/// A server in place of AWS that gives every call the same response, and records the requests.
struct Aws {
    live: Live,
    threads: Runtime,
    server: Arc<Server>,
    asked: JoinHandle<Vec<(String, Value)>>,
}

impl Aws {
    fn answering(status: u16, body: &Value) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let settings = Settings {
            region: "ap-south-1".to_owned(),
            endpoint: Some(format!("http://{}", server.server_addr())),
            credentials: Credentials::new("key", "secret", None, None, "a test"),
            http: http_client(Trust::Amazon).unwrap(),
        };
        let live = Live {
            dynamodb: Some(aws_sdk_dynamodb::Client::from_conf(
                // The pauses between attempts are random and can add up to three seconds, the timeout of the whole
                // call.
                config!(aws_sdk_dynamodb, &settings)
                    .to_builder()
                    .retry_config(Settings::retry().with_initial_backoff(Duration::from_millis(5)))
                    .build(),
            )),
            sqs: Some(aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs, &settings))),
            sfn: Some(aws_sdk_sfn::Client::from_conf(config!(aws_sdk_sfn, &settings))),
        };
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (requests, body) = (Arc::clone(&server), body.to_string());
        let asked = std::thread::spawn(move || {
            let mut asked = Vec::new();
            for mut request in requests.incoming_requests() {
                assert_eq!(*request.method(), Method::Post);
                let target = request.headers().iter().find(|it| it.field.equiv("x-amz-target"));
                let target = target.map(|it| it.value.to_string()).unwrap_or_default();
                asked.push((target, serde_json::from_reader(request.as_reader()).unwrap()));
                let kind = Header::from_bytes("Content-Type", "application/x-amz-json-1.0");
                let response = Response::from_string(&body).with_status_code(status);
                // A caller that timed out has closed the connection.
                let _ = request.respond(response.with_header(kind.unwrap()));
            }
            asked
        });
        Aws { live, threads, server, asked }
    }

    /// Makes a call, and returns its result and the requests that it sent.
    fn call<T>(self, call: impl AsyncFnOnce(&Live) -> T) -> (T, Vec<(String, Value)>) {
        let outcome = self.threads.block_on(call(&self.live));
        self.server.unblock();
        (outcome, self.asked.join().unwrap())
    }
}

/// Makes a call with this response, and checks that it sends exactly this request.
#[track_caller]
fn asks<T>(answer: &Value, call: impl AsyncFnOnce(&Live) -> T, target: &str, body: Value) -> T {
    let (outcome, asked) = Aws::answering(200, answer).call(call);
    assert_eq!(asked, [(target.to_owned(), body)]);
    outcome
}

fn key() -> Attributes {
    [("order_id".to_owned(), Attribute::Text("o-1".to_owned()))].into()
}

/// An item with every type of attribute.
fn item() -> Attributes {
    let inner = [("a".to_owned(), Attribute::Bool(true))].into();
    let list = vec![Attribute::Number("1".to_owned()), Attribute::Null];
    let mut item = key();
    item.insert("price".to_owned(), Attribute::Number("29.99".to_owned()));
    item.insert("metadata".to_owned(), Attribute::Map(inner));
    item.insert("list".to_owned(), Attribute::List(list));
    item
}

fn item_on_the_wire() -> Value {
    json!({
        "order_id": { "S": "o-1" },
        "price": { "N": "29.99" },
        "metadata": { "M": { "a": { "BOOL": true } } },
        "list": { "L": [{ "N": "1" }, { "NULL": true }] },
    })
}

/// `text`, with a name at `#letter` and a value at `:letter`.
fn expression(text: &str, letter: char) -> Expression {
    Expression {
        text: text.to_owned(),
        names: [(format!("#{letter}"), "status".to_owned())].into(),
        values: [(format!(":{letter}"), Attribute::Text("FAILED".to_owned()))].into(),
    }
}

fn update() -> UpdateItem {
    UpdateItem {
        table: "orders".to_owned(),
        key: key(),
        update: expression("SET #s = :s", 's'),
        condition: expression("#c = :c", 'c'),
    }
}

fn update_on_the_wire() -> Value {
    json!({
        "TableName": "orders",
        "Key": { "order_id": { "S": "o-1" } },
        "UpdateExpression": "SET #s = :s",
        "ConditionExpression": "#c = :c",
        "ExpressionAttributeNames": { "#s": "status", "#c": "status" },
        "ExpressionAttributeValues": { ":s": { "S": "FAILED" }, ":c": { "S": "FAILED" } },
    })
}

fn put(condition: Option<Expression>) -> PutItem {
    PutItem { table: "orders".to_owned(), item: item(), condition }
}

fn put_on_the_wire(is_conditional: bool) -> Value {
    let mut put = json!({ "TableName": "orders", "Item": item_on_the_wire() });
    if is_conditional {
        put["ConditionExpression"] = json!("#c = :c");
        put["ExpressionAttributeNames"] = json!({ "#c": "status" });
        put["ExpressionAttributeValues"] = json!({ ":c": { "S": "FAILED" } });
    }
    put
}

/// Records are read consistently, because an eventually consistent read could return a decided order as undecided.
#[test]
fn items_are_read_consistently() {
    let call = GetItem { table: "orders".to_owned(), key: key() };
    let body = json!({
        "TableName": "orders", "Key": { "order_id": { "S": "o-1" } }, "ConsistentRead": true,
    });
    let get = async |live: &Live| live.get_item(call.clone()).await;
    let there = json!({ "Item": item_on_the_wire() });
    let found = asks(&there, get, "DynamoDB_20120810.GetItem", body.clone());
    assert_eq!(found, Ok(Some(item())));
    assert_eq!(asks(&json!({}), get, "DynamoDB_20120810.GetItem", body), Ok(None));
}

/// A global index has no consistent reads: DynamoDB refuses a request for one.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html>
#[test]
fn an_index_is_read_page_by_page_and_not_consistently() {
    let call = |after: Option<Attributes>| Query {
        table: "orders".to_owned(),
        index: "by_status".to_owned(),
        condition: expression("#c = :c", 'c'),
        after,
        limit: 25,
    };
    let mut body = json!({
        "TableName": "orders",
        "IndexName": "by_status",
        "KeyConditionExpression": "#c = :c",
        "ExpressionAttributeNames": { "#c": "status" },
        "ExpressionAttributeValues": { ":c": { "S": "FAILED" } },
        "Limit": 25,
    });
    let query = async |live: &Live| live.query(call(None)).await;
    let page = asks(&json!({}), query, "DynamoDB_20120810.Query", body.clone());
    assert_eq!(page, Ok(Page { items: Vec::new(), next: None }));
    body["ExclusiveStartKey"] = json!({ "order_id": { "S": "o-1" } });
    let answer = json!({
        "Items": [item_on_the_wire()], "LastEvaluatedKey": { "order_id": { "S": "o-1" } },
    });
    let query = async |live: &Live| live.query(call(Some(key()))).await;
    let page = asks(&answer, query, "DynamoDB_20120810.Query", body);
    assert_eq!(page, Ok(Page { items: vec![item()], next: Some(key()) }));
}

#[test]
fn a_put_has_its_condition_and_nothing_empty() {
    for condition in [None, Some(expression("#c = :c", 'c'))] {
        let body = put_on_the_wire(condition.is_some());
        let call = async |live: &Live| live.put_item(put(condition)).await;
        assert_eq!(asks(&json!({}), call, "DynamoDB_20120810.PutItem", body), Ok(()));
    }
    // This condition has no values, and DynamoDB refuses an empty map of values.
    let mut absent = expression("attribute_not_exists(#c)", 'c');
    absent.values.clear();
    let mut body = put_on_the_wire(true);
    body["ConditionExpression"] = json!("attribute_not_exists(#c)");
    body.as_object_mut().unwrap().remove("ExpressionAttributeValues");
    let call = async |live: &Live| live.put_item(put(Some(absent))).await;
    assert_eq!(asks(&json!({}), call, "DynamoDB_20120810.PutItem", body), Ok(()));
}

#[test]
fn an_update_has_both_of_its_expressions() {
    let call = async |live: &Live| live.update_item(update()).await;
    let asked = asks(&json!({}), call, "DynamoDB_20120810.UpdateItem", update_on_the_wire());
    assert_eq!(asked, Ok(()));
}

#[test]
fn a_transaction_has_every_write() {
    let writes = vec![
        Write::Put(put(Some(expression("#c = :c", 'c')))),
        Write::Put(put(None)),
        Write::Update(update()),
        Write::Delete(DeleteItem { table: "failed".to_owned(), key: key() }),
    ];
    let call = async |live: &Live| live.transact_write_items(writes).await;
    let (outcome, asked) = Aws::answering(200, &json!({})).call(call);
    assert_eq!(outcome, Ok(()));
    let [(target, body)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(target, "DynamoDB_20120810.TransactWriteItems");
    // The SDK generates the token, by which DynamoDB recognises a repeated attempt.
    assert!(body["ClientRequestToken"].as_str().unwrap().len() >= 32, "{body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    let delete = json!({ "TableName": "failed", "Key": { "order_id": { "S": "o-1" } } });
    let expected = json!([
        { "Put": put_on_the_wire(true) },
        { "Put": put_on_the_wire(false) },
        { "Update": update_on_the_wire() },
        { "Delete": delete },
    ]);
    assert_eq!(body["TransactItems"], expected);
}

#[test]
fn a_message_carries_its_trace() {
    let send = SendMessage { queue: "http://sqs/q".to_owned(), body: "{}".to_owned() };
    let mut body = json!({ "QueueUrl": "http://sqs/q", "MessageBody": "{}" });
    let answer =
        json!({ "MessageId": "m", "MD5OfMessageBody": "99914b932bd37a50b983c5e7c90ae93b" });
    let call = async |live: &Live| live.send_message(send.clone()).await;
    assert_eq!(asks(&answer, call, "AmazonSQS.SendMessage", body.clone()), Ok(()));
    body["MessageSystemAttributes"] =
        json!({ "AWSTraceHeader": { "DataType": "String", "StringValue": "Root=1" } });
    let traced = async |live: &Live| trace::within(Some("Root=1".to_owned()), call(live)).await;
    assert_eq!(asks(&answer, traced, "AmazonSQS.SendMessage", body), Ok(()));
}

#[test]
fn a_message_is_hidden_for_so_many_seconds() {
    for (seconds, expected) in [(0, 0), (20, 20), (u32::MAX, 43_200)] {
        let call = ChangeMessageVisibility {
            queue: "http://sqs/q".to_owned(),
            receipt_handle: "r".to_owned(),
            seconds,
        };
        let body = json!({
            "QueueUrl": "http://sqs/q", "ReceiptHandle": "r", "VisibilityTimeout": expected,
        });
        let call = async |live: &Live| live.change_message_visibility(call).await;
        assert_eq!(asks(&json!({}), call, "AmazonSQS.ChangeMessageVisibility", body), Ok(()));
    }
}

fn start() -> StartExecution {
    StartExecution { machine: "m".to_owned(), name: "n".to_owned(), input: "{}".to_owned() }
}

#[test]
fn an_execution_carries_its_trace() {
    let mut body = json!({ "stateMachineArn": "m", "name": "n", "input": "{}" });
    let answer = json!({ "executionArn": "e", "startDate": 1_753_016_788.0 });
    let call = async |live: &Live| live.start_execution(start()).await;
    assert_eq!(asks(&answer, call, "AWSStepFunctions.StartExecution", body.clone()), Ok(()));
    body["traceHeader"] = json!("Root=1");
    let traced = async |live: &Live| trace::within(Some("Root=1".to_owned()), call(live)).await;
    assert_eq!(asks(&answer, traced, "AWSStepFunctions.StartExecution", body), Ok(()));
}

fn describe() -> DescribeExecution {
    DescribeExecution { execution: "e".to_owned() }
}

#[test]
fn an_execution_is_described() {
    use ExecutionStatus::{Failed, Running, Succeeded};
    for (status, redrive, expected) in [
        ("RUNNING", "NOT_REDRIVABLE", Running),
        ("PENDING_REDRIVE", "REDRIVABLE", Running),
        ("SUCCEEDED", "NOT_REDRIVABLE", Succeeded),
        ("FAILED", "REDRIVABLE", Failed),
        ("TIMED_OUT", "REDRIVABLE", Running),
        ("TIMED_OUT", "NOT_REDRIVABLE", Failed),
        ("ABORTED", "REDRIVABLE", Failed),
        ("SOMETHING_NEW", "REDRIVABLE", Failed),
    ] {
        let answer = json!({
            "executionArn": "e", "stateMachineArn": "m", "startDate": 1_753_016_788.0,
            "status": status, "redriveStatus": redrive, "input": "{}", "error": "E", "cause": "C",
        });
        let call = async |live: &Live| live.describe_execution(describe()).await;
        let body = json!({ "executionArn": "e" });
        let found = asks(&answer, call, "AWSStepFunctions.DescribeExecution", body);
        let described = Execution {
            status: expected,
            input: "{}".to_owned(),
            error: Some("E".to_owned()),
            cause: Some("C".to_owned()),
        };
        assert_eq!(found, Ok(Some(described)), "{status}");
    }
}

/// Makes a call that gets an error response, and checks the number of attempts.
#[track_caller]
fn fails<T>(status: u16, code: &str, call: impl AsyncFnOnce(&Live) -> T, attempts: usize) -> T {
    let answer = json!({ "__type": code, "message": "no" });
    let (outcome, asked) = Aws::answering(status, &answer).call(call);
    assert_eq!(asked.len(), attempts, "{code}");
    outcome
}

#[test]
fn an_error_that_a_caller_expects_has_a_name() {
    let code = "ConditionalCheckFailedException";
    let put = async |live: &Live| live.put_item(put(None)).await;
    assert_eq!(fails(400, code, put, 1), Err(WriteError::ConditionFailed));
    let update = async |live: &Live| live.update_item(update()).await;
    assert_eq!(fails(400, code, update, 1), Err(WriteError::ConditionFailed));
    let start = async |live: &Live| live.start_execution(start()).await;
    assert_eq!(fails(400, "ExecutionAlreadyExists", start, 1), Err(StartError::AlreadyExists));
    let describe = async |live: &Live| live.describe_execution(describe()).await;
    assert_eq!(fails(400, "ExecutionDoesNotExist", describe, 1), Ok(None));
}

#[test]
fn any_other_error_is_a_fault() {
    let refused = |service: &'static str| Fault::Refused {
        service,
        code: "AccessDeniedException".to_owned(),
        message: "no".to_owned(),
    };
    let code = "AccessDeniedException";
    let table = || "orders".to_owned();
    let get = async |live: &Live| live.get_item(GetItem { table: table(), key: key() }).await;
    assert_eq!(fails(400, code, get, 1), Err(refused("DynamoDB")));
    let put = async |live: &Live| live.put_item(put(None)).await;
    assert_eq!(fails(400, code, put, 1), Err(refused("DynamoDB").into()));
    let update = async |live: &Live| live.update_item(update()).await;
    assert_eq!(fails(400, code, update, 1), Err(refused("DynamoDB").into()));
    let delete = || Write::Delete(DeleteItem { table: table(), key: key() });
    let transact = async |live: &Live| live.transact_write_items(vec![delete()]).await;
    assert_eq!(fails(400, code, transact, 1), Err(refused("DynamoDB").into()));
    let send = SendMessage { queue: "q".to_owned(), body: "{}".to_owned() };
    let send = async |live: &Live| live.send_message(send).await;
    assert_eq!(fails(400, code, send, 1), Err(refused("SQS")));
    let start = async |live: &Live| live.start_execution(start()).await;
    assert_eq!(fails(400, code, start, 1), Err(refused("Step Functions").into()));
    let describe = async |live: &Live| live.describe_execution(describe()).await;
    assert_eq!(fails(400, code, describe, 1), Err(refused("Step Functions")));
}

/// The SDK retries temporary errors, with three attempts in all.
#[test]
fn temporary_errors_are_retried() {
    let get =
        async |live: &Live| live.get_item(GetItem { table: "orders".to_owned(), key: key() }).await;
    let code = "ProvisionedThroughputExceededException";
    let throttled = Fault::Throttled { service: "DynamoDB", code: code.to_owned() };
    assert_eq!(fails(400, code, get, 3), Err(throttled));
    let down = Fault::Unavailable { service: "DynamoDB", reason: "InternalServerError".to_owned() };
    assert_eq!(fails(500, "InternalServerError", get, 3), Err(down));
}

#[test]
fn a_canceled_transaction_says_why() {
    let answer = json!({
        "__type": "TransactionCanceledException",
        "message": "no",
        "CancellationReasons": [{ "Code": "None" }, { "Code": "ConditionalCheckFailed" }],
    });
    let call = async |live: &Live| live.transact_write_items(Vec::new()).await;
    let (outcome, _) = Aws::answering(400, &answer).call(call);
    assert_eq!(outcome, Err(WriteError::ConditionFailed));
}

#[test]
fn an_unreadable_response_is_a_fault() {
    let get =
        async |live: &Live| live.get_item(GetItem { table: "orders".to_owned(), key: key() }).await;
    let (outcome, _) = Aws::answering(200, &json!("no object")).call(get);
    assert!(matches!(outcome, Err(Fault::Unreadable { service: "DynamoDB", .. })), "{outcome:?}");
    let set = json!({ "Item": { "tags": { "SS": ["a"] } } });
    let (outcome, _) = Aws::answering(200, &set).call(get);
    assert!(matches!(outcome, Err(Fault::Unreadable { service: "DynamoDB", .. })), "{outcome:?}");
}

#[test]
fn a_server_that_is_gone_is_unavailable() {
    let aws = Aws::answering(200, &json!({}));
    let Aws { live, threads, server, asked } = aws;
    server.unblock();
    asked.join().unwrap();
    drop(server);
    let get = GetItem { table: "orders".to_owned(), key: key() };
    let outcome = threads.block_on(live.get_item(get));
    let unavailable =
        Fault::Unavailable { service: "DynamoDB", reason: "no connection".to_owned() };
    assert_eq!(outcome, Err(unavailable));
}
