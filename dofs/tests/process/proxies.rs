//! A machine behind a proxy: calls of AWS use the proxy, and calls of this machine do not.

use std::{
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    process::Command,
};

use crate::{dofs, ran, stranger::Stranger};

/// Returns the program without the proxy variables of the user who runs the tests.
fn without_proxies(command: &mut Command) -> &mut Command {
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

fn behind(command: &mut Command, proxy: &str) {
    without_proxies(command).env("HTTPS_PROXY", proxy).env("HTTP_PROXY", proxy);
}

#[test]
fn an_api_on_this_machine_is_called_without_the_proxy() {
    let taken = r#"{"orderId": "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3", "status": "ACCEPTED", "message": ""}"#;
    let api = Stranger::that_answers(202, taken);
    let mut command = dofs(&["order", "--no-follow", "--api-url", &api.url()]);
    behind(&mut command, "http://127.0.0.1:1");
    let (code, _, stderr) = ran(&mut command);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(api.requests().len(), 1);
}

#[test]
fn an_emulated_aws_on_this_machine_is_called_without_the_proxy() {
    let aws = Stranger::that_answers(200, r#"{"Count": 0, "Items": [], "ScannedCount": 0}"#);
    let args = ["orders", "--status", "failed", "--api-url", "http://127.0.0.1:1"];
    let mut command = dofs(&[&args[..], &["--endpoint-url", &aws.url()]].concat());
    behind(&mut command, "http://127.0.0.1:1");
    let (code, stdout, stderr) = ran(&mut command);
    assert_eq!((code, stdout.as_str()), (Some(0), "none\n"), "{stderr}");
}

/// Runs a command with these variables, in which `PROXY` stands for the address of a proxy. Returns the first request to the
/// proxy, and the output of the command.
fn asked(args: &[&str], variables: &[(&str, &str)]) -> (String, String) {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap().to_string();
    let asked = std::thread::spawn(move || {
        let (connection, _) = proxy.accept().unwrap();
        let mut line = String::new();
        BufReader::new(connection).read_line(&mut line).unwrap();
        line
    });
    let mut command = dofs(args);
    without_proxies(&mut command).env("AWS_MAX_ATTEMPTS", "1").env_remove("AWS_ENDPOINT_URL");
    command.envs(variables.iter().map(|(name, value)| (name, value.replace("PROXY", &address))));
    let (code, _, stderr) = ran(&mut command);
    assert_eq!(code, Some(1), "{stderr}");
    // Stop waiting if the proxy got no request.
    drop(TcpStream::connect(address));
    (asked.join().unwrap(), stderr)
}

const ORDERS: &[&str] = &["orders", "--status", "failed", "--aws"];
/// An address that no machine has.
const ORDER: &[&str] = &["order", "--no-follow", "--api-url", "https://api.invalid"];
/// An address on which no program listens.
const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn aws_is_called_through_the_proxy() {
    let (asked, stderr) = asked(ORDERS, &[("HTTPS_PROXY", "http://PROXY"), ("HTTP_PROXY", NOBODY)]);
    assert_eq!(asked, "CONNECT dynamodb.ap-south-1.amazonaws.com:443 HTTP/1.1\r\n");
    assert!(stderr.contains("HTTPS_PROXY"), "{stderr}");
}

#[test]
fn every_call_finds_the_same_proxy() {
    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: bool) {
        for args in [ORDERS, ORDER] {
            let (asked, stderr) = asked(args, variables);
            assert_eq!(
                asked.starts_with("CONNECT "),
                expected,
                "{args:?}, {variables:?}: {asked}{stderr}"
            );
        }
    }
    check(&[("HTTPS_PROXY", "PROXY"), ("ALL_PROXY", NOBODY)], true);
    check(&[("HTTPS_PROXY", ""), ("ALL_PROXY", "PROXY"), ("HTTP_PROXY", NOBODY)], true);
    check(&[("https_proxy", "http://somebody:secret@PROXY/")], true);
    // Variables for addresses without TLS, which AWS does not have.
    check(&[("HTTP_PROXY", "PROXY")], false);
    let but_these = "api.invalid, amazonaws.com";
    check(&[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", but_these)], false);
}

#[test]
fn an_unusable_proxy_is_an_error_and_no_call_bypasses_it() {
    for value in
        ["socks5://u:secret@PROXY", "http://u:secret/secret@PROXY", "PROXY:secret", "http://"]
    {
        for args in [ORDERS, ORDER, &["bootstrap", "--env", "dev", "--aws"]] {
            let (asked, stderr) = asked(args, &[("HTTPS_PROXY", value)]);
            assert_eq!(asked, "", "{args:?}, {value}");
            let told = "HTTPS_PROXY is not the address of an HTTP proxy\n  fix: ";
            assert!(stderr.contains(told), "{args:?}, {value}: {stderr}");
            assert!(!stderr.contains("secret"), "{args:?}, {value}: {stderr}");
        }
    }
}

#[test]
fn doctor_says_which_variable_names_no_proxy() {
    let mut command = dofs(&["doctor", "--env", "dev", "--aws"]);
    without_proxies(&mut command).env("ALL_PROXY", "socks5://u:secret@127.0.0.1:1");
    let (code, stdout, stderr) = ran(&mut command);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("ALL_PROXY is not the address of an HTTP proxy"), "{stdout}{stderr}");
    assert!(stdout.contains("this machine\n"), "{stdout}");
    assert!(!format!("{stdout}{stderr}").contains("secret"), "{stdout}{stderr}");
}
