//! Connections: how they are made, and that they are there before the first event.

use std::time::Duration;

use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::FutureExt as _;

use super::Live;

/// How long start-up waits for connections. Without them, the first event opens them.
const PATIENCE: Duration = Duration::from_secs(2);

/// One client for all services, so that certificates are read once.
pub(super) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}

/// Asks every service a question that has no meaning, over the connections that calls will use.
///
/// It goes to the endpoint's root, where load balancers ask for its health: no call of the API, so it
/// needs no right and is in no audit log. Whatever the answer is, the connection stays open.
pub(super) async fn open(live: &Live) {
    /// The request for the root, in place of a call.
    macro_rules! ask {
        ($client:expr, $call:ident, $sdk:ident) => {
            async {
                let Some(client) = $client else { return };
                let once = $sdk::config::Config::builder()
                    .retry_config($sdk::config::retry::RetryConfig::disabled());
                let _ = client
                    .$call()
                    .customize()
                    .config_override(once)
                    .mutate_request(|request| {
                        // Both are constant and well-formed.
                        let _ = request.set_method("GET");
                        let _ = request.set_uri("/");
                    })
                    .send()
                    .boxed_local()
                    .await;
            }
        };
    }
    let all = async {
        futures::join!(
            ask!(&live.dynamodb, list_tables, aws_sdk_dynamodb),
            ask!(&live.sqs, list_queues, aws_sdk_sqs),
            ask!(&live.sfn, list_state_machines, aws_sdk_sfn),
        )
    };
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::warn!("a service did not answer while the function started");
    }
}
