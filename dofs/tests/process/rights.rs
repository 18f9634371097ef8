//! The table of permissions in `docs/operating.md`: each command makes the calls in its row, and no others.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};

use crate::{
    dofs,
    orders::record_of,
    stranger::{Request, Stranger},
};

const GUIDE: &str = include_str!("../../../docs/operating.md");

/// An action and its resource.
type Right = (String, String);

/// The failed order, and one without a record whose execution has failed.
const FAILED: &str = "0192f0c1-2d3e-7a4b-8c5d-00000000000a";
const LOST: &str = "0192f0c1-2d3e-7a4b-8c5d-00000000000b";

/// The permissions in a row of the table: for reading, and for changes.
fn told(command: &str) -> [BTreeSet<Right>; 2] {
    fn quoted(cell: &str) -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(|it| it.replace("ENV", "dev")).collect()
    }
    let mut rights = [BTreeSet::new(), BTreeSet::new()];
    let (_, table) = GUIDE.split_once("| command | resource | to look | to change |").unwrap();
    for line in table.lines().skip(2).take_while(|it| it.starts_with('|')) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, commands, resources, look, change, _] = cells[..] else { panic!("{line}") };
        // Text without quotes after a comma is for people.
        let commands = commands.split(", in addition").next().unwrap();
        if !quoted(commands).iter().any(|it| it == command) {
            continue;
        }
        for (cell, rights) in [look, change].into_iter().zip(&mut rights) {
            for action in quoted(cell) {
                rights.extend(quoted(resources).into_iter().map(|it| (action.clone(), it)));
            }
        }
    }
    assert!(!rights[0].is_empty(), "{command} is not in the table");
    rights
}

/// Returns the permissions that a call of AWS needs.
fn taken(request: &Request) -> Option<Vec<Right>> {
    let action = request.action()?;
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let text = |name: &str| body[name].as_str();
    let last = |it: &str| it.rsplit('/').next().unwrap().to_owned();
    let resources = match action.split(':').next().unwrap() {
        "dynamodb" => match (body["RequestItems"].as_object(), text("IndexName")) {
            (Some(tables), _) => tables.keys().map(|it| format!("table/{it}")).collect(),
            (None, Some(index)) => {
                vec![format!("table/{}/index/{index}", text("TableName").unwrap())]
            }
            (None, None) => vec![format!("table/{}", text("TableName").unwrap())],
        },
        "sqs" => {
            vec![text("QueueName").map_or_else(|| last(text("QueueUrl").unwrap()), str::to_owned)]
        }
        _ => match (text("stateMachineArn"), text("executionArn")) {
            (Some(machine), _) => vec![machine.splitn(6, ':').last().unwrap().to_owned()],
            (None, execution) => {
                let execution = execution.unwrap().splitn(6, ':').last().unwrap();
                vec![format!("{}:*", execution.rsplit_once(':').unwrap().0)]
            }
        },
    };
    Some(resources.into_iter().map(|it| (action.clone(), it)).collect())
}

/// A system with one failed order that has a dead letter, and one lost order. Its API takes each of them in turn.
fn system() -> Stranger {
    let (placed, received) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Stranger::that_tells(move |request| {
        let Some(action) = request.action() else {
            let order = [FAILED, LOST][placed.fetch_add(1, Ordering::SeqCst) % 2];
            let taken = json!({ "orderId": order, "status": "ACCEPTED", "message": "m" });
            return (202, taken.to_string());
        };
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let failed = record_of(FAILED, "FAILED", 1);
        let execution = json!({
            "name": LOST, "status": "FAILED", "startDate": 4e9, "stopDate": 4e9,
            "executionArn": "arn", "stateMachineArn": "arn",
        });
        let answer = match action.as_str() {
            "dynamodb:BatchGetItem" => {
                let asked = body["RequestItems"]["dofs-dev-orders"].to_string();
                let found: Vec<_> = asked.contains(FAILED).then_some(failed).into_iter().collect();
                json!({ "Responses": { "dofs-dev-orders": found } })
            }
            "dynamodb:GetItem" => json!({}),
            "dynamodb:Query" | "dynamodb:Scan" => {
                let found = body["ExpressionAttributeValues"][":hash"]["S"] == "FAILED";
                let found: Vec<_> = found.then_some(failed).into_iter().collect();
                json!({ "Items": found, "Count": found.len() })
            }
            "sqs:GetQueueUrl" => {
                let name = body["QueueName"].as_str().unwrap();
                json!({ "QueueUrl": format!("http://sqs.invalid/111111111111/{name}") })
            }
            "sqs:GetQueueAttributes" => json!({ "Attributes": {
                "ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "0",
            } }),
            // One letter that the filter selects, and one that it does not.
            "sqs:ReceiveMessage" => match received.fetch_add(1, Ordering::SeqCst) {
                0 => {
                    let order =
                        json!({ "orderId": FAILED, "submittedAt": "2025-07-20T13:06:28.324Z" });
                    json!({ "Messages": [
                        { "MessageId": "m1", "ReceiptHandle": "r1", "Body": order.to_string() },
                        { "MessageId": "m2", "ReceiptHandle": "r2", "Body": "nonsense" },
                    ] })
                }
                _ => json!({}),
            },
            "sqs:SendMessage" => json!({ "MessageId": "m3" }),
            "states:ListExecutions" if body["statusFilter"] == "FAILED" => {
                json!({ "executions": [execution] })
            }
            "states:ListExecutions" => json!({ "executions": [] }),
            "states:DescribeExecution" => execution,
            "states:GetExecutionHistory" => json!({ "events": [{
                "type": "TaskStateEntered", "id": 1, "timestamp": 1.0,
                "stateEnteredEventDetails": { "name": "RecordFailure" },
            }] }),
            "states:RedriveExecution" => json!({ "redriveDate": 1.0 }),
            "sqs:DeleteMessage" | "sqs:ChangeMessageVisibility" => json!({}),
            other => panic!("{other}"),
        };
        (200, answer.to_string())
    })
}

