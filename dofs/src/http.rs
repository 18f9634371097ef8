//! HTTP clients and proxies. Calls of AWS use the same client as the functions, and the user's proxy, if one is set.
//!
//! Only calls over TLS use the proxy: a call without TLS goes to this machine, or to an address that the user gave. All calls
//! use the same proxy, and the same matcher for `NO_PROXY`, so the SDK and the signed requests agree.

use std::ffi::{OsStr, OsString};

use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use hyper_util::client::proxy::matcher::Matcher;
use ureq::http::Uri;

const TLS: tls::Provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);

/// The environment variables with the proxy, in order of precedence.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Hosts that are always called without the proxy.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

/// Returns the HTTP client of the functions, but with the proxy, if one is set and `NO_PROXY` does not contain the host.
///
/// # Errors
///
/// If a variable names a proxy that cannot be used.
pub(crate) fn http_client() -> Result<SharedHttpClient, ProxyError> {
    let Some(proxy) = Proxy::find(variable)? else { return Ok(direct_client()) };
    let config = proxy.config()?;
    let builder = aws_smithy_http_client::Builder::new();
    Ok(builder.build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(config.clone());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.tls_provider(TLS).build()
    }))
}

/// Returns the HTTP client of the functions, without a proxy, for the emulated AWS on this machine.
pub(crate) fn direct_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(TLS).build_https()
}

/// Returns the proxy for calls of an address, if they use one.
///
/// # Errors
///
/// As [`http_client`].
pub(crate) fn proxy(address: &str) -> Result<Option<ureq::Proxy>, ProxyError> {
    match Proxy::find(variable)? {
        Some(proxy) if proxy.is_for(address) => proxy.call().map(Some),
        _ => Ok(None),
    }
}

/// A variable with an unusable proxy. The error does not show the value, which may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}\n  fix: {}", self.problem(), Self::FIX)]
pub(crate) struct ProxyError {
    variable: &'static str,
}

impl ProxyError {
    pub(crate) const FIX: &str = "set the variable to an address such as http://proxy.example:8080, or unset it; SOCKS is not supported";

    /// The problem, without the fix.
    pub(crate) fn problem(self) -> String {
        format!("{} is not the address of an HTTP proxy", self.variable)
    }
}

/// The user's proxy.
struct Proxy {
    variable: &'static str,
    /// Its address, with a scheme.
    address: String,
    /// The hosts that are called without it, in the format of `NO_PROXY`.
    without: String,
}

