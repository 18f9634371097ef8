//! The next run of a local system has the orders of the last one, even after a kill or a change.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use contracts::functions::FunctionName;
use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Place, Running, functions, kill, measured};

const UP: Duration = Duration::from_secs(600);

/// Replaces the functions by scripts that run the programs, so that a test can change a function without a compiler.
fn scripts(place: &Place) -> PathBuf {
    let (folder, programs) = (place.folder().join("functions"), functions());
    fs::create_dir_all(&folder).unwrap();
    for name in FunctionName::BINS {
        script(&folder.join(name), &programs.join(name), "first");
    }
    folder
}

fn script(file: &Path, program: &Path, version: &str) {
    fs::write(file, format!("#!/bin/sh\n# {version}\nexec '{}'\n", program.display())).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn up(place: &Place, args: &[&str]) -> Running {
    let mut up = place.start(&[&["local", "up"], args].concat());
    up.until("dev is up\n", UP);
    up
}

/// Places an order, and returns its id once it is decided.
fn placed(place: &Place) -> String {
    let (_, order) = place.json(&["order"]);
    assert!(["FULFILLED", "FAILED"].contains(&status(&order).as_str()), "{order:#}");
    order["view"]["orderId"].as_str().unwrap_or_else(|| panic!("{order:#}")).to_owned()
}

fn status(order: &Value) -> String {
    order["view"]["status"].as_str().unwrap_or_else(|| panic!("{order:#}")).to_owned()
}

#[track_caller]
fn has(place: &Place, orders: &[&str], is: bool) {
    for order in orders {
        let (code, told) = place.json(&["status", order]);
        assert_eq!(code != Some(1) || !told["view"].is_null(), is, "{order}: {told:#}");
    }
}

fn down(place: &Place, up: &mut Running) {
    let down = place.run(&["local", "down"]);
    assert_eq!(down.code, Some(0), "{down:#?}");
    assert_eq!(up.code(Duration::from_secs(30)), Some(0), "{}", up.said());
    let kept = "dev is down: its orders, messages and tables are kept";
    assert!(up.said().contains(kept), "{}", up.said());
}

/// Interrupts a start, as Ctrl-C does.
fn interrupt(up: &mut Running) {
    up.interrupt();
    assert_eq!(up.code(Duration::from_secs(60)), Some(130), "{}", up.said());
}

/// Waits for a save after this moment.
fn saved_after(place: &Place, moment: std::time::SystemTime) {
    let began = Instant::now();
    let state = place.folder().join("dev/kept/state");
    while !fs::metadata(&state).is_ok_and(|it| it.modified().unwrap() >= moment) {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is saved");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn orders_outlive_a_run() {
    let place = Place::new("kept").with_repository();
    let scripts = scripts(&place);
    let place = place.with_variable("DOFS_FUNCTIONS", scripts.clone());

    let mut first = up(&place, &[]);
    let one = placed(&place);
    let (_, status) = place.json(&["local", "status"]);
    down(&place, &mut first);
    place.is_quiet();

    // Nothing has changed, so Terraform has nothing to do, and the address is the same.
    let port = status["endpoint"].as_str().unwrap().rsplit(':').next().unwrap();
    let elsewhere = place.run(&["local", "up", "--port", "1"]);
    assert!(elsewhere.code == Some(1) && elsewhere.stderr.contains(port), "{elsewhere:#?}");
    let mut second = up(&place, &["--port", port]);
    assert!(!second.said().contains("terraform"), "{}", second.said());
    has(&place, &[&one], true);
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));

    // After a kill, the last saved state is loaded.
    let two = placed(&place);
    // A save that began before the order ended may lack it. Another order makes sure that there is a later one.
    let moment = std::time::SystemTime::now();
    placed(&place);
    saved_after(&place, moment);
    second.kill();
    let mut third = up(&place, &[]);
    assert!(third.said().contains("the last run was killed: "), "{}", third.said());
    has(&place, &[&one, &two], true);

    // Files that change during a deployment are not deployed with it. The apply of a queue takes long enough for that.
    let hidden = r#""visibility_timeout_seconds": 180"#;
    place.change("sqs/main.tf.json", hidden, r#""visibility_timeout_seconds": 181"#);
    let mut deploy = place.start(&["deploy", "--yes"]);
    deploy.until_process(&place, "terraform apply");
    let again = r#""visibility_timeout_seconds": 181"#;
    place.change("sqs/main.tf.json", again, r#""visibility_timeout_seconds": 182"#);
    // Another command copies the current generated files.
    let file = "modules/sqs/main.tf.json";
    fs::copy(
        place.repository().join("generated/dev").join(file),
        place.folder().join("dev/root").join(file),
    )
    .unwrap();
    assert_eq!(deploy.code(Duration::from_secs(300)), Some(0), "{}", deploy.said());
    down(&place, &mut third);

    // A function and a generated file have changed.
    script(&scripts.join("validator"), &functions().join("validator"), "second");
    place.change("stepfunctions/order.asl.json", "Takes a submitted order", "Carries an order");
    let began = Instant::now();
    let mut fourth = up(&place, &[]);
    measured(&format!("up with a changed function after {:.1} s", began.elapsed().as_secs_f64()));
    let changed = "changed: lambda/x86_64/validator.zip, modules/sqs/main.tf.json, \
                   modules/stepfunctions/order.asl.json";
    assert!(fourth.said().contains(changed), "{}", fourth.said());
    has(&place, &[&one, &two], true);
    placed(&place);
    assert_eq!(place.json(&["verify"]), (Some(0), Value::Array(Vec::new())));
    kill(fourth.emulator().id, Signal::KILL);
    assert_eq!(fourth.code(Duration::from_secs(10)), Some(1), "{}", fourth.said());

    // A damaged state is not loaded in part, but moved aside.
    let kept = place.folder().join("dev/kept");
    let (state, whole) = (kept.join("state"), fs::read(kept.join("state")).unwrap());
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&state, bytes).unwrap();
    let mut fifth = place.start(&["local", "up"]);
    fifth.until("terraform apply", UP);
    let aside = place.folder().join("dev/kept.unreadable-1");
    for words in ["cannot be loaded", "so the system starts fresh", aside.to_str().unwrap()] {
        assert!(fifth.said().contains(words), "{words:?} is not in:\n{}", fifth.said());
    }
    interrupt(&mut fifth);
    fs::write(aside.join("state"), whole).unwrap();
    fs::rename(aside, &kept).unwrap();

    // A run with --fresh that ends early deletes nothing.
    let mut sixth = place.start(&["local", "up", "--fresh"]);
    sixth.until("terraform init", UP);
    sixth.kill();
    let mut seventh = up(&place, &[]);
    has(&place, &[&one, &two], true);
    down(&place, &mut seventh);

    // The backend has another address, at which the saved state has no Terraform state.
    let backend = place.repository().join("generated/dev/backend.tf.json");
    let text = fs::read_to_string(&backend).unwrap();
    fs::write(&backend, text.replace("dofs/dev/", "dofs/moved/")).unwrap();
    let mut eighth = up(&place, &[]);
    for words in ["no Terraform state at dofs-tfstate", "dofs/moved/", "kept.unreadable-1"] {
        assert!(eighth.said().contains(words), "{words:?} is not in:\n{}", eighth.said());
    }
    has(&place, &[&one, &two], false);
    let three = placed(&place);
    down(&place, &mut eighth);

    let moment = std::time::SystemTime::now();
    let mut ninth = up(&place, &["--fresh"]);
    has(&place, &[&three], false);
    saved_after(&place, moment);
    assert!(!place.folder().join("dev/kept.old").exists(), "it is dropped when there is another");
    down(&place, &mut ninth);
    place.is_quiet();
}
