//! `dofs resume` against a stand-in for Step Functions and DynamoDB, as AWS documents them: the emulator has no
//! RedriveExecution.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use dofs::{
    interrupt::Interrupt,
    local::state::Running,
    resume::{Options, resume},
    system::System,
};
use infra_gen::config::Environment;
use serde_json::{Value, json};
use tiny_http::{Header, Response, Server};

fn id(number: u32) -> String {
    format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}")
}

/// An execution that has ended so many days ago.
fn ended(name: &str, status: &str, days: f64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let at = now - days * 86_400.0;
    json!({
        "name": name, "status": status, "startDate": at, "stopDate": at,
        "executionArn": "arn", "stateMachineArn": "arn",
    })
}

/// Orders 1 and 5 have a record; RedriveExecution does not take order 3's execution.
fn answer(call: &str, body: &Value) -> (u16, Value) {
    match (call, body["statusFilter"].as_str()) {
        ("ListExecutions", Some("FAILED")) if body["nextToken"].is_null() => (
            200,
            json!({
                "executions": [
                    ended(&id(1), "FAILED", 0.1), ended(&id(2), "FAILED", 13.9),
                    ended(&id(3), "FAILED", 1.0), ended("by-hand", "FAILED", 1.0),
                ],
                "nextToken": "more",
            }),
        ),
        // The last page: started earlier, and some of them ended late.
        ("ListExecutions", Some("FAILED")) => (
            200,
            json!({ "executions": [ended(&id(6), "FAILED", 14.1), ended(&id(4), "FAILED", 2.0)] }),
        ),
        ("ListExecutions", Some("TIMED_OUT")) => (
            200,
            json!({ "executions": [ended(&id(5), "TIMED_OUT", 0.1), ended(&id(7), "TIMED_OUT", 0.1)] }),
        ),
        ("ListExecutions", _) => (200, json!({ "executions": [] })),
        ("BatchGetItem", _) => {
            let (table, wanted) = body["RequestItems"].as_object().unwrap().iter().next().unwrap();
            let asked = wanted["Keys"].as_array().unwrap().iter();
            let keys = asked.map(|it| it["order_id"]["S"].as_str().unwrap());
            let known = keys.filter(|it| [id(1), id(5)].contains(&(*it).to_owned()));
            // One is read, and one is of another version: both are there.
            let items = known.map(|it| json!({ "order_id": { "S": it } })).collect::<Vec<_>>();
            (200, json!({ "Responses": { table: items }, "UnprocessedKeys": {} }))
        }
        ("RedriveExecution", _) if body["executionArn"].as_str().unwrap().ends_with(&id(3)) => {
            (400, json!({ "__type": "ExecutionNotRedrivable", "message": "no" }))
        }
        ("RedriveExecution", _) => (200, json!({ "redriveDate": 1.0 })),
        other => panic!("{other:?}"),
    }
}

/// A stand-in for AWS, and the executions that it was to redrive.
fn stand_in() -> (System, Arc<Mutex<Vec<String>>>) {
    let server = Server::http("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", server.server_addr());
    let redriven = Arc::new(Mutex::new(Vec::new()));
    let seen = redriven.clone();
    std::thread::spawn(move || {
        for mut request in server.incoming_requests() {
            let target = request.headers().iter().find(|it| it.field.equiv("X-Amz-Target"));
            let call = target.unwrap().value.as_str().rsplit('.').next().unwrap().to_owned();
            let mut body = String::new();
            request.as_reader().read_to_string(&mut body).unwrap();
            let body: Value = serde_json::from_str(&body).unwrap();
            let (status, answer) = answer(&call, &body);
            if call == "RedriveExecution" {
                let arn = body["executionArn"].as_str().unwrap();
                seen.lock().unwrap().push(arn.rsplit(':').next().unwrap().to_owned());
            }
            let json = Header::from_bytes("Content-Type", "application/x-amz-json-1.0").unwrap();
            let response = Response::from_string(answer.to_string()).with_header(json);
            let _ = request.respond(response.with_status_code(status));
        }
    });
    let running = Running {
        environment: "dev".to_owned(),
        pid: 1,
        began: 0,
        api_url: endpoint.clone(),
        api_key: None,
        page_url: None,
        account: "111111111111".to_owned(),
        region: "ap-south-1".to_owned(),
        log: PathBuf::new(),
        endpoint,
    };
    let config = running.sdk_config();
    (System::new(Environment::Dev, &running.api_url, &config, None), redriven)
}

#[tokio::test]
async fn orders_without_a_record_go_on() {
    async fn check(options: Options, lost: &[u32], tried: &[u32], problems: usize) {
        let (system, redriven) = stand_in();
        let outcome = resume(&system, &options, &Interrupt::never()).await.unwrap();
        let orders: Vec<_> = outcome.orders.iter().map(|it| it.order.to_string()).collect();
        assert_eq!(orders, lost.iter().map(|it| id(*it)).collect::<Vec<_>>());
        let tried: Vec<_> = tried.iter().map(|it| id(*it)).collect();
        assert_eq!(*redriven.lock().unwrap(), tried);
        assert_eq!(outcome.problems.len(), problems, "{:?}", outcome.problems);
        for it in &outcome.orders {
            let is_resumed = !options.dry_run && it.order.as_str() != id(3);
            assert_eq!(it.resumed, is_resumed, "{it:?}");
        }
    }
    // What is older than 14 days, what has a record, and what is no order stay as they are.
    check(Options::default(), &[2, 3, 4, 7], &[2, 3, 4, 7], 1).await;
    check(Options { dry_run: true, ..Options::default() }, &[2, 3, 4, 7], &[], 0).await;
    let one = Options { order: Some(id(4).try_into().unwrap()), dry_run: false };
    check(one, &[4], &[4], 0).await;
}