impl Proxy {
    fn find(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<Self>, ProxyError> {
        let set = |names: &[&'static str]| {
            names.iter().find_map(|it| Some((*it, variable(it).filter(|it| !it.is_empty())?)))
        };
        let Some((name, value)) = set(&VARIABLES) else { return Ok(None) };
        let address = address(&value).ok_or(ProxyError { variable: name })?;
        let without = match set(&["NO_PROXY", "no_proxy"]) {
            Some((_, hosts)) => format!("{THIS_MACHINE},{}", hosts.to_string_lossy()),
            None => THIS_MACHINE.to_owned(),
        };
        let proxy = Proxy { variable: name, address, without };
        // Check it with both clients, because one may accept what the other refuses.
        proxy.call()?;
        proxy.config()?;
        Ok(Some(proxy))
    }

    fn error<E>(&self) -> impl FnOnce(E) -> ProxyError {
        let variable = self.variable;
        move |_| ProxyError { variable }
    }

    /// Returns the configuration for the SDK.
    fn config(&self) -> Result<ProxyConfig, ProxyError> {
        let config = ProxyConfig::https(self.address.as_str()).map_err(self.error())?;
        Ok(config.no_proxy(&self.without))
    }

    /// Returns the proxy for a call for which [`Proxy::is_for`] is true.
    fn call(&self) -> Result<ureq::Proxy, ProxyError> {
        ureq::Proxy::new(&self.address).map_err(self.error())
    }

    /// Whether calls of an address use the proxy, according to the matcher of the SDK's client.
    fn is_for(&self, address: &str) -> bool {
        let matcher =
            Matcher::builder().https(self.address.as_str()).no(self.without.as_str()).build();
        address.parse::<Uri>().is_ok_and(|it| matcher.intercept(&it).is_some())
    }
}

/// Parses the address of an HTTP proxy, and adds a scheme if it has none. It is strict, because the clients would ignore what
/// follows a mistake, such as a `/` in a password that is not percent-encoded.
fn address(value: &OsStr) -> Option<String> {
    let value = value.to_str()?;
    let address = match value.contains("://") {
        true => value.to_owned(),
        false => format!("http://{value}"),
    };
    let uri: Uri = address.parse().ok()?;
    let has_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let (host, place) = (uri.host()?, uri.authority()?.as_str());
    let place = place.rsplit_once('@').map_or(place, |(_, it)| it);
    let port = place.strip_prefix(host)?;
    let has_port = port.is_empty() || port.strip_prefix(':')?.parse::<u16>().is_ok();
    let ends = uri.path_and_query().is_none_or(|it| it == "/") && !address.contains('#');
    (has_scheme && !host.is_empty() && has_port && ends).then_some(address)
}

#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn found(set: &[(&str, &str)]) -> Result<Option<Proxy>, ProxyError> {
        let variable = |name: &str| set.iter().find(|it| it.0 == name).map(|it| it.1.into());
        Proxy::find(variable)
    }

    #[test]
    fn this_machine_is_called_without_a_proxy() {
        fn check(address: &str, expected: bool) {
            let proxy = found(&[("HTTPS_PROXY", "proxy:8080")]).unwrap().unwrap();
            assert_eq!(proxy.is_for(address), expected, "{address}");
        }
        check("https://a.execute-api.ap-south-1.amazonaws.com/dev", true);
        check("https://localhost.example", true);
        check("https://10.0.0.1", true);
        check("https://127.0.0.1:4566/restapis/a", false);
        check("https://127.0.0.2", false);
        check("https://[::1]:8080", false);
        check("https://localhost:8080/x", false);
        check("http://127.0.0.1:4566/restapis/a", false);
        check("http://10.0.0.1", false);
        check("nonsense", false);
    }

    #[test]
    fn hosts_of_no_proxy_are_called_without_it() {
        #[track_caller]
        fn check(no_proxy: &str, address: &str, expected: bool) {
            let set = [("HTTPS_PROXY", "proxy:8080"), ("no_proxy", no_proxy)];
            assert_eq!(found(&set).unwrap().unwrap().is_for(address), expected, "{no_proxy}");
        }
        check("", "https://sts.amazonaws.com", true);
        check("amazonaws.com", "https://sts.amazonaws.com", false);
        check("a.example, .amazonaws.com", "https://sts.amazonaws.com", false);
        check("naws.com", "https://sts.amazonaws.com", true);
        check("10.0.0.0/8", "https://10.1.2.3", false);
        check("*", "https://sts.amazonaws.com", false);
        check("a.example", "https://127.0.0.1", false);
    }

    #[test]
    fn the_first_variable_that_is_set_names_the_proxy() {
        #[track_caller]
        fn check(set: &[(&str, &str)], expected: Option<&str>) {
            let found = found(set).unwrap();
            assert_eq!(found.map(|it| it.address).as_deref(), expected);
        }
        check(&[], None);
        check(&[("HTTP_PROXY", "a:1"), ("NO_PROXY", "b")], None);
        check(&[("ALL_PROXY", "a:1"), ("HTTPS_PROXY", "b:1")], Some("http://b:1"));
        check(&[("all_proxy", "a:1"), ("HTTPS_PROXY", "")], Some("http://a:1"));
        check(
            &[("https_proxy", "https://u:p%2F@b/"), ("ALL_PROXY", "a")],
            Some("https://u:p%2F@b/"),
        );
        check(&[("https_proxy", "http://[::1]:3128")], Some("http://[::1]:3128"));
    }

    #[test]
    fn the_error_about_an_unusable_proxy_hides_its_value() {
        for value in [
            "socks5://secret:1",
            "ftp://secret",
            "http://",
            "http://:8080",
            "secret:",
            "secret:65536",
            "http://u:1/secret@proxy:1",
            "http://u:1#secret@proxy:1",
            "http://proxy:1/secret",
            "http://proxy:1?secret",
            "http://%ff:secret@proxy:1",
            "a secret",
            "secret\n",
        ] {
            let err = found(&[("ALL_PROXY", value)]).map(drop).expect_err(value).to_string();
            assert!(err.starts_with("ALL_PROXY is not the address of an HTTP proxy\n"), "{err}");
            assert!(!err.contains("secret"), "{err}");
        }
        let no_text = |name: &str| {
            (name == "HTTPS_PROXY").then(|| OsStr::from_bytes(b"http://\xff").to_owned())
        };
        assert!(Proxy::find(no_text).is_err());
    }
}
