//! An emulator that starts on the store of an earlier one has all of its state, or none of it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use local_aws::{Account, Emulator, EmulatorError, Store};
use serde_json::{Value, json};
use support::tools;

const BUCKET: &str = "state-of-one";
const LOCK: &str = "dofs/dev/terraform.tfstate.tflock";

fn account() -> Account {
    Account { id: "111111111111".to_owned(), region: "ap-south-1".to_owned() }
}

struct Case {
    work: PathBuf,
    store: Store,
}

impl Case {
    fn new(name: &str) -> Self {
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keep").join(name);
        let _ = fs::remove_dir_all(&work);
        let store = Store::at(work.join("kept"));
        Case { work, store }
    }

    fn try_start(&self) -> Result<Emulator, EmulatorError> {
        let port = self.store.last().unwrap().map_or(0, |it| it.port);
        Emulator::start_keeping(&tools(), &self.work, &account(), port, &self.store)
    }

    fn start(&self) -> Emulator {
        self.try_start().unwrap_or_else(|err| panic!("{err}"))
    }

    /// Waits for a save after this moment.
    fn saved_since(&self, moment: SystemTime) {
        let began = Instant::now();
        while self.store.last().unwrap().is_none_or(|it| it.at < moment) {
            assert!(began.elapsed() < Duration::from_secs(60), "nothing is saved");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn put(emulator: &Emulator, key: &str) {
    emulator.bucket(&account(), BUCKET).put(key, "text").unwrap();
}

/// Terraform and its provider name themselves.
fn put_as_terraform(emulator: &Emulator, key: &str) {
    ureq::put(format!("{}/{BUCKET}/{key}", emulator.endpoint()))
        .header("User-Agent", "APN/1.0 HashiCorp/1.0 Terraform/1.15.5")
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=111111111111/20260101/ap-south-1/s3/aws4_request, \
             SignedHeaders=host, Signature=none",
        )
        .send("text")
        .unwrap();
}

fn get(emulator: &Emulator, key: &str) -> Option<String> {
    emulator.bucket(&account(), BUCKET).get(key).unwrap()
}

fn states(emulator: &Emulator, operation: &str, body: Value) -> Value {
    let mut answer = ureq::post(emulator.endpoint())
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", format!("AWSStepFunctions.{operation}"))
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=111111111111/20260101/ap-south-1/states/aws4_request, \
             SignedHeaders=host, Signature=none",
        )
        .send(body.to_string())
        .unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

/// A machine without its role is refused.
fn make_role(emulator: &Emulator, name: &str) {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "states.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    });
    ureq::post(emulator.endpoint())
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=111111111111/20260101/ap-south-1/iam/aws4_request, \
             SignedHeaders=host, Signature=none",
        )
        .send_form([
            ("Action", "CreateRole"),
            ("Version", "2010-05-08"),
            ("RoleName", name),
            ("AssumeRolePolicyDocument", &trust.to_string()),
        ])
        .unwrap();
}

/// A process that updates a function holds the lock meanwhile, as Terraform does.
#[test]
fn nothing_is_saved_while_another_process_has_the_lock() {
    let case = Case::new("locked");
    let mut emulator = case.start();
    emulator.make_bucket(&account(), BUCKET).unwrap();
    let bucket = emulator.bucket(&account(), BUCKET);
    let moment = SystemTime::now();
    emulator.keep().unwrap();
    case.saved_since(moment);
    assert!(bucket.put_new(LOCK, "text").unwrap());
    assert!(!bucket.put_new(LOCK, "text").unwrap(), "it is taken");
    let moment = SystemTime::now();
    put(&emulator, "a");
    thread::sleep(Duration::from_secs(3));
    assert!(case.store.last().unwrap().unwrap().at < moment, "half of it is saved");
    bucket.delete(LOCK).unwrap();
    case.saved_since(moment);
    assert!(emulator.end().unwrap().unwrap().is_end);
}

/// A save of a large state takes processor time that the functions need.
#[test]
fn a_save_is_followed_by_nine_times_as_long_without_one() {
    let case = Case::new("rest");
    let mut emulator = case.start();
    emulator.make_bucket(&account(), BUCKET).unwrap();
    let bucket = emulator.bucket(&account(), BUCKET);
    let long = "x".repeat(4_000_000);
    for number in 0..20 {
        bucket.put(&format!("long-{number}"), &long).unwrap();
    }
    let moment = SystemTime::now();
    emulator.keep().unwrap();
    case.saved_since(moment);
    let first = case.store.last().unwrap().unwrap().at;
    let took = loop {
        let said = fs::read_to_string(emulator.log()).unwrap();
        if let Some((_, took)) = said.rsplit_once(" bytes in ") {
            break took.split_once(' ').unwrap().0.parse::<f64>().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    };
    let rest = Duration::from_secs_f64(took * 9.0).min(Duration::from_secs(10));
    put(&emulator, "a");
    case.saved_since(first + Duration::from_millis(1));
    let second = case.store.last().unwrap().unwrap().at;
    let gap = second.duration_since(first).unwrap();
    assert!(gap >= rest, "{gap:?} after a save that took {took} s");
}

#[test]
fn exactly_the_saved_state_is_loaded() {
    let case = Case::new("objects");
    let mut first = case.start();
    first.make_bucket(&account(), BUCKET).unwrap();
    put(&first, "a/b");
    thread::sleep(Duration::from_secs(3));
    assert_eq!(case.store.last().unwrap(), None, "it is saved before it may be");
    let moment = SystemTime::now();
    first.keep().unwrap();
    case.saved_since(moment);
    let moment = SystemTime::now();
    put(&first, "c");
    case.saved_since(moment);
    // An object that is not the lock of a state.
    let moment = SystemTime::now();
    put_as_terraform(&first, "d.tflock");
    case.saved_since(moment);
    // Terraform is running, so the state now is neither the old system nor the new one.
    put_as_terraform(&first, LOCK);
    thread::sleep(Duration::from_secs(3));
    let (endpoint, log) = (first.endpoint(), first.log().to_owned());
    let last = first.end().unwrap().unwrap();
    assert!(!last.is_end, "{last:?}");
    let said = fs::read_to_string(log).unwrap();
    assert!(said.contains(&format!("it has the lock {LOCK}")), "{said}");

    let mut second = case.start();
    assert_eq!(second.endpoint(), endpoint);
    assert_eq!(get(&second, "a/b").as_deref(), Some("text"));
    assert_eq!(get(&second, "c").as_deref(), Some("text"));
    assert_eq!(get(&second, LOCK), None);
    second.keep().unwrap();
    put(&second, "e");
    // No Terraform has called here: the one that left this lock was killed.
    let moment = SystemTime::now();
    put(&second, LOCK);
    case.saved_since(moment);
    let last = second.end().unwrap().unwrap();
    assert!(last.is_end, "{last:?}");
    let third = case.start();
    assert_eq!(get(&third, "e").as_deref(), Some("text"));
    assert_eq!(get(&third, LOCK), None, "the next Terraform waits for one that has ended");
    // Not saved again: the next one continues with the state before.
    put(&third, "f");
    drop(third);

    // A truncated state is not loaded in part.
    let state = case.store.folder().join("state");
    let bytes = fs::read(&state).unwrap();
    for damaged in [&bytes[..bytes.len() - 1], &[&bytes[..bytes.len() - 1], b"x"].concat()] {
        fs::write(&state, damaged).unwrap();
        let said = case.try_start().unwrap_err();
        assert!(matches!(said, EmulatorError::Kept { .. }), "{said}");
        assert!(said.to_string().contains("cannot be loaded: "), "{said}");
    }
    // An unreadable file is not damaged.
    fs::remove_file(&state).unwrap();
    fs::create_dir(&state).unwrap();
    let said =
        Emulator::start_keeping(&tools(), &case.work, &account(), 0, &case.store).unwrap_err();
    assert!(matches!(said, EmulatorError::Ended { .. }), "{said}");
    assert!(said.to_string().contains("cannot be read now: "), "{said}");
    fs::remove_dir(&state).unwrap();
    fs::write(&state, bytes).unwrap();
    assert_eq!(get(&case.start(), "f"), None);
}

#[test]
fn a_running_execution_starts_again() {
    begins_again(false);
}

#[test]
fn a_running_execution_starts_again_after_a_kill() {
    begins_again(true);
}

fn begins_again(is_killed: bool) {
    let case = Case::new(if is_killed { "executions-killed" } else { "executions" });
    let mut first = case.start();
    let definition = json!({
        "StartAt": "Wait",
        "States": {
            "Wait": { "Type": "Wait", "Seconds": 25, "Next": "End" },
            "End": { "Type": "Succeed" },
        },
    });
    make_role(&first, "machine");
    let machine = states(
        &first,
        "CreateStateMachine",
        json!({
            "name": "machine", "definition": definition.to_string(),
            "roleArn": "arn:aws:iam::111111111111:role/machine",
        }),
    );
    let moment = SystemTime::now();
    first.keep().unwrap();
    case.saved_since(moment);
    let run = json!({ "stateMachineArn": machine["stateMachineArn"], "name": "order", "input": "{\"a\":1}" });
    let moment = SystemTime::now();
    let run = states(&first, "StartExecution", run);
    // Long before the execution ends, because an execution that waits for hours must not prevent saves.
    case.saved_since(moment);
    if is_killed {
        drop(first);
    } else {
        let last = first.end().unwrap().unwrap();
        assert!(last.is_end, "{last:?}");
    }

    let second = case.start();
    let began = Instant::now();
    let look =
        || states(&second, "DescribeExecution", json!({ "executionArn": run["executionArn"] }));
    loop {
        let found = look();
        if found["status"] == "SUCCEEDED" {
            break assert_eq!(found["output"], "{\"a\": 1}");
        }
        assert_eq!(found["status"], "RUNNING", "{found:#}");
        assert!(began.elapsed() < Duration::from_secs(40), "{found:#}");
        thread::sleep(Duration::from_millis(200));
    }
}
