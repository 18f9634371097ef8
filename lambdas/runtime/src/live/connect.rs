//! Connections: how they are made, and that they are there before the first event.

use std::time::Duration;

use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;

/// How long start-up waits for connections. Without them, the first event opens them.
const PATIENCE: Duration = Duration::from_secs(2);

/// The authorities that sign for every endpoint of AWS, valid until 2037 and longer:
/// <https://www.amazontrust.com/repository/>.
///
/// The system's own, 150 from all over the world, are files that each cold start would read and parse.
/// AWS asks that nobody trusts fewer of its authorities than these.
const AMAZON: &str = include_str!("amazon-roots.pem");

/// Who may sign for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Amazon: it is AWS's own endpoint.
    Amazon,
    /// Whom this system trusts: it is an endpoint that somebody else has set.
    System,
}

impl Trust {
    /// Where calls go; nowhere else than to AWS where nothing is set.
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

/// One client for all services, so that certificates are read once.
pub(super) fn http_client(trust: Trust) -> Result<SharedHttpClient, String> {
    let context = TlsContext::builder().with_trust_store(trust.store()).build();
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .tls_context(context.map_err(|err| format!("cannot set up TLS: {err}"))?)
        .build_https();
    Ok(SharedHttpClient::new(Once(client)))
}

/// Sets TLS up once. By itself, the client of the SDK does so for each service as well, and throws it
/// away: so that certificates are read before the first call. Ours makes that call while it starts.
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

/// Waits for a connection to be opened, as long as start-up has patience.
pub(super) async fn patiently(service: &str, ask: impl Future) {
    if tokio::time::timeout(PATIENCE, ask).await.is_err() {
        tracing::warn!(
            service,
            "the service did not answer while the function started; the first event opens the connection"
        );
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
    fn only_amazon_signs_for_aws() {
        fn check(endpoint: Option<&str>, expected: Trust) {
            let trust = Trust::of(endpoint);
            assert_eq!(trust, expected, "{endpoint:?}");
            // It reads the certificates, and panics over one that is none.
            http_client(trust).unwrap();
        }
        check(None, Trust::Amazon);
        check(Some("http://127.0.0.1:4566"), Trust::Amazon);
        check(Some("https://aws.example.com"), Trust::System);
    }

    /// The SDK's type has no other way to say whom it holds.
    #[test]
    fn whom_the_system_trusts_signs_for_nobody_at_aws() {
        let holds = |trust: Trust| format!("{:?}", trust.store());
        let (native, own) = ("enable_native_roots: true", "CertificatePEM");
        let (amazon, system) = (holds(Trust::Amazon), holds(Trust::System));
        assert!(!amazon.contains(native) && amazon.contains(own), "{amazon}");
        assert!(system.contains(native) && !system.contains(own), "{system}");
    }

    #[test]
    fn amazons_authorities_are_those_it_publishes() {
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
