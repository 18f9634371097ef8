//! The report of `dofs load` about an API that throttles.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};

use crate::{dofs, ran, stranger::Stranger};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const TAKEN: &str =
    r#"{"orderId":"0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3","status":"ACCEPTED","message":"m"}"#;

#[test]
fn throttled_calls_and_the_time_until_an_order_is_taken_are_reported() {
    let busy = r#"{"error":"TooManyRequests","message":"m","problems":[],"requestId":"1"}"#;
    let api =
        Stranger::that_answers_in_turn(&[(429, busy), (503, busy), (500, busy), (202, TAKEN)]);
    let aws = Stranger::that_answers(400, r#"{"__type":"AccessDeniedException"}"#);
    let urls = ["--api-url", &api.url(), "--endpoint-url", &aws.url()];
    let args =
        [&["load", "--count", "1", "--timeout", "3", "--format", "json"][..], &urls].concat();
    let (code, stdout, stderr) = ran(&mut dofs(&args));
    let report: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|err| panic!("{err}: {stderr}"));
    assert_eq!((&report["calls"], &report["throttled"]), (&4.into(), &2.into()), "{report:#}");
    // Three pauses, which begin with 0.2 s and double each time.
    let until_taken = report["until_taken"]["max_ms"].as_f64().unwrap();
    assert!(until_taken >= 1_400.0, "{report:#}");
    assert!(report["call"]["max_ms"].as_f64().unwrap() < until_taken, "{report:#}");
    // Neither tables nor executions can be read, so the order is neither processing nor lost, but unknown.
    let count = |name: &str| report[name].as_array().unwrap().len();
    assert_eq!((code, count("lost"), count("unknown")), (Some(1), 0, 1), "{report:#}");
    assert!(report["problem"].is_string(), "{report:#}");
}

#[test]
fn an_order_whose_execution_runs_is_still_processing() {
    let api = Stranger::that_answers(202, TAKEN);
    // An answer that is valid for DynamoDB and for Step Functions.
    let aws = Stranger::that_answers(
        200,
        r#"{"Responses":{},"UnprocessedKeys":{},"executionArn":"a","stateMachineArn":"m","name":"n","status":"RUNNING","startDate":1}"#,
    );
    let urls = ["--api-url", &api.url(), "--endpoint-url", &aws.url()];
    let args = [&["load", "--count", "1", "--timeout", "1"][..], &urls].concat();
    let (code, stdout, stderr) = ran(&mut dofs(&args));
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(
        stdout.contains("still processing  1") && stdout.contains("lost              0"),
        "{stdout}"
    );
    let see =
        format!("see: dofs status {ORDER} --endpoint-url {} --api-url {}\n", aws.url(), api.url());
    assert!(stdout.contains(&see), "{see:?} is not in:\n{stdout}");
}

