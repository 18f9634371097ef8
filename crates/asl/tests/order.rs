//! The committed machine, from its start to each of its ends.

#[path = "order/mutants.rs"]
mod mutants;
#[path = "order/records.rs"]
mod records;
#[path = "order/rounds.rs"]
mod rounds;
#[path = "order/routes.rs"]
mod routes;
#[path = "order/whose.rs"]
mod whose;

use std::{sync::Arc, time::Duration};

use asl::{Awaits, Execution, Failure, Jitter, Machine, Next, Now, Problems};
use serde_json::{Value, json};

const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
const NOW: Now = Now { millis: 1_700_000_000_123 };

/// The document as it is committed.
fn committed(environment: &str) -> Value {
    let path = format!(
        "{}/../../generated/{environment}/modules/stepfunctions/order.asl.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).expect("the machine is committed");
    serde_json::from_str(&text).expect("JSON")
}

fn parsed(environment: &str) -> Result<Machine, Problems> {
    read(&committed(environment))
}

fn read(document: &Value) -> Result<Machine, Problems> {
    let text = document.to_string();
    // Whatever Terraform would fill in.
    let names = text.split("${").skip(1).filter_map(|it| it.split_once('}'));
    let variables = names.map(|(it, _)| (it.to_owned(), format!("<{it}>"))).collect();
    Machine::parse(&text, &variables)
}

fn machine(environment: &str) -> Arc<Machine> {
    let read = || Arc::new(parsed(environment).expect("the interpreter can do all of it"));
    mutants::machine().unwrap_or_else(read)
}

/// One of them is enough to see a mistake.
fn environments() -> &'static [&'static str] {
    match mutants::machine() {
        None => &ENVIRONMENTS,
        Some(_) => &["dev"],
    }
}

fn order() -> Value {
    json!({
        "orderId": "o-1", "customerId": "c-1", "productId": "p-1", "quantity": 2, "price": 29.99,
        "metadata": {"gift": "yes"}, "submittedAt": "2023-11-14T22:13:19.000Z",
    })
}

fn valid() -> Value {
    let mut order = order();
    order["totalAmount"] = json!(59.98);
    order["validationStatus"] = json!("VALID");
    order
}

/// The result of a task.
#[derive(Clone)]
enum Answer {
    Result(Value),
    Payload(Value),
    Error(&'static str, &'static str),
    Raised(Failure),
    Timeout,
}
use Answer::{Error, Payload, Raised, Result as Given, Timeout};

/// Runs an order through. Gives what the caller saw, one word each: a state's name for each attempt,
/// the seconds of each delay, and the state in which it ended; and how.
fn run(
    environment: &str,
    input: Value,
    mut answer: impl FnMut(&str, &Value, u32) -> Answer,
) -> (Vec<String>, Next) {
    let machine = machine(environment);
    let mut now = NOW;
    let (mut execution, mut next) =
        Execution::start(&machine, "arn:aws:states:::o-1", "o-1", input, now);
    let mut seen = Vec::new();
    loop {
        assert!(seen.len() < 1_000, "it goes in circles");
        next = match next {
            Next::Task(task) => {
                assert_eq!(task.timeout, Duration::from_secs(15));
                seen.push(task.state.to_string());
                match answer(&task.state, &task.arguments, task.retries) {
                    Given(result) => execution.task_succeeded(result, now),
                    Payload(payload) => execution
                        .task_succeeded(json!({"Payload": payload, "StatusCode": 200}), now),
                    Error(error, cause) => execution.task_failed(Failure::new(error, cause), now),
                    Raised(failure) => execution.task_failed(failure, now),
                    Timeout => execution.task_failed(Failure::timeout(), now),
                }
                .expect("a task is awaited")
            }
            Next::Wait(wait) => {
                let is_state = execution.awaits() == Awaits::Wait;
                assert_eq!(wait.jitter(), if is_state { Jitter::None } else { Jitter::Full });
                seen.push(wait.longest().as_secs().to_string());
                now = now + wait.choose(|longest| longest / 2);
                execution.woke(now).expect("a delay is awaited")
            }
            ended => {
                seen.push(execution.state().to_owned());
                return (seen, ended);
            }
        };
    }
}

