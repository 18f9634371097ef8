//! `dofs resume`, with a fake of Step Functions and DynamoDB that answers as AWS documents it, because the emulator has no
//! RedriveExecution.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::{
    dofs, ran,
    stranger::{Request, Stranger},
};

/// An execution that has ended.
struct Ended {
    order: u32,
    status: &'static str,
    days_ago: f64,
    /// The types and names of the entered states, the last one first.
    entered: &'static [(&'static str, &'static str)],
    error: &'static str,
    /// Why Step Functions refuses to redrive it.
    refused: Option<&'static str>,
}

const fn ended(
    order: u32,
    status: &'static str,
    days_ago: f64,
    entered: &'static [(&'static str, &'static str)],
) -> Ended {
    Ended { order, status, days_ago, entered, error: "States.TaskFailed", refused: None }
}

impl Ended {
    const fn with(self, error: &'static str) -> Self {
        Self { error, ..self }
    }

    const fn refused(self, why: &'static str) -> Self {
        Self { refused: Some(why), ..self }
    }
}

const OLD_AGE: &str = "Execution redrivable period exceeded";
const FULL: &str = "Execution history event limit exceeded";

const TASK: &[(&str, &str)] = &[("Task", "RecordFailure"), ("Task", "ValidateOrder")];
/// The Fail state of an old version of the machine.
const OLD: &[(&str, &str)] = &[("Fail", "FailureUnrecorded"), ("Task", "RecordFailure")];
const CHOICE: &[(&str, &str)] = &[("Choice", "ValidOrInvalid"), ("Task", "ValidateOrder")];

/// Orders 1, 5 and 11 have a record. RedriveExecution refuses order 3's execution.
const EXECUTIONS: &[Ended] = &[
    ended(1, "FAILED", 0.1, TASK),
    ended(2, "FAILED", 13.9, TASK),
    ended(3, "FAILED", 1.0, TASK),
    // It started more than 14 days ago, and ended less than 14 days ago.
    ended(4, "FAILED", 2.0, TASK),
    ended(6, "FAILED", 14.1, TASK).refused(OLD_AGE),
    ended(8, "FAILED", 1.0, OLD),
    ended(9, "FAILED", 1.0, CHOICE),
    ended(12, "FAILED", 1.0, &[]),
    ended(14, "FAILED", 1.0, TASK).with("States.Runtime"),
    ended(15, "FAILED", 1.0, TASK).with("States.DataLimitExceeded"),
    ended(16, "FAILED", 1.0, TASK).with("States.Runtime").refused(FULL),
    ended(5, "TIMED_OUT", 0.1, TASK),
    ended(7, "TIMED_OUT", 0.1, TASK),
    ended(10, "ABORTED", 1.0, CHOICE),
    ended(11, "ABORTED", 1.0, TASK),
    ended(13, "RUNNING", 0.0, TASK),
];
const RECORDED: [u32; 3] = [1, 5, 11];

fn id(number: u32) -> String {
    format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}")
}

impl Ended {
    fn json(&self) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        let at = now - self.days_ago * 86_400.0;
        json!({
            "name": id(self.order), "status": self.status, "startDate": at, "stopDate": at,
            "executionArn": "arn", "stateMachineArn": "arn",
        })
    }

    /// The fields that `ListExecutions` does not return.
    fn described(&self) -> Value {
        let mut described = self.json();
        described["input"] = r#"{"customerId":"CUST-1234"}"#.into();
        described["error"] = self.error.into();
        let redrive = if self.refused.is_some() { "NOT_REDRIVABLE" } else { "REDRIVABLE" };
        described["redriveStatus"] = redrive.into();
        described["redriveStatusReason"] = self.refused.into();
        described
    }

    /// Its history, the last event first, with one event per page.
    fn history(&self) -> Vec<Value> {
        let mut events = vec![json!({ "type": "ExecutionFailed" })];
        for (kind, name) in self.entered {
            if *kind == "Task" {
                events.push(json!({ "type": "TaskFailed" }));
            }
            events.push(json!({
                "type": format!("{kind}StateEntered"), "stateEnteredEventDetails": { "name": name },
            }));
        }
        events.push(json!({ "type": "ExecutionStarted" }));
        let count = events.len();
        for (number, event) in events.iter_mut().enumerate() {
            event["id"] = (count - number).into();
            event["timestamp"] = 1.0.into();
        }
        events
    }
}

fn page(body: &Value) -> usize {
    body["nextToken"].as_str().map_or(0, |it| it.parse().unwrap())
}

/// Returns a page with one of these items.
fn paged(name: &str, all: &[Value], body: &Value) -> Value {
    let page = page(body);
    let here: Vec<_> = all.get(page).into_iter().collect();
    let mut answer = json!({ name: here });
    if page + 1 < all.len() {
        answer["nextToken"] = (page + 1).to_string().into();
    }
    answer
}

