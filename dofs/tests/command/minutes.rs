//! An operator's first ten minutes, as the README tells them: up, place, follow, break, find, redrive,
//! load, down.

use std::{
    fs,
    io::{self, Write as _},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{Place, text};

/// Hides a message of the order queue for two minutes less than is generated.
fn pull_a_wire(status: &Value) {
    let endpoint = status["endpoint"].as_str().unwrap();
    let (account, region) =
        (status["account"].as_str().unwrap(), status["region"].as_str().unwrap());
    let queue = format!("{endpoint}/{account}/dofs-dev-order-queue");
    let body =
        serde_json::json!({ "QueueUrl": queue, "Attributes": { "VisibilityTimeout": "61" } });
    let answer = ureq::post(endpoint)
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", "AmazonSQS.SetQueueAttributes")
        .header(
            "Authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/sqs/aws4_request, \
                 SignedHeaders=host, Signature=none"
            ),
        )
        .send(body.to_string());
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn the_first_ten_minutes() {
    let began = Instant::now();
    let place = Place::new("minutes");
    let mut up = place.start(&["local", "up"]);
    up.until("dev is up", Duration::from_secs(600));

    // Who asks again is told the same.
    let (code, status) = place.json(&["local", "up"]);
    assert_eq!((code, &status), (Some(0), &place.json(&["local", "status"]).1));
    assert!(up.said().contains(status["api_url"].as_str().unwrap()), "{}", up.said());

    // Place, and follow.
    let (code, placed) = place.json(&["order", "--quantity", "2", "--price", "29.99"]);
    let (id, ends) = (placed["order_id"].as_str().unwrap(), &placed["view"]["status"]);
    assert_eq!(code, Some(i32::from(ends != "FULFILLED")), "{placed:#}");
    assert!(ends == "FULFILLED" || ends == "FAILED", "{placed:#}");
    let told = place.run(&["status", id]);
    assert!(told.code == Some(0) && told.stdout.contains(ends.as_str().unwrap()), "{told:#?}");
    let (code, refused) = place.json(&["order", "--quantity", "0"]);
    assert_eq!((code, &refused["view"]["status"]), (Some(1), &Value::from("REJECTED")));

    // Break, and find: what is deployed is no longer what is generated.
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));
    pull_a_wire(&status);
    let found = place.run(&["verify"]);
    let address = "module.sqs.aws_sqs_queue.order_queue (update): visibility_timeout_seconds";
    assert!(found.code == Some(1) && found.stdout.contains(address), "{found:#?}");
    // Ctrl-C in the middle of an apply: Terraform frees its lock, and the next one begins where it ended.
    let mut deploy = place.start(&["deploy", "--yes"]);
    deploy.until_process(&place, "terraform\0apply");
    deploy.interrupt();
    deploy.code(Duration::from_secs(120));
    assert!(deploy.said().contains("finishes what it is at"), "{}", deploy.said());
    pull_a_wire(&status);
    let mended = place.run(&["deploy", "--yes"]);
    assert!(
        mended.code == Some(0) && mended.stdout.contains("all of it is applied"),
        "{mended:#?}"
    );
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));

    // Load. Some orders fail, and say why.
    let chart = place.folder().join("load.html");
    let load = ["load", "--count", "40", "--rate", "10", "--html", text(&chart)];
    let (code, report) = place.json(&load);
    assert_eq!((code, &report["lost"]), (Some(0), &Value::Array(Vec::new())), "{report:#}");
    assert!(fs::read_to_string(chart).unwrap().contains("<svg"));
    let (code, failed) = place.json(&["orders", "--status", "failed"]);
    let failed = failed.as_array().unwrap();
    assert!(code == Some(0) && !failed.is_empty(), "of 40 orders none failed");

    // Redrive: a failed order is a dead letter once its message was tried three times.
    let waited = Instant::now();
    let letters = loop {
        let (code, dry) = place.json(&["redrive", "--dry-run"]);
        let letters = dry["letters"].as_array().unwrap().len();
        assert!(code == Some(0) && waited.elapsed() < Duration::from_secs(240), "{dry:#}");
        if letters > 0 {
            break letters;
        }
        thread::sleep(Duration::from_secs(2));
    };
    let (code, redriven) = place.json(&["redrive", "--yes"]);
    assert_eq!(code, Some(0), "{redriven:#}");
    assert!(redriven["moved"].as_u64().unwrap() >= letters as u64, "{redriven:#}");

    // Down.
    let down = place.run(&["local", "down"]);
    assert_eq!((down.code, down.stdout.as_str()), (Some(0), "dev is down\n"), "{down:#?}");
    assert_eq!(up.code(Duration::from_secs(30)), Some(0));
    place.is_quiet();
    let took = began.elapsed().as_secs();
    let _ = writeln!(io::stdout(), "scenario: the first ten minutes, {took} s");
}
