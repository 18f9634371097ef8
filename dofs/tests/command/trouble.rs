//! Failures during the start of a system: their errors, and that no process is left.

use std::{fs, thread, time::Duration};

use crate::support::Place;

const UP: &[&str] = &["local", "up"];

/// Checks that `up` fails with these texts, and leaves no process.
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
    let says = "echo 'Terraform v1.5.7'";
    check(
        &Place::new("old-terraform").with_programs(&[("terraform", says)]),
        &[
            r#"prints "Terraform v1.5.7", but Terraform or OpenTofu 1.10 or newer is required"#,
            "fix: install it",
        ],
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
        &["`terraform init", "hashicorp/aws", "fix: allow access to registry.terraform.io"],
    );
}

#[test]
fn ctrl_c_leaves_nothing() {
    let place = Place::new("ctrl-c");
    let mut up = place.start(UP);
    up.until("terraform apply", Duration::from_secs(300));
    // A second `up` would disturb the first one.
    let second = place.run(UP);
    assert!(second.code == Some(1) && second.stderr.contains("fix: wait until"), "{second:#?}");
    // Interrupt the start.
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
    assert_eq!(
        (down.code, down.stdout.as_str()),
        (Some(0), "no local system is running for dev\n")
    );
    let status = place.run(&["local", "status"]);
    assert_eq!(status.code, Some(1));
    assert!(status.stdout.contains("start one with: dofs local up"), "{status:#?}");
    // A file that a killed process left behind does not count, even if another process has its id now, and another
    // `dofs local up` holds the lock.
    fs::create_dir_all(place.folder().join("dev")).unwrap();
    let left = |pid: u32| {
        format!(
            r#"{{"environment":"dev","pid":{pid},"began":1,"endpoint":"","api_url":"","page_url":null,
            "account":"","region":"","log":""}}"#
        )
    };
    for pid in [i32::MAX as u32, std::process::id()] {
        fs::write(place.folder().join("dev/running.json"), left(pid)).unwrap();
        assert_eq!(place.run(&["local", "status"]).code, Some(1));
    }
    let lock = fs::File::create(place.folder().join("dev/up.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(place.run(&["local", "status"]).code, Some(1));
    let down = place.run(&["local", "down"]);
    assert_eq!(
        (down.code, down.stdout.as_str()),
        (Some(0), "no local system is running for dev\n")
    );
}

/// Terraform is not on the `PATH`: none of these commands gets so far.
#[test]
fn no_command_uses_aws_because_no_local_system_runs() {
    let place = Place::new("nowhere").with_programs(&[]);
    let id = "0192f0c1-2d3e-7a4b-8c5d-000000000000";
    for args in [
        ["order"].as_slice(),
        &["status", id],
        &["orders", "--status", "failed"],
        &["load"],
        &["redrive", "--yes"],
        &["page"],
        &["verify"],
        &["deploy", "--yes"],
        &["local", "url"],
    ] {
        let ran = place.run(&[args, &["--env", "staging"]].concat());
        let start = "no local system is running for staging\n  fix: start one with `dofs local up --env staging`";
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{args:?}: {ran:#?}");
        assert!(ran.stderr.contains(start), "{args:?}: {ran:#?}");
        let chosen = args[0] == "local" || ran.stderr.contains("or choose AWS with `--aws`");
        assert!(chosen && ran.stderr.lines().count() == 2, "{args:?}: {ran:#?}");
    }
    let ran = place.run(&["verify", "--aws"]);
    assert!(ran.stderr.contains("`terraform` is not on the PATH"), "{ran:#?}");
}

/// The emulated AWS of a system whose process still runs.
#[test]
fn a_system_that_does_not_answer_is_an_error_at_once() {
    let place = Place::new("no-answer");
    fs::create_dir_all(place.folder().join("dev")).unwrap();
    let lock = fs::File::create(place.folder().join("dev/up.lock")).unwrap();
    lock.lock().unwrap();
    let own = processes::find(std::process::id()).unwrap().unwrap();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let running = serde_json::json!({
        "environment": "dev", "pid": own.id, "began": own.began, "api_url": "", "page_url": null,
        "endpoint": format!("http://127.0.0.1:{port}"), "account": "", "region": "", "log": "a.log",
    });
    fs::write(place.folder().join("dev/running.json"), running.to_string()).unwrap();
    for args in
        [["local", "status"].as_slice(), &["local", "url"], &["verify"], &["order"], &["page"]]
    {
        let began = std::time::Instant::now();
        let ran = place.run(args);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, Some(1), "{args:?}: {ran:#?}");
        for words in
            ["does not answer at http://127.0.0.1:", "are lost", "a.log", "`dofs local down`"]
        {
            assert!(said.contains(words), "{args:?}: {words:?} is not in:\n{said}");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{args:?}: {:?}", began.elapsed());
    }
}
