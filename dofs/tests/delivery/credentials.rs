//! On AWS, Terraform uses the credentials of `dofs`, even those that it could not load by itself.

use std::{fs, path::Path, process::Command};

use infra_core::model::backend::PROVIDER_VERSION;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use terraform_cli::Terraform;

use crate::stranger::Stranger;

const SESSION: &str = "arn:aws:iam::111111111111:user/operator";

/// Writes the files of `aws login` to a home folder.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>
fn logged_in(home: &Path) {
    let cache = home.join(".aws/login/cache");
    fs::create_dir_all(&cache).unwrap();
    fs::write(home.join(".aws/config"), format!("[profile used]\nlogin_session = {SESSION}\n"))
        .unwrap();
    let token = json!({
        "accessToken": {
            "accessKeyId": "ASIALOGIN",
            "secretAccessKey": "secret",
            "sessionToken": "session",
            "accountId": "111111111111",
            "expiresAt": "2099-01-01T00:00:00Z",
        },
        "tokenType": "aws_sigv4",
        "refreshToken": "refresh",
        "idToken": "id",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "-----BEGIN EC PRIVATE KEY-----\nkey\n-----END EC PRIVATE KEY-----\n",
    });
    let name: String = Sha256::digest(SESSION).iter().map(|it| format!("{it:02x}")).collect();
    fs::write(cache.join(format!("{name}.json")), token.to_string()).unwrap();
}

#[test]
fn terraform_uses_the_credentials_of_aws_login() {
    let home = tempfile::tempdir().unwrap();
    logged_in(home.path());
    // Check that Terraform is installed; the program finds it by itself.
    Terraform::find(PROVIDER_VERSION, home.path()).unwrap();
    let aws = Stranger::that_answers(403, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dofs"));
    command.args(["verify", "--aws", "--endpoint-url", &aws.url()]).env("HOME", home.path());
    command.env("AWS_PROFILE", "used").env("TF_DATA_DIR", home.path().join("data"));
    for name in ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "CONFIG_FILE"] {
        command.env_remove(format!("AWS_{name}"));
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let keys: Vec<String> = aws
        .requests()
        .iter()
        .filter_map(|it| {
            Some(it.headers.split_once("Credential=")?.1.split('/').next()?.to_owned())
        })
        .collect();
    assert!(!keys.is_empty(), "Terraform has made no call: {told}");
    assert!(keys.iter().all(|it| it == "ASIALOGIN"), "{keys:?}");
    assert!(told.contains("403"), "{told}");
}
