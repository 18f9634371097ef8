//! Serves this process's AWS credentials to Terraform, at an address on this machine.
//!
//! Terraform looks for credentials by itself and knows fewer ways than the SDK for Rust: its AWS provider cannot use
//! `aws login`. `dofs` resolves the credentials and serves them by the protocol of container credentials. Terraform
//! requests them again before they expire: those of `aws login` last 15 minutes.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::{
    io::Read as _,
    sync::{Arc, Weak},
};

use anyhow::Context as _;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use axum::{
    Router,
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, CONNECTION},
    },
    routing::get,
};
use fs_err as fs;
use local_aws::Variables;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use super::{Fault, config};

/// A server of credentials. Dropping it ends the server.
#[derive(Debug)]
pub(crate) struct Lent {
    address: String,
    /// The token that each request must carry.
    token: String,
    /// The credentials. The server's tasks hold only a weak reference, because connections outlive the task that accepted them.
    _provider: Arc<SharedCredentialsProvider>,
    _server: JoinSet<std::io::Result<()>>,
}

/// Variables with which Terraform would find other credentials.
const OTHERS: [&str; 11] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

impl Lent {
    /// Serves the credentials of the standard variables and profiles, which every other call of AWS uses, too.
    ///
    /// # Errors
    ///
    /// If there are no credentials. So the error comes before Terraform runs.
    pub(crate) async fn of(region: &'static str, endpoint: Option<&str>) -> anyhow::Result<Self> {
        let config = config(region, endpoint).await?;
        let provider = config.credentials_provider().ok_or_else(Fault::no_credentials)?;
        let found = provider.provide_credentials().await;
        found.map_err(|err| Fault::of_credentials(&err)).context("Terraform cannot reach AWS")?;
        Self::from(provider).await
    }

    async fn from(provider: SharedCredentialsProvider) -> anyhow::Result<Self> {
        let mut token = [0; 16];
        fs::File::open("/dev/urandom")?.read_exact(&mut token)?;
        let token: String = token.iter().map(|it| format!("{it:02x}")).collect();
        // The SDKs accept plain HTTP only from a loopback address.
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/", listener.local_addr()?);
        let provider = Arc::new(provider);
        let (lent, known) = (Arc::downgrade(&provider), token.clone());
        let answer = async move |headers: HeaderMap| {
            let asked = headers.get(AUTHORIZATION);
            let may = asked.is_some_and(|it| it.as_bytes() == known.as_bytes());
            let (status, said) = match may {
                true => respond(&lent).await,
                false => refused("the token is missing"),
            };
            (status, [(CONNECTION, "close")], said)
        };
        let mut server = JoinSet::new();
        let routes = Router::new().route("/", get(answer));
        server.spawn(async move { axum::serve(listener, routes).await });
        Ok(Lent { address, token, _provider: provider, _server: server })
    }

    /// Variables that make Terraform use this server and no other source.
    pub(crate) fn variables(&self) -> Variables {
        let nothing = Some("/dev/null".to_owned());
        let set = [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", Some(self.address.clone())),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", Some(self.token.clone())),
            ("AWS_CONFIG_FILE", nothing.clone()),
            ("AWS_SHARED_CREDENTIALS_FILE", nothing),
        ];
        OTHERS.map(|it| (it, None)).into_iter().chain(set).collect()
    }
}

fn refused(why: &str) -> (StatusCode, String) {
    (StatusCode::UNAUTHORIZED, json!({ "message": why }).to_string())
}

/// Responds to a request with the right token: with the current credentials, until the server is dropped.
async fn respond(lent: &Weak<SharedCredentialsProvider>) -> (StatusCode, String) {
    let Some(provider) = lent.upgrade() else { return refused("dofs is done with Terraform") };
    let found = match provider.provide_credentials().await {
        Ok(it) => it,
        Err(err) => {
            let said = Fault::of_credentials(&err).to_string();
            return (StatusCode::INTERNAL_SERVER_ERROR, json!({ "message": said }).to_string());
        }
    };
    let mut said = json!({
        "AccessKeyId": found.access_key_id(),
        "SecretAccessKey": found.secret_access_key(),
        "Token": found.session_token(),
    });
    let until = found.expiry().and_then(|it| DateTime::from(it).fmt(DateTimeFormat::DateTime).ok());
    if let Some(until) = until {
        said["Expiration"] = Value::from(until);
    }
    (StatusCode::OK, said.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use aws_credential_types::Credentials;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };

    use super::*;

    async fn ask(lent: &Lent, token: &str) -> (u16, Value) {
        let (address, token) = (lent.address.clone(), token.to_owned());
        let asked = tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .proxy(None)
                .build()
                .into();
            let mut answer = agent.get(address).header("Authorization", token).call().unwrap();
            (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
        });
        asked.await.unwrap()
    }

    fn keys() -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(Credentials::new("ASIA", "secret", None, None, "test"))
    }

    #[tokio::test]
    async fn an_open_connection_gets_no_credentials_after_the_drop() {
        let lent = Lent::from(keys()).await.unwrap();
        let host = lent.address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut open = TcpStream::connect(&host).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nAuthorization: {}", lent.token);
        open.write_all(request.as_bytes()).await.unwrap();
        // Give the server time to accept the connection.
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(lent);
        open.write_all(b"\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        open.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }

    #[tokio::test]
    async fn no_connection_stays_open() {
        let lent = Lent::from(keys()).await.unwrap();
        let host = lent.address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        for token in [lent.token.as_str(), "none"] {
            let mut open = TcpStream::connect(&host).await.unwrap();
            let request =
                format!("GET / HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n");
            open.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            let read = open.read_to_string(&mut answer);
            tokio::time::timeout(Duration::from_secs(5), read).await.unwrap().unwrap();
            assert!(answer.contains("connection: close\r\n"), "{answer}");
        }
    }

    #[tokio::test]
    async fn only_a_request_with_the_token_gets_credentials() {
        let until = UNIX_EPOCH + Duration::from_secs(4_102_444_800);
        let keys =
            Credentials::new("ASIA", "secret", Some("session".to_owned()), Some(until), "test");
        let lent = Lent::from(SharedCredentialsProvider::new(keys)).await.unwrap();
        let expected = json!({
            "AccessKeyId": "ASIA",
            "SecretAccessKey": "secret",
            "Token": "session",
            "Expiration": "2100-01-01T00:00:00Z",
        });
        assert_eq!(ask(&lent, &lent.token).await, (200, expected));
        for other in ["", "0", &lent.token[1..], &format!("Bearer {}", lent.token)] {
            let (status, said) = ask(&lent, other).await;
            assert_eq!((status, said["AccessKeyId"].as_str()), (401, None), "{other:?}");
        }
    }
}
