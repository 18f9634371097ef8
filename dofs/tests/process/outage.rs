//! `dofs resume` after an outage of days, with a fake server that has thousands of timed-out executions.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};

use crate::{
    dofs, ran,
    stranger::{Request, Stranger},
};

const TIMED_OUT: usize = 2_500;
/// Every eighth order has no record.
const LOST: usize = 313;

fn id(number: usize) -> String {
    format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}")
}

fn has_record(id: &str) -> bool {
    let number = usize::from_str_radix(&id[24..], 16).unwrap();
    !number.is_multiple_of(8)
}

/// Returns a page of the executions, and the start of the next one.
fn page(body: &Value) -> Value {
    if body["statusFilter"] != "TIMED_OUT" {
        return json!({ "executions": [] });
    }
    let first: usize = body["nextToken"].as_str().map_or(0, |it| it.parse().unwrap());
    let at_once = usize::try_from(body["maxResults"].as_u64().unwrap()).unwrap();
    let end = TIMED_OUT.min(first + at_once);
    let executions = (first..end).map(|it| {
        json!({
            "name": id(it), "status": "TIMED_OUT", "startDate": 4e9, "stopDate": 4e9,
            "executionArn": "arn", "stateMachineArn": "arn",
        })
    });
    let mut page = json!({ "executions": executions.collect::<Vec<_>>() });
    if end < TIMED_OUT {
        page["nextToken"] = end.to_string().into();
    }
    page
}

fn denied() -> (u16, String) {
    (400, json!({ "__type": "AccessDeniedException", "message": "not you" }).to_string())
}

fn answer(request: &Request) -> (u16, String) {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let answer = match request.action().unwrap().as_str() {
        "states:ListExecutions" => page(&body),
        "states:RedriveExecution" => json!({ "redriveDate": 1.0 }),
        "states:GetExecutionHistory" => json!({ "events": [{
            "type": "WaitStateEntered", "id": 1, "timestamp": 1.0,
            "stateEnteredEventDetails": { "name": "RecordFailureLater" },
        }] }),
        "dynamodb:BatchGetItem" => {
            let (table, wanted) = body["RequestItems"].as_object().unwrap().iter().next().unwrap();
            let keys = wanted["Keys"].as_array().unwrap().iter();
            // Records of another version count as records.
            let known: Vec<_> =
                keys.filter(|it| has_record(it["order_id"]["S"].as_str().unwrap())).collect();
            json!({ "Responses": { table: known }, "UnprocessedKeys": {} })
        }
        other => panic!("{other}"),
    };
    (200, answer.to_string())
}

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    /// The number of calls, by action.
    calls: BTreeMap<String, usize>,
}

fn run(args: &[&str], answer: fn(&Request) -> (u16, String)) -> Run {
    let aws = Stranger::that_tells(answer);
    let url = aws.url();
    let (code, stdout, stderr) =
        ran(&mut dofs(&[&["resume"], args, &["--endpoint-url", &url]].concat()));
    let mut calls = BTreeMap::new();
    for request in aws.requests() {
        *calls.entry(request.action().unwrap()).or_default() += 1;
    }
    Run { code, stdout, stderr, calls }
}

fn calls(redrives: usize) -> BTreeMap<String, usize> {
    // Three pages of timed-out executions, and one of each other status; one read per 100 records.
    let looks = [("states:ListExecutions", 5), ("dynamodb:BatchGetItem", 25)];
    let redrives = (redrives > 0).then_some(("states:RedriveExecution", redrives));
    looks.into_iter().chain(redrives).map(|(name, count)| (name.to_owned(), count)).collect()
}

#[test]
fn a_timed_out_execution_takes_one_call() {
    #[track_caller]
    fn check(args: &[&str], redriven: usize) {
        let run = run(&[args, &["--format", "json"]].concat(), answer);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(run.calls, calls(redriven), "{args:?}");
        let outcome: Value = serde_json::from_str(&run.stdout).unwrap();
        let orders = outcome["orders"].as_array().unwrap();
        assert_eq!(orders.len(), LOST);
        assert!(orders.iter().all(|it| it["redrivable"] == true));
        assert_eq!(orders.iter().filter(|it| it["redriven"] == true).count(), redriven);
    }
    check(&["--dry-run"], 0);
    check(&["--yes"], LOST);
}

#[test]
fn the_question_has_the_count_and_lists_a_few_orders() {
    #[track_caller]
    fn check(text: &str, part: &str) {
        let rows = text.lines().filter(|it| it.starts_with("0192f0c1")).count();
        assert_eq!(rows, 20, "{text}");
        for part in [part, "and 293 more: --format json lists each"] {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }
    let asked = run(&[], answer);
    assert_eq!((asked.code, asked.calls), (Some(1), calls(0)), "{}", asked.stderr);
    check(
        &asked.stderr,
        "redrive the executions of 313 orders without a record, of dofs-dev-order?",
    );
    let done = run(&["--yes"], answer);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    check(&done.stdout, "313 of 313 orders without a record were redriven");
}

/// The executions of the earlier pages are redriven, and reported.
#[test]
fn a_failed_page_does_not_affect_the_pages_before_it() {
    fn third_fails(request: &Request) -> (u16, String) {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        if body["nextToken"] == "2000" { denied() } else { answer(request) }
    }
    let run = run(&["--yes", "--format", "json"], third_fails);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.calls["states:RedriveExecution"], 250, "{:?}", run.calls);
    let outcome: Value = serde_json::from_str(&run.stdout).unwrap();
    let orders = outcome["orders"].as_array().unwrap();
    assert_eq!(orders.iter().filter(|it| it["redriven"] == true).count(), 250);
    let problem = outcome["problems"][0].as_str().unwrap();
    for text in [problem, &run.stderr] {
        assert!(
            text.contains("not all executions could be listed") && text.contains("not you"),
            "{text}"
        );
    }
}

/// The error would affect all executions, so only the 20 parallel calls are made.
#[test]
fn a_denied_redrive_is_not_tried_for_each_order() {
    fn denies(request: &Request) -> (u16, String) {
        let redrive = request.action().as_deref() == Some("states:RedriveExecution");
        if redrive { denied() } else { answer(request) }
    }
    let run = run(&["--yes"], denies);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.calls["states:RedriveExecution"] <= 20, "{:?}", run.calls);
    assert_eq!(run.stderr.matches("not you").count(), 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("0 of 313 orders without a record were redriven"),
        "{}",
        run.stdout
    );
}

/// Other callers of Step Functions may use up the quota for a few seconds.
#[test]
fn a_throttled_redrive_is_retried() {
    static THROTTLED: AtomicUsize = AtomicUsize::new(0);
    fn throttles(request: &Request) -> (u16, String) {
        let redrive = request.action().as_deref() == Some("states:RedriveExecution");
        // 20 parallel calls, each throttled five times, are more than the shared retry budget of the clients.
        match redrive && THROTTLED.fetch_add(1, Ordering::SeqCst) < 105 {
            true => {
                (400, json!({ "__type": "ThrottlingException", "message": "slower" }).to_string())
            }
            false => answer(request),
        }
    }
    let run = run(&["--yes"], throttles);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.calls, calls(LOST + 105));
}
