//! The dead letters are moved by SQS itself where the endpoint can do that. The emulator of AWS cannot,
//! so a stand-in answers here as SQS documents it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use dofs::{
    interrupt::Interrupt,
    local::state::Running,
    redrive::{Options, Progress, Way, redrive},
    system::System,
};
use infra_gen::config::Environment;
use serde_json::{Value, json};
use tiny_http::{Header, Response, Server};

/// What SQS says about its task, look after look.
type Looks = Vec<Value>;

/// A stand-in for SQS, and the calls that it was asked for.
fn stand_in(looks: Looks) -> (System, Arc<Mutex<Vec<String>>>) {
    let server = Server::http("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", server.server_addr());
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = calls.clone();
    std::thread::spawn(move || {
        let mut looks = looks.into_iter();
        for request in server.incoming_requests() {
            let target = request.headers().iter().find(|it| it.field.equiv("X-Amz-Target"));
            let call = target.unwrap().value.as_str().replace("AmazonSQS.", "");
            let answer = match call.as_str() {
                "GetQueueUrl" => json!({ "QueueUrl": "http://127.0.0.1/queue" }),
                "GetQueueAttributes" => json!({
                    "Attributes": { "QueueArn": "arn:dlq", "ApproximateNumberOfMessages": "2",
                        "ApproximateNumberOfMessagesNotVisible": "4" },
                }),
                "StartMessageMoveTask" => json!({ "TaskHandle": "task" }),
                "ListMessageMoveTasks" => {
                    json!({ "Results": looks.next().into_iter().collect::<Vec<_>>() })
                }
                _ => json!({}),
            };
            seen.lock().unwrap().push(call);
            let json = Header::from_bytes("Content-Type", "application/x-amz-json-1.0").unwrap();
            let _ = request.respond(Response::from_string(answer.to_string()).with_header(json));
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
    (System::new(Environment::Dev, &running.api_url, &config, None), calls)
}

fn look(status: &str, moved: u32) -> Value {
    json!({
        "Status": status,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": 7,
        "FailureReason": (status == "FAILED").then_some("CouldNotDetermineMessageSource"),
    })
}

#[tokio::test]
async fn sqs_moves_them_by_itself() {
    async fn check(looks: Looks, interrupted: bool, moved: usize, problem: Option<&str>) {
        let (system, calls) = stand_in(looks.clone());
        let (asked, interrupt) = Interrupt::by_hand();
        asked.send_replace(interrupted);
        let mut seen = Vec::new();
        let each = |progress| seen.push(progress);
        let outcome = redrive(&system, &Options::default(), &interrupt, each).await.unwrap();
        assert_eq!((outcome.way, outcome.moved, outcome.stayed), (Way::MoveTask, moved, 2));
        assert_eq!(outcome.held, 4, "what another receiver holds");
        assert_eq!(outcome.problems.first().map(String::as_str), problem);
        assert_eq!(seen.len(), looks.len());
        assert!(seen.iter().all(|Progress { of, .. }| *of == 7));
        let calls = calls.lock().unwrap();
        let cancelled = calls.iter().any(|it| it == "CancelMessageMoveTask");
        assert_eq!(cancelled, interrupted, "{calls:?}");
        assert!(!calls.iter().any(|it| it == "ReceiveMessage"), "{calls:?}");
    }
    check(vec![look("RUNNING", 3), look("COMPLETED", 7)], false, 7, None).await;
    check(vec![look("RUNNING", 3), look("CANCELLED", 4)], true, 4, None).await;
    let problem = Some("the move has failed: CouldNotDetermineMessageSource");
    check(vec![look("FAILED", 1)], false, 1, problem).await;
}