fn answer(request: &Request) -> (u16, String) {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let execution = || {
        let arn = body["executionArn"].as_str().unwrap();
        EXECUTIONS.iter().find(|it| arn.ends_with(&format!(":dofs-dev-order:{}", id(it.order))))
    };
    let action = request.action().unwrap();
    let (status, answer) = match action.as_str() {
        "states:ListExecutions" => {
            let of = |it: &&Ended| it.status == body["statusFilter"];
            let mut all: Vec<_> = EXECUTIONS.iter().filter(of).map(Ended::json).collect();
            // Its name is not the id of an order.
            all.push(json!({
                "name": "by-hand", "status": "FAILED", "startDate": 1.0, "executionArn": "arn",
                "stateMachineArn": "arn",
            }));
            (200, paged("executions", &all, &body))
        }
        "states:GetExecutionHistory" => {
            assert_eq!(body["reverseOrder"], true, "{body}");
            let execution = execution().unwrap();
            assert_eq!(execution.status, "FAILED", "only a failed one's history says anything");
            (200, paged("events", &execution.history(), &body))
        }
        "states:DescribeExecution" => match execution() {
            Some(it) => (200, it.described()),
            None => (400, json!({ "__type": "ExecutionDoesNotExist", "message": "none" })),
        },
        "states:RedriveExecution" if execution().unwrap().order == 3 => {
            (400, json!({ "__type": "ExecutionNotRedrivable", "message": "no" }))
        }
        "states:RedriveExecution" => (200, json!({ "redriveDate": 1.0 })),
        "dynamodb:BatchGetItem" => {
            let (table, wanted) = body["RequestItems"].as_object().unwrap().iter().next().unwrap();
            let keys = wanted["Keys"].as_array().unwrap().iter();
            let known =
                keys.filter(|it| RECORDED.map(id).iter().any(|id| it["order_id"]["S"] == **id));
            let record = |it: &Value| match it["order_id"]["S"] == *id(1) {
                true => crate::orders::record_of(&id(1), "FULFILLED", 1),
                // A record of another version counts as a record.
                false => it.clone(),
            };
            let items: Vec<_> = known.map(record).collect();
            (200, json!({ "Responses": { table: items }, "UnprocessedKeys": {} }))
        }
        other => panic!("{other}"),
    };
    (status, answer.to_string())
}