fn check(answer: impl Fn(&str, &Value, u32) -> Answer, seen: &str, end: Next) {
    for environment in environments() {
        let (found, ended) = run(environment, order(), &answer);
        assert_eq!(found.join(" "), seen, "{environment}");
        assert_eq!(ended, end, "{environment}");
    }
}

/// Checks how the way of a stored order begins. The snapshot of [`routes`] has the whole way.
fn check_stored(answer: impl Fn(&str, &Value, u32) -> Answer, begins: &str, end: Next) {
    for environment in environments() {
        let (found, ended) = run(environment, order(), &answer);
        assert!(found.join(" ").starts_with(&format!("{begins} ")), "{environment}: {found:?}");
        assert_eq!(found.last().map(String::as_str), Some("Stored"), "{environment}");
        assert_eq!(ended, end, "{environment}");
    }
}

#[test]
fn a_good_order_is_stored() {
    let answer = |state: &str, arguments: &Value, _: u32| match state {
        "ValidateOrder" => {
            assert_eq!(
                *arguments,
                json!({"FunctionName": "<validator_alias_arn>", "Payload": order()})
            );
            Payload(json!({ "valid": valid() }))
        }
        "StoreOrder" => {
            assert_eq!(
                *arguments,
                json!({"FunctionName": "<order_storage_alias_arn>", "Payload": valid()})
            );
            Payload(json!({"stored": true}))
        }
        _ => Payload(Value::Null),
    };
    let end = Next::Succeeded(json!({"stored": true}));
    check_stored(answer, "ValidateOrder StoreOrder", end);
}

/// The input of the states after a failure.
fn failed(error: &str, cause: &str, status: &str, total: Value, at: Now) -> Value {
    let mut input = order();
    for (name, value) in [
        ("error", json!(error)),
        ("cause", json!(cause)),
        ("failedAt", json!(at.to_string())),
        ("totalAmount", total),
        ("canceled", Value::Null),
        ("validationStatus", json!(status)),
    ] {
        input[name] = value;
    }
    input
}

fn names(of: &Value) -> Vec<&str> {
    let mut names: Vec<&str> =
        of.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The attributes in the record of a failed order, if the order was valid.
const FAILED: [&str; 15] = [
    "created_at",
    "customer_id",
    "error_message",
    "failure_reason",
    "failure_timestamp",
    "metadata",
    "order_id",
    "price",
    "product_id",
    "quantity",
    "round",
    "status",
    "total_amount",
    "updated_at",
    "validation_status",
];

/// The attributes in the record of a rejected order.
const REJECTED: [&str; 15] = [
    "created_at",
    "customer_id",
    "error_message",
    "expires_at",
    "failure_reason",
    "failure_timestamp",
    "metadata",
    "order_id",
    "price",
    "product_id",
    "quantity",
    "round",
    "status",
    "updated_at",
    "validation_status",
];

/// Whatever an order lacks, its record lacks, too.
#[test]
fn what_an_order_lacks_is_left_out_of_its_record() {
    let records = |metadata: Value, error: &'static str| {
        let input = {
            let mut order = order();
            order["metadata"] = metadata.clone();
            order
        };
        let item = std::cell::RefCell::new(Value::Null);
        let answer = |state: &str, arguments: &Value, _: u32| match state {
            "ValidateOrder" if error == "OrderInvalid" => {
                let mut rejected = failed(error, "no", "INVALID", Value::Null, NOW);
                rejected["metadata"] = metadata.clone();
                Payload(json!({ "invalid": rejected }))
            }
            "ValidateOrder" => Error(error, "no"),
            "RecordRejection" => {
                *item.borrow_mut() = arguments["Item"].clone();
                Payload(Value::Null)
            }
            _ => {
                *item.borrow_mut() = arguments["TransactItems"][0]["Put"]["Item"].clone();
                Payload(Value::Null)
            }
        };
        let (_, _) = run("dev", input, answer);
        item.into_inner()
    };
    for error in ["OrderInvalid", "Lambda.Unknown"] {
        for (metadata, expected) in [
            (Value::Null, Value::Null),
            (json!({}), json!({"M": {}})),
            (
                json!({"a": "{% 1 %}", "b": ""}),
                json!({"M": {"a": {"S": "{% 1 %}"}, "b": {"S": ""}}}),
            ),
        ] {
            let item = records(metadata, error);
            assert_eq!(item["metadata"], expected, "{item}");
            assert!(!names(&item).contains(&"total_amount"), "{item}");
            assert_eq!(names(&item).contains(&"metadata"), !expected.is_null(), "{item}");
        }
    }
}

