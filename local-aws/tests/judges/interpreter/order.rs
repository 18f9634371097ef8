//! The committed machine: every path of an order through it, and every failure at every attempt.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::play::{Answer, Document, Run, play};
use crate::generated;

pub(super) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
pub(super) const KIND: &str = "order";

/// The machine of an environment, with a name for each value that Terraform would fill in.
pub(super) fn document(environment: &str) -> Document {
    let path = format!("{environment}/modules/stepfunctions/order.asl.json");
    let text = std::fs::read_to_string(generated::committed().join(path)).unwrap();
    let names: Vec<&str> = text.split("${").skip(1).filter_map(|it| it.split('}').next()).collect();
    let filled = names.iter().fold(text.clone(), |text, name| {
        text.replace(&format!("${{{name}}}"), &format!("<{name}>"))
    });
    Document { machine: environment.to_owned(), document: serde_json::from_str(&filled).unwrap() }
}

/// Returns every path through the machine of an environment.
pub(super) fn every(environment: &str) -> (Document, Vec<Run>) {
    let document = document(environment);
    let machine = document.parse();
    let ways = ways().into_iter().map(|Way { name, input, script }| {
        let mut asked = BTreeMap::<String, usize>::new();
        let told = (environment, KIND, format!("{environment}: {name}"));
        play(&machine, told, input, |state, _| {
            let at = asked.entry(state.to_owned()).or_default();
            *at += 1;
            let mut of_state = script.iter().filter(|it| it.state == state);
            let scripted = of_state.find(|it| *at <= it.calls);
            scripted.map_or_else(|| well(state), |it| it.answer.clone())
        })
    });
    let runs = ways.collect();
    (document, runs)
}

/// The failures of a run: the first so many calls of a state.
struct Scripted {
    state: &'static str,
    calls: usize,
    answer: Answer,
}

struct Way {
    name: String,
    input: Value,
    script: Vec<Scripted>,
}

pub(super) fn order() -> Value {
    json!({
        "orderId": "o-1", "customerId": "c-1", "productId": "p-1", "quantity": 2, "price": 29.99,
        "metadata": {"gift": "yes"}, "submittedAt": "2023-11-14T22:13:19.000Z",
    })
}

fn of_lambda(payload: &Value) -> Answer {
    Answer::result(json!({ "Payload": payload, "StatusCode": 200 }))
}

/// The answer of the validator to a valid order.
pub(super) fn valid(order: &Value, total: f64) -> Answer {
    let mut order = order.clone();
    order["totalAmount"] = json!(total);
    order["validationStatus"] = json!("VALID");
    of_lambda(&json!({ "valid": order }))
}

/// The answer of the validator to an order that it rejects.
pub(super) fn invalid(order: &Value, cause: &str) -> Answer {
    let mut order = order.clone();
    for (name, value) in [
        ("error", "OrderInvalid"),
        ("cause", cause),
        ("failedAt", "2023-11-14T22:13:20.123Z"),
        ("validationStatus", "INVALID"),
    ] {
        order[name] = json!(value);
    }
    order["totalAmount"] = Value::Null;
    order["canceled"] = Value::Null;
    of_lambda(&json!({ "invalid": order }))
}

/// The answer of a state's task without a failure.
pub(super) fn well(state: &str) -> Answer {
    match state {
        "ValidateOrder" => valid(&order(), 59.98),
        "StoreOrder" => of_lambda(&json!({ "stored": true })),
        _ => Answer::result(json!({})),
    }
}

/// The error text of DynamoDB and Step Functions, with the reason of each write.
fn canceled(reasons: &str) -> Answer {
    let cause = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{reasons}] (Service: \
         DynamoDb, Status Code: 400, Request ID: 5Q2O0RTVGTVU8SI3CQR4N1A9VVVV4KQNSO5AEMVJF66Q9ASUAAJG)"
    );
    Answer::error("DynamoDb.TransactionCanceledException", &cause)
}

/// All kinds of failures of a task in any state, including one that no catcher names.
pub(super) fn failures() -> Vec<(String, Answer)> {
    let errors = [
        ("OrderConflict", "another order has this id"),
        ("OrderStorageRejected", "no"),
        ("OrderInvalid", "no stock"),
        ("Lambda.ServiceException", "down"),
        ("Lambda.Unknown", ""),
        ("States.TaskFailed", "it has failed"),
        ("States.Permissions", "it may not"),
        ("States.Runtime", "it cannot continue"),
        ("States.DataLimitExceeded", "it is too large"),
        ("States.QueryEvaluationError", "it is not JSONata"),
        ("States.HeartbeatTimeout", "it is silent"),
        ("DynamoDB.ConditionalCheckFailedException", "it is there"),
        ("DynamoDB.InternalServerError", "down"),
        ("DynamoDb.InternalServerError", "ConditionalCheckFailed"),
        ("DynamoDb.ConditionalCheckFailedException", "of the other service"),
        ("DynamoDB.TransactionCanceledException", "[ConditionalCheckFailed]"),
        ("DynamoDb.TransactionCanceledException", ""),
    ];
    let errors =
        errors.map(|(error, cause)| (format!("{error} ({cause})"), Answer::error(error, cause)));
    let reasons = [
        "ConditionalCheckFailed, None",
        "ConditionalCheckFailed, TransactionConflict",
        "TransactionConflict, None",
        "None, ThrottlingError",
        "ValidationError, None",
    ];
    let canceled = reasons.map(|it| (format!("canceled [{it}]"), canceled(it)));
    let mut failures: Vec<_> = errors.into_iter().chain(canceled).collect();
    failures.push(("timeout".to_owned(), Answer::timeout()));
    failures
}

