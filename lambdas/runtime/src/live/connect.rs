//! Connections: how they are made, and that they are there before the first event.

use std::time::Duration;

use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

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
            .mutate_request(|request| {
                // Both are constant and well-formed.
                let _ = request.set_method("GET");
                let _ = request.set_uri("/");
            })
            .send()
            .boxed_local()
    };
}
pub(super) use ask;
