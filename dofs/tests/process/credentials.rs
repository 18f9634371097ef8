//! Credentials from the sources that a profile can have, and the errors about unusable ones.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use crate::{dofs, ran, stranger::Stranger};

/// Returns a home folder with this AWS configuration, and no other credentials.
fn home(name: &str, config: &str) -> PathBuf {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("homes").join(name);
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(home.join(".aws/sso/cache")).unwrap();
    fs::write(home.join(".aws/config"), config).unwrap();
    home
}

/// Returns `dofs orders`, which makes one call of DynamoDB.
fn orders(home: &PathBuf, endpoint: &str) -> Command {
    let args = ["orders", "--status", "failed", "--api-url", "http://127.0.0.1:1"];
    let mut command = dofs(&[&args[..], &["--endpoint-url", endpoint]].concat());
    for name in [
        "CONFIG_FILE",
        "CONTAINER_CREDENTIALS_FULL_URI",
        "CONTAINER_CREDENTIALS_RELATIVE_URI",
        "ENDPOINT_URL",
        "REGION",
        "ROLE_ARN",
        "SESSION_TOKEN",
        "SHARED_CREDENTIALS_FILE",
        "WEB_IDENTITY_TOKEN_FILE",
    ] {
        command.env_remove(format!("AWS_{name}"));
    }
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    command.env("HOME", home).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_PROFILE", "used");
    command
}

/// Returns the access key in a signature.
fn signed_with(aws: &Stranger) -> String {
    let requests = aws.requests();
    let headers = &requests.last().unwrap().headers;
    let (_, rest) = headers.split_once("Credential=").unwrap();
    rest.split('/').next().unwrap().to_owned()
}

const NO_ORDERS: &str = r#"{"Count": 0, "Items": [], "ScannedCount": 0}"#;

#[test]
fn a_program_gives_credentials() {
    let aws = Stranger::that_answers(200, NO_ORDERS);
    let home = home("program", "");
    let program = home.join("keys");
    let keys = r#"{"Version": 1, "AccessKeyId": "AKIAPROGRAM", "SecretAccessKey": "secret"}"#;
    fs::write(&program, format!("#!/bin/sh\necho '{keys}'\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let config = format!("[profile used]\ncredential_process = {}\n", program.display());
    fs::write(home.join(".aws/config"), config).unwrap();
    let (code, stdout, stderr) = ran(&mut orders(&home, &aws.url()));
    assert_eq!((code, stdout.as_str()), (Some(0), "none\n"), "{stderr}");
    assert_eq!(signed_with(&aws), "AKIAPROGRAM");
}

#[test]
fn an_empty_variable_chooses_no_profile() {
    let aws = Stranger::that_answers(200, NO_ORDERS);
    let keys = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = secret\n";
    let home = home("default", keys);
    let (code, _, stderr) = ran(orders(&home, &aws.url()).env("AWS_PROFILE", ""));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(signed_with(&aws), "AKIADEFAULT");
}

const SESSION: &str = "[profile used]\nsso_session = corp\nsso_account_id = 111111111111\n\
    sso_role_name = Operator\n\n[sso-session corp]\nsso_region = ap-south-1\n\
    sso_start_url = https://corp.example/start\n";

/// Writes the session of `aws sso login`: the name of its file is the SHA-1 of the session's name.
fn session(name: &str, until: &str) -> PathBuf {
    let home = home(name, SESSION);
    let file = home.join(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
    let token = format!(
        r#"{{"accessToken": "token", "expiresAt": "{until}", "region": "ap-south-1",
            "startUrl": "https://corp.example/start"}}"#
    );
    fs::write(file, token).unwrap();
    home
}

#[test]
fn a_session_gives_credentials() {
    let aws = Stranger::that_answers(200, NO_ORDERS);
    let portal = Stranger::that_answers(
        200,
        r#"{"roleCredentials": {"accessKeyId": "ASIASESSION", "secretAccessKey": "secret",
            "sessionToken": "token", "expiration": 4102444800000}}"#,
    );
    let home = session("session", "2099-01-01T00:00:00Z");
    let mut command = orders(&home, &aws.url());
    let (code, stdout, stderr) = ran(command.env("AWS_ENDPOINT_URL_SSO", portal.url()));
    assert_eq!((code, stdout.as_str()), (Some(0), "none\n"), "{stderr}");
    assert_eq!(signed_with(&aws), "ASIASESSION");
    let asked = portal.requests().pop().unwrap().path;
    assert!(asked.contains("role_name=Operator") && asked.contains("111111111111"), "{asked}");
}