/// Answers of a function that are not failures, and that the next expression cannot read.
fn strange() -> Vec<(String, Answer)> {
    let answers = [
        json!({}),
        json!(null),
        json!({ "Payload": null }),
        json!({ "Payload": {} }),
        json!({ "Payload": { "valid": null } }),
        json!({ "Payload": { "invalid": null, "valid": {} } }),
        json!({ "Payload": { "invalid": {} } }),
        json!({ "Payload": [] }),
        json!({ "Payload": [{ "valid": 1 }, { "valid": 2 }] }),
    ];
    answers.map(|it| (format!("answers {it}"), Answer::result(it))).into()
}

/// The records that the order's id can have: its own, another order's, or none.
fn records() -> Vec<(String, Answer)> {
    let own = json!({
        "order_id": { "S": "o-1" }, "customer_id": { "S": "c-1" }, "product_id": { "S": "p-1" },
        "created_at": { "S": "2023-11-14T22:13:19.000Z" },
    });
    let found = |item: &Value| Answer::result(json!({ "Item": item }));
    let mut records = vec![
        ("its own".to_owned(), found(&own)),
        ("none".to_owned(), Answer::result(json!({}))),
        ("a null".to_owned(), found(&Value::Null)),
        ("an empty one".to_owned(), found(&json!({}))),
    ];
    for name in ["customer_id", "product_id", "created_at"] {
        let mut other = own.clone();
        other[name] = json!({ "S": "another" });
        records.push((format!("another {name}"), found(&other)));
        remove(&mut other, name);
        records.push((format!("one without {name}"), found(&other)));
    }
    records
}

pub(super) fn remove(of: &mut Value, name: &str) {
    assert!(of.as_object_mut().unwrap().remove(name).is_some(), "{name}");
}

/// The inputs of an order at its limits.
fn inputs() -> Vec<Value> {
    let pairs = json!({ "gift": "yes", "{% 1 %}": "", "$states": "{'S': 'ü 🎁'}" });
    let mut inputs = Vec::new();
    for (quantity, price, metadata) in [
        (json!(2), json!(29.99), pairs),
        (json!(1), json!(0.01), Value::Null),
        (json!(100), json!(10_000), json!({})),
        (json!(-1_000_000_000), json!(-1e9), json!({ "one": "pair" })),
        (json!(0), json!(0.123456789012345), Value::Null),
        (json!(1_000_000_000), json!(1e-9), json!({ "": "no name" })),
    ] {
        let mut input = order();
        for (name, value) in [("quantity", quantity), ("price", price), ("metadata", metadata)] {
            input[name] = value;
        }
        inputs.push(input);
    }
    inputs
}

/// Each call of the functions, and so many rounds of the states that record.
const OF_FUNCTION: usize = 7;
const OF_RECORD: usize = 5;
const ROUNDS: usize = 3;

fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    let mut add = |name: String, input: Value, script: Vec<Scripted>| {
        ways.push(Way { name, input, script });
    };
    let rejected = |order: &Value| Scripted {
        state: "ValidateOrder",
        calls: 1,
        answer: invalid(order, "no stock"),
    };
    let failing =
        |state, answer: &Answer| Scripted { state, calls: usize::MAX, answer: answer.clone() };
    let no = Answer::error("OrderStorageRejected", "no");
    for (at, input) in inputs().into_iter().enumerate() {
        let accepted =
            || Scripted { state: "ValidateOrder", calls: 1, answer: valid(&input, 59.98) };
        add(format!("input {at}, stored"), input.clone(), vec![accepted()]);
        add(format!("input {at}, rejected"), input.clone(), vec![rejected(&input)]);
        let script = vec![failing("ValidateOrder", &Answer::timeout())];
        add(format!("input {at}, not judged"), input.clone(), script);
        let script = vec![accepted(), failing("StoreOrder", &no)];
        add(format!("input {at}, not stored"), input.clone(), script);
    }
    for (kind, answer) in failures().into_iter().chain(strange()) {
        for state in ["ValidateOrder", "StoreOrder"] {
            for calls in 1..=OF_FUNCTION {
                let script = vec![Scripted { state, calls, answer: answer.clone() }];
                add(format!("{state} {kind} {calls} times"), order(), script);
            }
        }
    }
    for (kind, answer) in failures() {
        for calls in 1..=ROUNDS * OF_RECORD {
            let (rejection, failure) = ("RecordRejection", "RecordFailure");
            let script =
                |state, before| vec![before, Scripted { state, calls, answer: answer.clone() }];
            let name =
                |state: &str, behind: &str| format!("{state} behind {behind} {kind} {calls} times");
            let script = [
                (name(rejection, "invalid"), script(rejection, rejected(&order()))),
                (name(failure, "storage"), script(failure, failing("StoreOrder", &no))),
                (
                    name(failure, "timeout"),
                    script(failure, failing("ValidateOrder", &Answer::timeout())),
                ),
            ];
            for (name, script) in script {
                add(name, order(), script);
            }
        }
    }
    for (kind, answer) in records().into_iter().chain(failures()) {
        for calls in [1, 3, usize::MAX] {
            let script = vec![
                failing("StoreOrder", &no),
                failing("RecordFailure", &canceled("ConditionalCheckFailed, None")),
                Scripted { state: "ReadRecord", calls, answer: answer.clone() },
            ];
            add(format!("ReadRecord {kind} {calls} times"), order(), script);
        }
    }
    // A cause as long as AWS gives one.
    let long = Answer::error("Lambda.Unknown", &"\u{1f4a5}".repeat(32_768));
    for state in ["ValidateOrder", "StoreOrder"] {
        add(format!("{state} with the longest cause"), order(), vec![failing(state, &long)]);
    }
    ways
}