/// Runs `dofs resume`, and returns its exit code, its output, and the orders whose executions it redrove.
fn resumed(args: &[&str]) -> (Option<i32>, String, String, Vec<String>) {
    let aws = Stranger::that_tells(answer);
    let url = aws.url();
    let all = [&["resume"], args, &["--endpoint-url", &url]].concat();
    let (code, stdout, stderr) = ran(&mut dofs(&all));
    let redriven = aws
        .requests()
        .into_iter()
        .filter(|it| it.action().as_deref() == Some("states:RedriveExecution"));
    let order = |it: Request| {
        let body: Value = serde_json::from_slice(&it.body).unwrap();
        body["executionArn"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
    };
    // The redrives run in parallel, so sort them.
    let mut redriven: Vec<_> = redriven.map(order).collect();
    redriven.sort();
    (code, stdout, stderr, redriven)
}

/// An order, the state in which it failed, whether it can be redriven, and whether it was.
type Expected = (u32, Option<&'static str>, bool, bool);

#[test]
fn only_executions_that_ended_in_a_task_are_redriven() {
    #[track_caller]
    fn check(args: &[&str], tried: &[u32], found: &[Expected], aborted: u64) {
        let (code, stdout, stderr, redriven) = resumed(&[args, &["--format", "json"]].concat());
        let outcome: Value =
            serde_json::from_str(&stdout).unwrap_or_else(|err| panic!("{err}: {stdout}{stderr}"));
        assert_eq!(redriven, tried.iter().map(|it| id(*it)).collect::<Vec<_>>(), "{args:?}");
        let expected = found.iter().map(|(order, state, redrivable, redriven)| {
            json!([id(*order), state, redrivable, redriven])
        });
        let orders = outcome["orders"].as_array().unwrap().iter();
        let told =
            orders.map(|it| json!([it["order"], it["state"], it["redrivable"], it["redriven"]]));
        assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{args:?}");
        assert_eq!(outcome["aborted"], aborted, "{args:?}");
        let refused = tried.contains(&3);
        let problems = outcome["problems"].as_array().unwrap().len();
        assert_eq!(problems, usize::from(refused), "{outcome}");
        let told = format!(
            "Step Functions refused to redrive 1 of the executions, first that of {}",
            id(3)
        );
        assert_eq!(stderr.contains(&told), refused, "{stderr}");
        let good = !refused && found.iter().all(|(_, _, redrivable, _)| *redrivable);
        assert_eq!(code, Some(if good { 0 } else { 1 }), "{args:?}: {stderr}");
    }
    let record = Some("RecordFailure");
    let failed = |redriven: bool| {
        [
            (2, record, true, redriven),
            (3, record, true, false),
            (4, record, true, redriven),
            (8, Some("FailureUnrecorded"), false, false),
            (9, Some("ValidOrInvalid"), false, false),
            (12, None, false, false),
            (14, None, false, false),
            (15, None, false, false),
            (16, None, false, false),
        ]
    };
    let timed_out = |redriven: bool| (7, None, true, redriven);
    let found = |redriven| [&[timed_out(redriven)][..], &failed(redriven)].concat();
    check(&["--yes"], &[2, 3, 4, 7], &found(true), 1);
    check(&["--dry-run"], &[], &found(false), 1);
    let stopped = [&[timed_out(true), (10, None, true, true)][..], &failed(true)].concat();
    check(&["--yes", "--aborted"], &[2, 3, 4, 7, 10], &stopped, 0);
    check(&["--order", &id(4), "--yes"], &[4], &[(4, record, true, true)], 0);
    check(&["--order", &id(4).to_uppercase(), "--dry-run"], &[], &[(4, record, true, false)], 0);
    check(&["--order", &id(6), "--yes"], &[], &[(6, None, false, false)], 0);
    check(&["--order", &id(8), "--yes"], &[], &[(8, Some("FailureUnrecorded"), false, false)], 0);
    check(&["--order", &id(10), "--yes", "--aborted"], &[10], &[(10, None, true, true)], 0);
}

#[test]
fn the_text_reports_the_result_of_each_order() {
    let (code, stdout, stderr, _) = resumed(&["--yes"]);
    assert_eq!(code, Some(1), "{stderr}");
    for part in [
        "3 of 10 orders without a record were redriven; the machine decides how they end",
        "6 orders cannot be resumed, because a redrive is refused or would fail again",
        "RecordFailure      States.TaskFailed         done",
        "FailureUnrecorded  States.TaskFailed         no: it would enter the same Fail state again",
        "States.DataLimitExceeded  no: it would fail with States.DataLimitExceeded again",
        "no: Execution history event limit exceeded",
        "no: ExecutionNotRedrivable: no",
        "place each again as a new order (docs/operating.md); `dofs status --endpoint-url http://127.0.0.1",
        "1 orders without a record are left out, because their executions were stopped (ABORTED)",
    ] {
        assert!(stdout.contains(part), "{part:?} is not in:\n{stdout}");
    }
    assert!(!stdout.contains("resumed\n") && !stdout.contains("are resumed"), "{stdout}");
    let (_, stdout, ..) = resumed(&["--dry-run"]);
    assert!(stdout.contains("4 of 10 orders without a record would be redriven"), "{stdout}");
}

#[test]
fn nothing_is_redriven_without_confirmation() {
    let (code, stdout, stderr, redriven) = resumed(&[]);
    assert_eq!((code, stdout.as_str(), redriven.len()), (Some(1), "", 0), "{stderr}");
    for part in [
        id(7).as_str(),
        "9 of 10 failed: dofs reads each of them first, and redrives it only if that can help",
        "redrive the executions of 10 orders without a record, of dofs-dev-order?",
        "because stdin is not a terminal\n  fix: confirm with --yes, or only list with --dry-run",
    ] {
        assert!(stderr.contains(part), "{part:?} is not in:\n{stderr}");
    }
}

#[test]
fn an_order_that_cannot_be_resumed_has_a_reason() {
    #[track_caller]
    fn check(order: &str, why: &str) {
        let (code, stdout, stderr, redriven) = resumed(&["--order", order, "--yes"]);
        assert_eq!((code, stdout.as_str(), redriven.len()), (Some(1), "", 0), "{order}: {stderr}");
        assert!(stderr.contains(why), "{why:?} is not in:\n{stderr}");
    }
    let none = |order: &str| format!("the order {order} has no failed execution");
    check(&id(99), &format!("{} and no record", none(&id(99))));
    check(&id(1), "it has a record, with the status FULFILLED");
    check(&id(5), "this version of dofs cannot read the record");
    check(&id(13), &format!("{}: the status of its execution is RUNNING", none(&id(13))));
    check(
        &id(10),
        "its execution was stopped (ABORTED)\n  fix: to continue it anyway, add --aborted",
    );
}

/// An operator needs the input to place the order again.
#[test]
fn status_shows_the_input_of_an_execution() {
    let aws = Stranger::that_tells(answer);
    let url = aws.url();
    let args = ["status", &id(8), "--endpoint-url", &url];
    let (code, stdout, stderr) = ran(&mut dofs(&args));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains(r#"{"customerId":"CUST-1234"}"#), "{stdout}");
    let see = format!("`dofs resume --endpoint-url {url} --order {} --dry-run`", id(8));
    assert!(stdout.contains(&see), "{see} is not in:\n{stdout}");
}
