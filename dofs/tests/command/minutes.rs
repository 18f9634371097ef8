//! An operator's first ten minutes: every command in the README and in `docs/local.md`, unchanged, and a few accidents between
//! them.

use std::{
    fs,
    io::{self, Write as _},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    readme::Readme,
    support::{Place, text},
};

#[test]
fn the_first_ten_minutes() {
    let began = Instant::now();
    let place = Place::new("minutes").with_dofs();
    let mut readme = Readme::read(&place);
    let mut up = readme.start("cargo run -p dofs -- local up --port ");
    up.until("dev is up", Duration::from_secs(600));
    let placed = readme.run("curl -i \"$URL/order\"");
    assert!(placed.stdout.starts_with("HTTP/1.1 202"), "{placed:#?}");
    assert!(placed.stdout.contains(r#""status":"ACCEPTED""#), "{placed:#?}");

    // A second `local up` prints the same addresses.
    let again = readme.run("dofs local up --port ");
    let (_, status) = place.json(&["local", "status"]);
    let url = status["api_url"].as_str().unwrap();
    assert!(again.code == Some(0) && again.stdout.contains(url), "{again:#?}");
    assert!(up.said().contains(url), "{}", up.said());
    let elsewhere = place.run(&["local", "up", "--port", "1"]);
    let says = elsewhere.stderr.contains("fix: stop it with `dofs local down`");
    assert!(elsewhere.code == Some(1) && says, "{elsewhere:#?}");

    // Place, and follow.
    let placed = readme.run("dofs order");
    let (code, ends) = match placed.stdout.contains("FULFILLED") {
        true => (Some(0), "FULFILLED"),
        false => (Some(1), "FAILED"),
    };
    assert!(placed.code == code && placed.stdout.contains(ends), "{placed:#?}");
    let id = placed.stdout.split_whitespace().find(|it| uuid::Uuid::parse_str(it).is_ok());
    readme.set("ORDER_ID", id.unwrap_or_else(|| panic!("it prints no id: {placed:#?}")));
    let told = readme.run("dofs status \"$ORDER_ID\"");
    assert!(told.code == Some(0) && told.stdout.contains(ends), "{told:#?}");
    let (code, refused) = place.json(&["order", "--quantity", "0"]);
    assert_eq!((code, &refused["view"]["status"]), (Some(1), &Value::from("REJECTED")));

    // Change a deployed resource: `dofs verify` finds the difference.
    let clean = readme.run("dofs verify");
    assert_eq!(clean.code, Some(0), "{clean:#?}");
    let broken = readme.run("curl \"$AWS\"");
    assert_eq!(broken.code, Some(0), "{broken:#?}");
    let found = readme.run("dofs verify");
    let address = "module.sqs.aws_sqs_queue.order_queue (update): visibility_timeout_seconds";
    assert!(found.code == Some(1) && found.stdout.contains(address), "{found:#?}");
    // Ctrl-C during an apply: Terraform releases its lock, and the next apply continues.
    let mut deploy = place.start(&["deploy", "--yes"]);
    deploy.until_process(&place, "terraform apply");
    deploy.interrupt();
    deploy.code(Duration::from_secs(120));
    assert!(deploy.said().contains("asked Terraform to stop"), "{}", deploy.said());
    let broken = readme.again("curl \"$AWS\"");
    assert_eq!(broken.code, Some(0), "{broken:#?}");
    let mended = readme.run("dofs deploy --yes");
    assert!(
        mended.code == Some(0) && mended.stdout.contains("all of it is applied"),
        "{mended:#?}"
    );
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));

    // Load. Some orders fail, and say why.
    let chart = place.folder().join("load.html");
    let load = ["load", "--count", "5", "--rate", "10", "--html", text(&chart)];
    let (code, report) = place.json(&load);
    assert_eq!((code, &report["lost"]), (Some(0), &Value::Array(Vec::new())), "{report:#}");
    assert!(fs::read_to_string(chart).unwrap().contains("<svg"));
    let report = readme.run("dofs load --count 40");
    assert_eq!(report.code, Some(0), "{report:#?}");
    let failed = readme.run("dofs orders --status failed");
    assert!(failed.code == Some(0) && failed.stdout.contains("FulfillmentFailed"), "{failed:#?}");

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
    let listed = readme.run("dofs redrive --dry-run");
    assert_eq!(listed.code, Some(0), "{listed:#?}");
    let redriven = readme.run("dofs redrive --yes");
    assert_eq!(redriven.code, Some(0), "{redriven:#?}");
    assert!(redriven.stdout.contains("moved"), "{letters} letters: {redriven:#?}");

    // Down.
    let down = readme.run("dofs local down");
    readme.is_done();
    assert_eq!((down.code, down.stdout.as_str()), (Some(0), "dev is down\n"), "{down:#?}");
    assert_eq!(up.code(Duration::from_secs(30)), Some(0));
    assert!(up.said().contains("because of Ctrl-C or `dofs local down`"), "{}", up.said());
    assert!(
        up.said().contains("dev is down: its orders, messages and tables are kept"),
        "{}",
        up.said()
    );
    place.is_quiet();
    let took = began.elapsed().as_secs();
    let _ = writeln!(io::stdout(), "scenario: the first ten minutes, {took} s");
}