/// Checks that a command fails with these texts, each once, and with a fix.
#[track_caller]
fn fails(command: &mut Command, says: &[&str]) {
    let (code, stdout, stderr) = ran(command);
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    for words in says {
        assert_eq!(stderr.matches(words).count(), 1, "{words:?} is not there once:\n{stderr}");
    }
    assert_eq!(stderr.matches("\n  fix: ").count(), 1, "{stderr}");
    for rust in ["Error(", "Error {", "Some(", "source:", "unhandled", "cannot be found"] {
        assert!(!stderr.contains(rust), "{rust:?} is in:\n{stderr}");
    }
}

#[test]
fn an_expired_session_is_reported_as_such() {
    let aws = Stranger::that_answers(200, NO_ORDERS);
    let home = session("expired-session", "2020-01-01T00:00:00Z");
    let says = [
        "error: dofs-dev-orders cannot be read by status: the credentials have expired",
        "aws sso login",
    ];
    fails(&mut orders(&home, &aws.url()), &says);
    assert!(aws.requests().is_empty());
}

#[test]
fn a_program_that_gives_none_says_why() {
    let aws = Stranger::that_answers(200, NO_ORDERS);
    let config = "[profile used]\ncredential_process = /bin/sh -c \"echo no card in the reader >&2; exit 3\"\n";
    let home = home("no-program", config);
    fails(&mut orders(&home, &aws.url()), &["loading the credentials failed", "AWS_PROFILE"]);
}

#[test]
fn no_credentials_at_all() {
    let aws = Stranger::that_answers(200, NO_ORDERS);
    let home = home("none", "");
    let mut command = orders(&home, &aws.url());
    fails(command.env_remove("AWS_PROFILE"), &["there are no credentials for AWS", "AWS_PROFILE"]);
    assert!(aws.requests().is_empty());
}

#[test]
fn a_profile_that_does_not_exist() {
    let aws = Stranger::that_answers(200, NO_ORDERS);
    let home = home("no-profile", "[profile other]\nregion = ap-south-1\n");
    fails(&mut orders(&home, &aws.url()), &["`used`", "~/.aws/config"]);
}

/// Returns a command with access keys.
fn with_keys(args: &[&str], endpoint: &str) -> Command {
    let all = [args, &["--endpoint-url", endpoint, "--api-url", "http://127.0.0.1:1"]].concat();
    let mut command = dofs(&all);
    command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
    command
}

#[test]
fn an_error_of_aws_is_printed_once_with_a_fix() {
    #[track_caller]
    fn check(status: u16, code: &str, message: &str, fix: &str) {
        let body =
            format!(r#"{{"__type": "com.amazon.coral.service#{code}", "message": "{message}"}}"#);
        let aws = Stranger::that_answers(status, &body);
        let told = format!("{code}: {message}");
        for args in [&["orders", "--status", "failed"][..], &["redrive", "--dry-run"]] {
            fails(&mut with_keys(args, &aws.url()), &[&told, fix]);
        }
    }
    check(400, "ExpiredTokenException", "The security token is expired", "log in again");
    check(
        400,
        "UnrecognizedClientException",
        "The token is invalid",
        "AWS_PROFILE, AWS_ACCESS_KEY_ID",
    );
    check(400, "AccessDeniedException", "User a may not do this", "use a role with permission");
    check(400, "ResourceNotFoundException", "It is not there", "deploy first");
}

#[test]
fn an_endpoint_without_a_server_is_an_error() {
    let failed = ["orders", "--status", "failed"];
    let says = ["AWS cannot be reached", "--endpoint-url"];
    fails(&mut with_keys(&failed, "http://127.0.0.1:1"), &says);
}
