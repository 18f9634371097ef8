//! Opens the connections to AWS before the first event.

use std::time::Duration;

use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;

/// How long the start of a function waits for a connection. After that, the first event opens it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The root certificates for all endpoints of AWS, valid until 2037 or longer:
/// <https://www.amazontrust.com/repository/>.
///
/// The system's trust store has about 150 certificates, which each cold start would have to read and parse. AWS
/// recommends to trust all of these roots.
const AMAZON: &str = include_str!("amazon-roots.pem");

/// The root certificates that a client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Amazon's roots, for AWS's own endpoints.
    Amazon,
    /// The system's trust store, for a custom endpoint.
    System,
}

impl Trust {
    /// Returns the roots to trust for `endpoint`. Without an endpoint, calls go to AWS.
    pub(super) fn of(endpoint: Option<&str>) -> Self {
        match endpoint {
            Some(it) if it.starts_with("https://") => Trust::System,
            _ => Trust::Amazon,
        }
    }

    fn store(self) -> TrustStore {
        match self {
            Trust::Amazon => TrustStore::empty().with_pem_certificate(AMAZON),
            Trust::System => TrustStore::default(),
        }
    }
}

/// Creates one HTTP client for all services, so that the certificates are parsed once.
pub(super) fn http_client(trust: Trust) -> Result<SharedHttpClient, String> {
    let context = TlsContext::builder().with_trust_store(trust.store()).build();
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .tls_context(context.map_err(|err| format!("cannot set up TLS: {err}"))?)
        .build_https();
    Ok(SharedHttpClient::new(Once(client)))
}

/// An HTTP client that sets up TLS once. The SDK's client sets up TLS once more for each service and discards the
/// result, to parse the certificates before the first call. Our functions do not need this, because they make a first
/// call while they start.
#[derive(Debug)]
struct Once(SharedHttpClient);

impl HttpClient for Once {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// Waits until a connection is open, but at most [`PATIENCE`].
pub(super) async fn patiently(service: &str, ask: impl Future) {
    if tokio::time::timeout(PATIENCE, ask).await.is_err() {
        tracing::warn!(
            service,
            "the service did not answer while the function started; the first event opens the connection"
        );
    }
}

/// Opens the connection that later calls will use, with a request to the root path of the service's endpoint.
///
/// The root path is where load balancers check the health of the service. The request is not an API call, so it needs
/// no permission and does not appear in an audit log. The connection stays open, whatever the response is. The SDK
/// sends requests only for API calls, so this builds the request of `$call` and changes it before it is sent.
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

/// Changes the request of a call to a GET of the root path without a body.
pub(super) fn ask_root(request: &mut HttpRequest) {
    let root = root(request.uri());
    // Method and URI are well-formed. If they were not, AWS would refuse the unchanged call.
    let _ = request.set_method("GET");
    let _ = request.set_uri(root);
    *request.body_mut() = SdkBody::empty();
    for of_body in ["content-length", "content-type"] {
        request.headers_mut().remove(of_body);
    }
}

/// Returns the URI of the server's root path. The host name stays, because it is part of the signature.
fn root(uri: &str) -> String {
    let host = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[host..].find(['/', '?', '#']).map_or(uri.len(), |at| host + at);
    format!("{}/", &uri[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_amazon_signs_for_aws() {
        fn check(endpoint: Option<&str>, expected: Trust) {
            let trust = Trust::of(endpoint);
            assert_eq!(trust, expected, "{endpoint:?}");
            // This parses the certificates, and panics if one is invalid.
            http_client(trust).unwrap();
        }
        check(None, Trust::Amazon);
        check(Some("http://127.0.0.1:4566"), Trust::Amazon);
        check(Some("https://aws.example.com"), Trust::System);
    }

    /// The SDK's type shows its contents only in its `Debug` output.
    #[test]
    fn aws_endpoints_do_not_trust_the_system_store() {
        let holds = |trust: Trust| format!("{:?}", trust.store());
        let (native, own) = ("enable_native_roots: true", "CertificatePEM");
        let (amazon, system) = (holds(Trust::Amazon), holds(Trust::System));
        assert!(!amazon.contains(native) && amazon.contains(own), "{amazon}");
        assert!(system.contains(native) && !system.contains(own), "{system}");
    }

    #[test]
    fn the_roots_are_those_that_amazon_publishes() {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        use sha2::{Digest as _, Sha256};
        let found = AMAZON.split("-----BEGIN CERTIFICATE-----").skip(1).map(|it| {
            let (body, _) = it.split_once("-----END CERTIFICATE-----").unwrap();
            let der = BASE64_STANDARD.decode(body.replace('\n', "")).unwrap();
            Sha256::digest(der).iter().map(|it| format!("{it:02x}")).collect::<String>()
        });
        // SHA-256 of the certificates: Amazon Root CA 1 to 4, and Starfield Services Root Certificate
        // Authority - G2.
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
                "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
                "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
                "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
                "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
            ]
        );
    }

    #[test]
    fn the_root_keeps_the_servers_name() {
        fn check(uri: &str, expected: &str) {
            assert_eq!(root(uri), expected);
        }
        check("https://sqs.ap-south-1.amazonaws.com/", "https://sqs.ap-south-1.amazonaws.com/");
        check("https://sqs.ap-south-1.amazonaws.com", "https://sqs.ap-south-1.amazonaws.com/");
        check("http://127.0.0.1:4566/a/b?c=/d", "http://127.0.0.1:4566/");
        check("http://127.0.0.1:4566?c", "http://127.0.0.1:4566/");
        check("http://a", "http://a/");
        check("a/b", "a/");
    }
}
