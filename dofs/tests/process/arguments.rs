//! Arguments: invalid ones are refused at once, and others are passed on unchanged.

use std::{fs, time::Instant};

use crate::{dofs, ran, stranger::Stranger};

const TAKEN: &str =
    r#"{"orderId":"0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3","status":"ACCEPTED","message":"m"}"#;

#[test]
fn an_address_without_a_scheme_is_a_usage_error() {
    for option in ["--api-url", "--endpoint-url"] {
        let (code, stdout, stderr) = ran(&mut dofs(&["load", option, "localhost:8080"]));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(stderr.contains("such as http://localhost:8080"), "{stderr}");
    }
}

#[test]
fn a_lasting_problem_is_not_retried() {
    let begin = Instant::now();
    let args =
        ["load", "--count", "2", "--rate", "100", "--api-url", "http://no-such-host.invalid"];
    let (code, stdout, stderr) = ran(&mut dofs(&args));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("the call cannot be made  2"), "{stdout}{stderr}");
    assert!(begin.elapsed().as_secs() < 20);
}

/// An order is followed for at most a year, because `Instant` cannot represent every later time.
#[test]
fn an_unusable_number_is_a_usage_error() {
    for command in [&["order"][..], &["order", "--count", "2"], &["load"]] {
        for seconds in ["18446744073709551615", "31536001", "0", "-1"] {
            let timeout = format!("--timeout={seconds}");
            let args = [command, &[&timeout, "--api-url", "http://127.0.0.1:9"]].concat();
            let (code, stdout, stderr) = ran(&mut dofs(&args));
            assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
        }
    }
    for args in [&["order", "--count", "4294967295"][..], &["local", "up", "--parallelism", "0"]] {
        let (code, stdout, stderr) = ran(&mut dofs(args));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
    }
}

#[test]
fn a_key_is_sent_without_white_space_and_an_empty_one_not_at_all() {
    fn check(key: &str, sent: Option<&str>) {
        let api = Stranger::that_answers(202, TAKEN);
        let args = ["order", "--no-follow", "--api-url", &api.url()];
        let (code, _, stderr) = ran(dofs(&args).env("DOFS_API_KEY", key));
        assert_eq!(code, Some(0), "{stderr}");
        let headers = api.requests().pop().unwrap().headers;
        let found = headers.lines().find_map(|it| it.strip_prefix("x-api-key: "));
        assert_eq!(found, sent, "{headers}");
    }
    check("drawn\n", Some("drawn"));
    check("", None);
    check("\n", None);
    let (code, _, stderr) = ran(dofs(&["order"]).env("DOFS_API_KEY", "se\ncret"));
    assert_eq!(code, Some(2));
    assert!(
        !stderr.contains("cret\n") && stderr.contains("not allowed in an HTTP header"),
        "{stderr}"
    );
}

#[test]
fn an_order_is_sent_as_it_was_written() {
    fn sent(args: &[&str]) -> Vec<u8> {
        let api = Stranger::that_answers(202, TAKEN);
        let url = api.url();
        let all = [&["order", "--no-follow", "--api-url", &url], args].concat();
        let (code, _, stderr) = ran(&mut dofs(&all));
        assert_eq!(code, Some(0), "{stderr}");
        api.requests().pop().unwrap().body
    }
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/as-written.json");
    let written =
        b"\xef\xbb\xbf{ \"price\": 1e2, \"price\": 2,\n\"quantity\": 12345678901234567890123 }\n";
    fs::write(file, written).unwrap();
    assert_eq!(sent(&["--file", file]), written);
    assert_eq!(sent(&["--file", file, "--count", "1"]), written);
    let body = String::from_utf8(sent(&["--quantity", "12345678901234567890123"])).unwrap();
    assert!(body.contains(r#""quantity":12345678901234567890123,"#), "{body}");
}

#[test]
fn help_hides_options_that_the_command_does_not_use() {
    let help = |args: &[&str]| ran(&mut dofs(args)).1;
    for command in ["completions", "man"] {
        let help = help(&[command, "--help"]);
        assert!(!help.contains("--env") && !help.contains("--api-key"), "{help}");
    }
    assert!(help(&["load", "--help"]).contains("misjudged "), "the report's words are explained");
    for command in [&["verify"][..], &["deploy"], &["bootstrap"], &["local", "up"]] {
        let help = help(&[command, &["--help"]].concat());
        assert!(help.contains("--env") && !help.contains("--api-key"), "{help}");
    }
    for command in [&["order"][..], &["status"], &["load"], &["verify"], &["local", "up"]] {
        let help = help(&[command, &["--help"]].concat());
        let (_, common) = help.split_once("System and output:").unwrap();
        let common = common.split("\n\n").next().unwrap();
        let lines = common.trim_end().lines().filter(|it| !it.is_empty()).count();
        assert!(lines <= 8, "{lines} lines of common options\n{help}");
        assert!(help.lines().all(|it| it.len() <= 105), "{help}");
    }
}

#[test]
fn the_help_names_the_variable_for_terraform() {
    let (code, help, stderr) = ran(dofs(&["verify", "--help"]).env("DOFS_TERRAFORM", ""));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(help.contains("DOFS_TERRAFORM"), "{help}");
    let (code, _, stderr) = ran(dofs(&["completions", "bash"]).env("DOFS_TERRAFORM", ""));
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_folder_that_cannot_be_written_names_the_variable_for_another() {
    // Not even root can create a folder there.
    if !std::path::Path::new("/sys").exists() {
        return;
    }
    let (code, stdout, stderr) = ran(dofs(&["local", "up"]).env("DOFS_LOCAL_DIR", "/sys/dofs"));
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.contains("/sys/dofs/dev"), "{stderr}");
    assert!(
        stderr.contains("fix: choose another folder with the variable DOFS_LOCAL_DIR"),
        "{stderr}"
    );
}
