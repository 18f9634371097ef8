//! How calls leave this machine: AWS over the same client as the functions, and by the proxy that a user has set, if any.

use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use ureq::http::Uri;

const TLS: tls::Provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);

/// As the functions call AWS, but by the proxy of `HTTPS_PROXY`, where there is one and `NO_PROXY` does not name the host. What
/// is called without TLS is on this machine, or is this machine's own role: no proxy reaches either.
pub(crate) fn http_client() -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    let Some(proxy) = https_proxy() else { return builder.tls_provider(TLS).build_https() };
    builder.build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.tls_provider(TLS).build()
    })
}

/// One that is no address counts as none; then the call's error names the variable.
fn https_proxy() -> Option<ProxyConfig> {
    let named = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .iter()
        .find_map(|it| variable(it))?;
    let proxy = ProxyConfig::https(named.as_str()).ok()?;
    Some(match variable("NO_PROXY").or_else(|| variable("no_proxy")) {
        Some(rules) => proxy.no_proxy(rules),
        None => proxy,
    })
}

#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

/// The proxy for calls of an address: that of the variables, but none for this machine itself.
pub(crate) fn proxy(address: &str) -> Option<ureq::Proxy> {
    match is_here(address) {
        true => None,
        false => ureq::Proxy::try_from_env(),
    }
}

fn is_here(address: &str) -> bool {
    let uri = address.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|it: std::net::IpAddr| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_called_without_a_proxy() {
        fn check(address: &str, expected: bool) {
            assert_eq!(is_here(address), expected, "{address}");
        }
        check("http://127.0.0.1:4566/restapis/a", true);
        check("http://127.0.0.2", true);
        check("http://[::1]:8080", true);
        check("http://localhost:8080/x", true);
        check("https://a.execute-api.ap-south-1.amazonaws.com/dev", false);
        check("http://localhost.example", false);
        check("http://10.0.0.1", false);
        check("nonsense", false);
    }
}
