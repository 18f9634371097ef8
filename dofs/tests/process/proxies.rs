//! A machine behind a proxy: AWS is called by it, and this machine is not.

use std::{
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    process::Command,
};

use crate::{dofs, ran, stranger::Stranger};

/// Without what whoever runs the tests has set.
fn behind(command: &mut Command, proxy: &str) {
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("HTTPS_PROXY", proxy).env("HTTP_PROXY", proxy);
}

#[test]
fn an_api_on_this_machine_is_called_without_it() {
    let taken = r#"{"orderId": "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3", "status": "ACCEPTED", "message": ""}"#;
    let api = Stranger::that_answers(202, taken);
    let mut command = dofs(&["order", "--no-follow", "--api-url", &api.url()]);
    behind(&mut command, "http://127.0.0.1:1");
    let (code, _, stderr) = ran(&mut command);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(api.requests().len(), 1);
}

#[test]
fn an_emulated_aws_on_this_machine_is_called_without_it() {
    let aws = Stranger::that_answers(200, r#"{"Count": 0, "Items": [], "ScannedCount": 0}"#);
    let args = ["orders", "--status", "failed", "--api-url", "http://127.0.0.1:1"];
    let mut command = dofs(&[&args[..], &["--endpoint-url", &aws.url()]].concat());
    behind(&mut command, "http://127.0.0.1:1");
    let (code, stdout, stderr) = ran(&mut command);
    assert_eq!((code, stdout.as_str()), (Some(0), "none\n"), "{stderr}");
}

#[test]
fn aws_is_called_by_it() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (connection, _) = proxy.accept().unwrap();
        let mut line = String::new();
        BufReader::new(connection).read_line(&mut line).unwrap();
        line
    });
    let mut command = dofs(&["orders", "--status", "failed", "--aws"]);
    behind(&mut command, &address);
    command.env("AWS_MAX_ATTEMPTS", "1").env_remove("AWS_ENDPOINT_URL");
    let (code, _, stderr) = ran(&mut command);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("HTTPS_PROXY"), "{stderr}");
    // Ends the wait where nobody has asked it.
    drop(TcpStream::connect(address.trim_start_matches("http://")));
    let asked = asked.join().unwrap();
    assert_eq!(asked, "CONNECT dynamodb.ap-south-1.amazonaws.com:443 HTTP/1.1\r\n");
}
