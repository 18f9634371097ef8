//! Changes of the generated files while the system runs, and an emulated AWS that is killed.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    renamed,
    support::{Place, kill},
};

/// Calls the emulated AWS with the JSON protocol, which most services use.
fn ask(status: &Value, service: &str, target: &str, body: &Value) -> Value {
    let mut answer = ureq::post(status["endpoint"].as_str().unwrap())
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", target)
        .header("Authorization", authorization(status, service))
        .send(body.to_string())
        .unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

/// The emulated AWS reads the account, region and service from the credential, and verifies no signature.
fn authorization(status: &Value, service: &str) -> String {
    let (account, region) =
        (status["account"].as_str().unwrap(), status["region"].as_str().unwrap());
    format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=none"
    )
}

/// The JSON Schema of an order that the deployed API describes.
fn model(status: &Value) -> Value {
    let url = status["api_url"].as_str().unwrap();
    let (_, after) = url.split_once("/restapis/").unwrap();
    let (api, _) = after.split_once('/').unwrap();
    let endpoint = status["endpoint"].as_str().unwrap();
    let mut answer = ureq::get(format!("{endpoint}/restapis/{api}/models/OrderRequest"))
        .header("Authorization", authorization(status, "apigateway"))
        .call()
        .unwrap();
    let model: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    serde_json::from_str(model["schema"].as_str().unwrap()).unwrap()
}

fn hidden_for(status: &Value) -> String {
    let (endpoint, account) =
        (status["endpoint"].as_str().unwrap(), status["account"].as_str().unwrap());
    let body = serde_json::json!({
        "QueueUrl": format!("{endpoint}/{account}/dofs-dev-order-queue"),
        "AttributeNames": ["VisibilityTimeout"],
    });
    let answer = ask(status, "sqs", "AmazonSQS.GetQueueAttributes", &body);
    answer["Attributes"]["VisibilityTimeout"].as_str().unwrap().to_owned()
}

pub(crate) fn machine(status: &Value) -> Value {
    let (account, region) =
        (status["account"].as_str().unwrap(), status["region"].as_str().unwrap());
    let arn = format!("arn:aws:states:{region}:{account}:stateMachine:dofs-dev-order");
    let body = serde_json::json!({ "stateMachineArn": arn });
    let answer = ask(status, "states", "AWSStepFunctions.DescribeStateMachine", &body);
    serde_json::from_str(answer["definition"].as_str().unwrap()).unwrap()
}

/// The order queue gets another name in the topology. Terraform moves it in the state, and the queue keeps its messages.
fn is_renamed(place: &Place) {
    place.regenerate(&renamed::files());
    let (code, found) = place.json(&["verify"]);
    let found: Vec<_> = found.as_array().unwrap().iter().collect();
    let has = |address: &str| {
        let is = |it: &&Value| it["address"] == address && it["actions"] == json!(["move"]);
        assert!(found.iter().any(is), "{address} is not in {found:#?}");
    };
    has("module.sqs.aws_sqs_queue.order_q");
    has("module.sqs.aws_sqs_queue_redrive_policy.order_q");
    assert!(
        code == Some(1) && found.iter().all(|it| it["actions"] == json!(["move"])),
        "{found:#?}"
    );
    let deployed = place.run(&["deploy", "--yes"]);
    assert!(
        deployed.code == Some(0) && deployed.stdout.contains("all of it is applied"),
        "{deployed:#?}"
    );
    assert_eq!(place.json(&["verify"]), (Some(0), json!([])));
    // Orders pass the queue, and dead letters return to it.
    let (code, report) = place.json(&["load", "--count", "3", "--rate", "3"]);
    assert_eq!((code, &report["lost"]), (Some(0), &json!([])), "{report:#}");
    let redrive = place.run(&["redrive", "--dry-run"]);
    assert_eq!(redrive.code, Some(0), "{redrive:#?}");
}

#[test]
fn a_change_is_found_and_deployed_and_a_killed_emulator_is_noticed() {
    let place = Place::new("changed").with_repository();
    let mut up = place.start(&["local", "up"]);
    up.until("dev is up", Duration::from_secs(600));
    let (_, status) = place.json(&["local", "status"]);
    let url = place.run(&["local", "url"]);
    assert_eq!(url.stdout.trim_end(), status["api_url"].as_str().unwrap());
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));

    is_renamed(&place);

    // A number, the model of the API, and the state machine.
    place.change(
        "sqs/main.tf.json",
        r#""visibility_timeout_seconds": 180"#,
        r#""visibility_timeout_seconds": 182"#,
    );
    place.change(
        "api_gateway/main.tf.json",
        r#"\"additionalProperties\":false"#,
        r#"\"maxProperties\":1,\"additionalProperties\":false"#,
    );
    place.change("stepfunctions/order.asl.json", "Takes a submitted order", "Carries an order");
    let (code, found) = place.json(&["verify"]);
    let found: Vec<&str> =
        found.as_array().unwrap().iter().map(|it| it["address"].as_str().unwrap()).collect();
    for address in [
        "module.sqs.aws_sqs_queue.order_q",
        "module.api_gateway.aws_api_gateway_model.order_request",
        "module.stepfunctions.aws_sfn_state_machine.order",
    ] {
        assert!(code == Some(1) && found.contains(&address), "{address} is not in {found:?}");
    }
    assert_eq!(place.run(&["order"]).code.map(|it| it < 2), Some(true));
    let deployed = place.run(&["deploy", "--yes"]);
    assert!(
        deployed.code == Some(0) && deployed.stdout.contains("all of it is applied"),
        "{deployed:#?}"
    );
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));
    assert_eq!(hidden_for(&status), "182");
    let comment = machine(&status)["Comment"].as_str().unwrap().to_owned();
    assert!(comment.starts_with("Carries an order"), "{comment}");
    assert_eq!(model(&status)["maxProperties"], 1);

    // The emulated AWS is killed. No command hangs, or uses the real AWS.
    let killed = Instant::now();
    kill(up.emulator().id, Signal::KILL);
    let order = place.run(&["order"]);
    assert_eq!(order.code, Some(1), "{order:#?}");
    assert_eq!(up.code(Duration::from_secs(10)), Some(1), "{}", up.said());
    for words in [
        "has ended (signal: 9",
        "`dofs local up` continues with the state that was saved",
        "are lost",
        "its log: ",
    ] {
        assert!(up.said().contains(words), "{words:?} is not in:\n{}", up.said());
    }
    for args in [["local", "status"].as_slice(), &["verify"], &["order"], &["deploy", "--yes"]] {
        let ran = place.run(args);
        assert_eq!(ran.code, Some(1), "{args:?}: {ran:#?}");
        assert!(format!("{ran:?}").contains("dofs local up"), "{args:?}: {ran:#?}");
    }
    assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    place.is_quiet();
}