fn used(system: &Stranger) -> BTreeSet<Right> {
    system.requests().iter().filter_map(taken).flatten().collect()
}

#[test]
fn each_command_makes_exactly_the_calls_in_its_row() {
    #[track_caller]
    fn check(args: &[&str], expected: impl IntoIterator<Item = Right>) {
        let system = system();
        let url = system.url();
        let mut command = dofs(&[args, &["--api-url", &url, "--endpoint-url", &url]].concat());
        let output = command.output().unwrap();
        let expected: BTreeSet<_> = expected.into_iter().collect();
        assert_eq!(used(&system), expected, "{args:?}: {output:?}");
    }
    fn all(command: &str) -> BTreeSet<Right> {
        told(command).into_iter().flatten().collect()
    }
    fn to_look(command: &str) -> BTreeSet<Right> {
        told(command)[0].clone()
    }
    check(&["order", "--timeout", "1"], all("order"));
    let two = ["--count", "2", "--rate", "100", "--timeout", "1"];
    check(&[&["order"], &two[..]].concat(), all("order --count"));
    check(&[&["load"], &two[..]].concat(), all("load"));
    let clean = [&["load", "--clean-up"], &two[..]].concat();
    check(&clean, all("load").into_iter().chain(all("load --clean-up")));
    check(&["orders"], all("orders"));
    check(&["orders", "--status", "failed"], all("orders"));
    check(&["status", LOST], all("status"));
    check(&["redrive", "--yes", "--order", FAILED], all("redrive"));
    check(&["redrive", "--dry-run"], to_look("redrive"));
    check(&["resume", "--yes"], all("resume"));
    check(&["resume", "--dry-run"], to_look("resume"));
    check(&["resume", "--yes", "--order", LOST], all("resume --order"));
    check(&["resume", "--dry-run", "--order", LOST], to_look("resume --order"));
}

#[test]
fn the_page_makes_exactly_the_calls_in_its_row() {
    let system = system();
    let url = system.url();
    let args = ["page", "--format", "json", "--api-url", &url, "--endpoint-url", &url];
    let mut page = dofs(&args).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(page.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|it| it.contains("page_url")).unwrap();
    let address =
        line.split('"').nth(3).unwrap().trim_start_matches("http://").trim_end_matches('/');
    let ask = |path: &str, until: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = BufReader::new(stream).lines().map(Result::unwrap);
        assert!(answer.any(|it| it.contains(until)), "{path} does not answer {until:?}");
    };
    ask("/events", "event: snapshot");
    ask(&format!("/orders/{LOST}"), "execution");
    page.kill().unwrap();
    page.wait().unwrap();
    let expected: BTreeSet<_> = told("page").into_iter().flatten().collect();
    assert_eq!(used(&system), expected);
}

/// Every row of the table has a test.
#[test]
fn every_row_of_the_table_is_tested() {
    let (_, table) = GUIDE.split_once("| command | resource | to look | to change |").unwrap();
    let rows = table.lines().skip(2).take_while(|it| it.starts_with('|'));
    let known = [
        "order",
        "order --count",
        "load",
        "load --clean-up",
        "orders",
        "status",
        "redrive",
        "resume",
        "resume --order",
        "page",
    ];
    for row in rows {
        let cell = row.split('|').nth(1).unwrap().split(", in addition").next().unwrap();
        for command in cell.split('`').skip(1).step_by(2) {
            assert!(known.contains(&command), "{command} in {row}");
        }
    }
}
