//! Connections: how they are made, and that they are there before the first event.

use std::time::Duration;

use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;

/// How long start-up waits for connections. Without them, the first event opens them.
const PATIENCE: Duration = Duration::from_secs(2);

/// One client for all services, so that certificates are read once.
pub(super) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}

/// Waits for a connection to be opened, as long as start-up has patience.
pub(super) async fn patiently(service: &str, ask: impl Future) {
    if tokio::time::timeout(PATIENCE, ask).await.is_err() {
        tracing::warn!(service, "there was no answer while the function started");
    }
}

/// Asks a service a question that has no meaning, over the connection that calls will use.
///
/// It goes to the endpoint's root, where load balancers ask for its health: no call of the API, so it
/// needs no right and is in no audit log. Whatever the answer is, the connection stays open. The SDK
/// makes a request for a call only, so it is made for `$call` and changed on its way.
macro_rules! ask {
    ($sdk:ident, $client:expr, $call:ident) => {
        $client
            .$call()
            .customize()
            .config_override(
                $sdk::config::Config::builder()
                    .retry_config($sdk::config::retry::RetryConfig::disabled()),
            )
            .mutate_request($crate::live::connect::ask_root)
            .send()
            .boxed_local()
    };
}
pub(super) use ask;

/// Turns a call into the question for the root, without a body.
pub(super) fn ask_root(request: &mut HttpRequest) {
    let root = root(request.uri());
    // Both are well-formed. Were they not, the call would be made as it is, and refused.
    let _ = request.set_method("GET");
    let _ = request.set_uri(root);
    *request.body_mut() = SdkBody::empty();
    for of_body in ["content-length", "content-type"] {
        request.headers_mut().remove(of_body);
    }
}

/// The root of the server at which a URI leads: it is signed, so the server's name must stay.
fn root(uri: &str) -> String {
    let host = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[host..].find(['/', '?', '#']).map_or(uri.len(), |at| host + at);
    format!("{}/", &uri[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_keeps_the_servers_name() {
        fn check(uri: &str, expected: &str) {
            assert_eq!(root(uri), expected);
        }
        check("https://sqs.ap-south-1.amazonaws.com/", "https://sqs.ap-south-1.amazonaws.com/");
        check("https://sqs.ap-south-1.amazonaws.com", "https://sqs.ap-south-1.amazonaws.com/");
        check("http://127.0.0.1:4566/a/b?c=/d", "http://127.0.0.1:4566/");
        check("http://127.0.0.1:4566?c", "http://127.0.0.1:4566/");
    }
}