/// Checks how an order counts, for the last answers of the table and of Step Functions. The earlier answers of the table, while
/// the command waits for the order, have no record.
#[test]
fn an_order_counts_as_lost_only_if_neither_table_nor_execution_has_it() {
    fn check(record: Said, execution: Said, expected: [usize; 5]) {
        let api = Stranger::that_answers(202, TAKEN);
        let described = Arc::new(AtomicBool::new(false));
        let aws = Stranger::that_tells(move |request| {
            let refused = (400, r#"{"__type":"AccessDeniedException"}"#.to_owned());
            if request.headers.contains("DescribeExecution") {
                described.store(true, Ordering::Relaxed);
                let answer = |status: &str| json!({ "executionArn": "a", "stateMachineArn": "m", "name": "n", "startDate": 1, "status": status });
                return match execution {
                    Said::Refused => refused,
                    Said::Nothing => (400, r#"{"__type":"ExecutionDoesNotExist"}"#.to_owned()),
                    Said::Is(status) => (200, answer(status).to_string()),
                };
            }
            let records = match record {
                Said::Is(status) if described.load(Ordering::Relaxed) => vec![written(status)],
                Said::Refused if described.load(Ordering::Relaxed) => return refused,
                _ => vec![],
            };
            let table = request.headers.contains("BatchGetItem");
            assert!(table, "{}", request.headers);
            (200, json!({ "Responses": { "dofs-dev-orders": records } }).to_string())
        });
        let urls = ["--api-url", &api.url(), "--endpoint-url", &aws.url()];
        let args = ["load", "--count", "1", "--timeout", "1", "--format", "json"];
        let (code, stdout, stderr) = ran(&mut dofs(&[&args[..], &urls].concat()));
        let report: Value =
            serde_json::from_str(&stdout).unwrap_or_else(|err| panic!("{err}: {stderr}"));
        let found = [
            report["fulfilled"].as_u64().unwrap() as usize,
            report["failed"].as_u64().unwrap() as usize,
            report["processing"].as_array().unwrap().len(),
            report["lost"].as_array().unwrap().len(),
            report["unknown"].as_array().unwrap().len(),
        ];
        assert_eq!(found, expected, "{record:?} {execution:?}: {report:#}");
        let ended = expected[0] + expected[1] == 1;
        assert_eq!(code, Some(if ended { 0 } else { 1 }), "{report:#}");
    }
    use Said::{Is, Nothing, Refused};
    check(Is("FULFILLED"), Is("SUCCEEDED"), [1, 0, 0, 0, 0]);
    check(Is("FAILED"), Refused, [0, 1, 0, 0, 0]);
    check(Is("PROCESSING"), Is("SUCCEEDED"), [0, 0, 1, 0, 0]);
    check(Nothing, Is("RUNNING"), [0, 0, 1, 0, 0]);
    check(Refused, Is("RUNNING"), [0, 0, 1, 0, 0]);
    check(Nothing, Is("SUCCEEDED"), [0, 0, 0, 1, 0]);
    check(Nothing, Is("FAILED"), [0, 0, 0, 1, 0]);
    check(Nothing, Nothing, [0, 0, 0, 1, 0]);
    check(Refused, Is("SUCCEEDED"), [0, 0, 0, 0, 1]);
    check(Refused, Nothing, [0, 0, 0, 0, 1]);
    check(Nothing, Refused, [0, 0, 0, 0, 1]);
    // An order with an unreadable record is neither lost nor decided.
    check(Is("HANDED_OVER"), Is("SUCCEEDED"), [0, 0, 0, 0, 1]);
    check(Is("HANDED_OVER"), Is("RUNNING"), [0, 0, 1, 0, 0]);
}

/// SQS refuses the first pass through the dead letters, and the second one finds them.
#[test]
fn a_failed_clean_up_does_not_change_the_exit_code() {
    let api = Stranger::that_answers(202, TAKEN);
    let (refused, deleted) = (AtomicBool::new(false), AtomicBool::new(false));
    let aws = Stranger::that_tells(move |request| {
        let is = |call: &str| request.headers.contains(call);
        let answer = if is("BatchGetItem") {
            json!({ "Responses": { "dofs-dev-orders": [written("FAILED")] } })
        } else if is("GetQueueUrl") {
            json!({ "QueueUrl": "http://127.0.0.1/1/letters" })
        } else if is("DeleteMessage") {
            deleted.store(true, Ordering::Relaxed);
            json!({})
        } else if deleted.load(Ordering::Relaxed) {
            json!({})
        } else if !refused.swap(true, Ordering::Relaxed) {
            return (400, r#"{"__type":"AccessDeniedException"}"#.to_owned());
        } else {
            let body = json!({ "orderId": ORDER, "submittedAt": "2025-07-20T13:06:28.324Z" });
            let letter =
                json!({ "MessageId": "m", "ReceiptHandle": "r", "Body": body.to_string() });
            json!({ "Messages": [letter] })
        };
        (200, answer.to_string())
    });
    let urls = ["--api-url", &api.url(), "--endpoint-url", &aws.url()];
    let (code, _, stderr) =
        ran(&mut dofs(&[&["load", "--count", "1", "--clean-up"][..], &urls].concat()));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("deleted 1 dead letters"), "{stderr}");
    let deletes = |it: &crate::stranger::Request| it.headers.contains("AmazonSQS.DeleteMessage");
    assert_eq!(aws.requests().iter().filter(|it| deletes(it)).count(), 1);
}

/// The last answer about an order.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// An error.
    Refused,
    /// Not found.
    Nothing,
    /// Found, with this status.
    Is(&'static str),
}

fn written(status: &str) -> Value {
    let text = |it: &str| json!({ "S": it });
    let at = text("2025-07-20T13:06:28.324Z");
    json!({
        "order_id": text(ORDER), "status": text(status), "customer_id": text("CUST-1234"),
        "product_id": text("PROD-1234"), "quantity": { "N": "1" }, "price": { "N": "1" },
        "created_at": at, "updated_at": at, "validation_status": text("VALID"), "round": { "N": "0" },
    })
}