#[test]
fn an_invalid_order_is_rejected() {
    let rejected = failed("OrderInvalid", "no stock", "INVALID", Value::Null, NOW);
    let answer = |state: &str, arguments: &Value, _: u32| match state {
        "ValidateOrder" => Payload(json!({ "invalid": rejected })),
        "RecordRejection" => {
            let item = &arguments["Item"];
            assert_eq!(arguments["TableName"], "<orders_table_name>");
            let expires = item["expires_at"]["N"].as_str().and_then(|it| it.parse::<u64>().ok());
            // Some whole days after now, in seconds.
            assert_eq!(expires.expect("a number") % 86_400, 1_700_000_000 % 86_400);
            assert_eq!(item["price"], json!({"N": "29.99"}));
            assert_eq!(item["quantity"], json!({"N": "2"}));
            assert_eq!(item["metadata"], json!({"M": {"gift": {"S": "yes"}}}));
            // Absent values are left out.
            assert_eq!(names(item), REJECTED);
            assert_eq!(item["failure_timestamp"], json!({"S": "2023-11-14T22:13:20.123Z"}));
            Payload(Value::Null)
        }
        other => panic!("{other}"),
    };
    let seen = "ValidateOrder RecordRejection Rejected";
    check(answer, seen, Next::Succeeded(rejected.clone()));
}

#[test]
fn an_order_that_cannot_be_stored_fails() {
    let answer = |state: &str, arguments: &Value, _: u32| match state {
        "ValidateOrder" => Payload(json!({ "valid": valid() })),
        "StoreOrder" => Error("Lambda.ServiceException", "down"),
        "RecordFailure" => {
            let put = &arguments["TransactItems"][0]["Put"];
            assert_eq!(put["Item"]["total_amount"], json!({"N": "59.98"}));
            assert_eq!(put["Item"]["failure_reason"], json!({"S": "Lambda.ServiceException"}));
            assert_eq!(put["ExpressionAttributeValues"][":c0"], json!({"S": "PROCESSING"}));
            // 31.5 of the 63 seconds of delay have gone by.
            assert_eq!(put["Item"]["failure_timestamp"], json!({"S": "2023-11-14T22:13:50.623Z"}));
            let raw = &arguments["TransactItems"][1]["Put"];
            assert_eq!(raw["TableName"], "<failed_orders_table_name>");
            assert_eq!(names(&put["Item"]), FAILED);
            assert_eq!(
                names(&raw["Item"]),
                [
                    "error_message",
                    "failed_timestamp",
                    "failure_reason",
                    "order_id",
                    "original_timestamp",
                    "receive_count"
                ]
            );
            Payload(Value::Null)
        }
        other => panic!("{other}"),
    };
    check(
        answer,
        "ValidateOrder StoreOrder 1 StoreOrder 2 StoreOrder 4 StoreOrder 8 StoreOrder 16 StoreOrder \
         30 StoreOrder RecordFailure OrderFailed",
        Next::Failed(Failure::new("Lambda.ServiceException", "down")),
    );
}

/// AWS gives a cause of up to 32,768 characters, and a payload has 262,144 bytes. The machine writes the cause into two
/// items at once, so it keeps a part.
#[test]
fn the_longest_cause_is_recorded() {
    #[track_caller]
    fn check(failing: &str) {
        let cause: &'static str = "\u{1f4a5}".repeat(32_768).leak();
        let mut recorded = false;
        let answer = |state: &str, arguments: &Value, _: u32| match state {
            "RecordFailure" => {
                for item in arguments["TransactItems"].as_array().expect("a list") {
                    let kept = item["Put"]["Item"]["error_message"]["S"].as_str();
                    assert_eq!(kept.expect("a text").chars().count(), 8_192);
                }
                recorded = true;
                Payload(Value::Null)
            }
            state if state == failing => Error("Lambda.Unknown", cause),
            _ => Payload(json!({ "valid": valid() })),
        };
        let (_, end) = run("dev", order(), answer);
        assert!(recorded, "{}", format!("{end:?}").chars().take(200).collect::<String>());
    }
    check("ValidateOrder");
    check("StoreOrder");
}

