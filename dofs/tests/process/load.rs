//! What a load reports about an API that throttles.

use serde_json::Value;

use crate::{dofs, ran, stranger::Stranger};

#[test]
fn throttled_calls_and_the_time_until_an_order_is_taken_are_reported() {
    let busy = r#"{"error":"TooManyRequests","message":"m","problems":[],"requestId":"1"}"#;
    let taken =
        r#"{"orderId":"0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3","status":"ACCEPTED","message":"m"}"#;
    let api =
        Stranger::that_answers_in_turn(&[(429, busy), (503, busy), (500, busy), (202, taken)]);
    let aws = Stranger::that_answers(400, r#"{"__type":"AccessDeniedException"}"#);
    let urls = ["--api-url", &api.url(), "--endpoint-url", &aws.url()];
    let args =
        [&["load", "--count", "1", "--timeout", "3", "--format", "json"][..], &urls].concat();
    let (code, stdout, stderr) = ran(&mut dofs(&args));
    let report: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|err| panic!("{err}: {stderr}"));
    assert_eq!((&report["calls"], &report["throttled"]), (&4.into(), &2.into()), "{report:#}");
    // Three pauses: 0.2 s, then twice as long each time.
    let until_taken = report["until_taken"]["max_ms"].as_f64().unwrap();
    assert!(until_taken >= 1_400.0, "{report:#}");
    assert!(report["call"]["max_ms"].as_f64().unwrap() < until_taken, "{report:#}");
    // Neither tables nor executions can be asked, so nothing shows that the order goes on.
    assert_eq!((code, report["lost"].as_array().unwrap().len()), (Some(1), 1), "{report:#}");
    assert!(report["problem"].is_string(), "{report:#}");
}

#[test]
fn an_order_whose_execution_runs_is_still_processing() {
    let taken =
        r#"{"orderId":"0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3","status":"ACCEPTED","message":"m"}"#;
    let api = Stranger::that_answers(202, taken);
    // An answer that DynamoDB and Step Functions could both have given.
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
    assert!(stdout.contains("see: dofs status 0192f0c1"), "{stdout}");
}
