//! What goes wrong while a system is brought up: what is said, and that nothing is left.

use std::{fs, thread, time::Duration};

use crate::support::Place;

const UP: &[&str] = &["local", "up"];

/// `up` fails, says all of these, and leaves nothing.
#[track_caller]
fn check(place: &Place, says: &[&str]) {
    let ran = place.run(UP);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:#?}");
    for words in says {
        assert!(ran.stderr.contains(words), "{words:?} is not in:\n{}", ran.stderr);
    }
    place.is_quiet();
}

#[test]
fn without_terraform() {
    check(
        &Place::new("no-terraform").with_programs(&[]),
        &["`terraform` is not on the PATH", "fix: install 1.10 or newer, see https://"],
    );
}

#[test]
fn with_an_old_terraform() {
    let says = r#"echo '{"terraform_version":"1.5.7"}'"#;
    check(
        &Place::new("old-terraform").with_programs(&[("terraform", says)]),
        &[r#"says "1.5.7", but 1.10 or newer is due"#, "fix: install it"],
    );
}

#[test]
fn without_the_provider() {
    let place = Place::new("no-provider");
    let (config, mirror) = (place.folder().join("terraform.rc"), place.folder().join("mirror"));
    fs::create_dir_all(&mirror).unwrap();
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n"
    );
    fs::write(&config, text).unwrap();
    check(
        &place.with_variable("TF_CLI_CONFIG_FILE", config),
        &[
            "`terraform init",
            "hashicorp/aws",
            "fix: the AWS provider comes from registry.terraform.io",
        ],
    );
}

#[test]
fn ctrl_c_leaves_nothing() {
    let place = Place::new("ctrl-c");
    let mut up = place.start(UP);
    up.until("terraform apply", Duration::from_secs(300));
    // Who comes second would undo what the first one does.
    let second = place.run(UP);
    assert!(second.code == Some(1) && second.stderr.contains("fix: wait until"), "{second:#?}");
    // In the middle of it.
    thread::sleep(Duration::from_secs(5));
    assert!(!place.processes().is_empty(), "{}", up.said());
    up.interrupt();
    assert_eq!(up.code(Duration::from_secs(60)), Some(130), "{}", up.said());
    place.is_quiet();
}

#[test]
fn nothing_runs() {
    let place = Place::new("nothing");
    let down = place.run(&["local", "down"]);
    assert_eq!((down.code, down.stdout.as_str()), (Some(0), "nothing runs for dev\n"));
    let status = place.run(&["local", "status"]);
    assert_eq!(status.code, Some(1));
    assert!(status.stdout.contains("start it with: dofs local up"), "{status:#?}");
    // What a process left behind when it was killed counts as none.
    fs::create_dir_all(place.folder().join("dev")).unwrap();
    let left = r#"{"environment":"dev","pid":2147483647,"endpoint":"","api_url":"","page_url":null,
        "account":"","region":"","log":""}"#;
    fs::write(place.folder().join("dev/running.json"), left).unwrap();
    assert_eq!(place.run(&["local", "status"]).code, Some(1));
    let order = place.with_programs(&[]).run(&["order"]);
    assert_eq!((order.code, order.stdout.as_str()), (Some(1), ""), "{order:#?}");
    assert!(order.stderr.contains("start the system on this machine"), "{order:#?}");
}