#[test]
fn a_conflict_is_not_retried() {
    let answer = |state: &str, _: &Value, _: u32| match state {
        "ValidateOrder" => Payload(json!({ "valid": valid() })),
        "StoreOrder" => Error("OrderConflict", "another order has this id"),
        other => panic!("{other}"),
    };
    check(answer, "ValidateOrder StoreOrder OrderConflict", whose::conflict());
}

#[test]
fn an_error_without_a_cause_has_an_empty_one() {
    let answer = |state: &str, arguments: &Value, _: u32| match state {
        "ValidateOrder" => Timeout,
        "RecordFailure" => {
            let item = &arguments["TransactItems"][0]["Put"]["Item"];
            assert_eq!(item["error_message"], json!({"S": ""}));
            assert_eq!(item["failure_reason"], json!({"S": "States.Timeout"}));
            assert_eq!(item["validation_status"], json!({"S": "UNKNOWN"}));
            Payload(Value::Null)
        }
        other => panic!("{other}"),
    };
    check(
        answer,
        "ValidateOrder 1 ValidateOrder 2 ValidateOrder 4 ValidateOrder 8 ValidateOrder 16 \
         ValidateOrder 30 ValidateOrder RecordFailure OrderFailed",
        Next::Failed(Failure::new("States.Timeout", "")),
    );
}

#[test]
fn an_attempt_that_succeeds_ends_the_retries() {
    let answer = |state: &str, _: &Value, retries: u32| match (state, retries) {
        ("ValidateOrder", 2) => Payload(json!({ "valid": valid() })),
        ("StoreOrder", 1) => Payload(json!("stored")),
        ("ValidateOrder" | "StoreOrder", _) => Timeout,
        _ => Payload(Value::Null),
    };
    check_stored(
        answer,
        "ValidateOrder 1 ValidateOrder 2 ValidateOrder StoreOrder 1 StoreOrder",
        Next::Succeeded(json!("stored")),
    );
}

/// How DynamoDB and Step Functions word it, with the reason of each write.
fn canceled(reasons: &str) -> Failure {
    let cause = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{reasons}] (Service: \
         DynamoDb, Status Code: 400, Request ID: 5Q2O0RTVGTVU8SI3CQR4N1A9VVVV4KQNSO5AEMVJF66Q9ASUAAJG)"
    );
    Failure::new("DynamoDb.TransactionCanceledException", cause)
}

#[test]
fn an_execution_has_a_day() {
    for environment in environments() {
        assert_eq!(machine(environment).timeout(), Some(Duration::from_secs(86_400)));
    }
}

/// The validator answers one of two things. Whatever else it answered would be no order.
#[test]
fn an_answer_that_is_neither_valid_nor_invalid_fails_the_execution() {
    let answer = |state: &str, _: &Value, _: u32| match state {
        "ValidateOrder" => Payload(json!({})),
        other => panic!("{other}"),
    };
    let (_, end) = run("dev", order(), answer);
    let Next::Failed(failure) = end else { panic!("{end:?}") };
    assert_eq!(failure.error, "States.NoChoiceMatched");
}

/// An answer without a field is an error of the next expression that reads it, and goes the way of any
/// error: the attempts first.
#[test]
fn an_answer_without_a_payload_fails_the_state() {
    let machine = machine("dev");
    let (mut execution, next) = Execution::start(&machine, "id", "o-1", order(), NOW);
    assert!(matches!(next, Next::Task(_)));
    let next = execution.task_succeeded(json!({}), NOW).expect("a task is awaited");
    assert!(matches!(next, Next::Wait(_)), "{next:?}");
    assert_eq!(execution.state(), "ValidateOrder");
}
