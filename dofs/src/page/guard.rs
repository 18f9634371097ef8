//! Refuses requests that do not come from the page itself.
//!
//! Any other page in the operator's browser can send requests to this server. It must not place orders, and it must not read
//! them with a host name that its owner points to 127.0.0.1 (DNS rebinding).

use axum::http::{HeaderMap, Method, header};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    /// The `Host` is another one, as with DNS rebinding.
    Host,
    /// The request comes from the page of another site.
    Site,
    /// The `Origin` is missing, or is not this page.
    Origin,
}

impl Stranger {
    /// The message for people.
    pub(super) fn message(self) -> &'static str {
        match self {
            Stranger::Host => "This page is at 127.0.0.1, and by no other name.",
            Stranger::Site => "Other sites do not reach this page.",
            Stranger::Origin => "Orders are placed from this page alone.",
        }
    }
}

/// Accepts a request of the page itself, and a request that opens the page.
pub(super) fn admit(
    port: u16,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<(), Stranger> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|it| it.to_str().ok());
    let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let host = text(header::HOST).filter(|it| hosts.iter().any(|host| host == it));
    let host = host.ok_or(Stranger::Host)?;
    // A link on another site may open the page, but no other site may request anything else.
    let opens = method == Method::GET && path == "/";
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    if !opens && site.is_some_and(|it| it != "same-origin" && it != "none") {
        return Err(Stranger::Site);
    }
    if method != Method::GET {
        let origin = text(header::ORIGIN).and_then(|it| it.strip_prefix("http://"));
        if origin != Some(host) {
            return Err(Stranger::Origin);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_other_pages_are_refused() {
        fn check(request: &str, headers: &[(&'static str, &str)], expected: Result<(), Stranger>) {
            let (method, path) = request.split_once(' ').unwrap();
            let headers = headers.iter().map(|(name, value)| {
                (header::HeaderName::from_static(name), value.parse().unwrap())
            });
            let admitted = admit(80, &method.parse().unwrap(), path, &headers.collect());
            assert_eq!(admitted, expected, "{request}");
        }
        const HOST: (&str, &str) = ("host", "127.0.0.1:80");
        const ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:80");
        const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
        const CROSS: (&str, &str) = ("sec-fetch-site", "cross-site");
        check("GET /", &[HOST], Ok(()));
        check("GET /", &[("host", "localhost:80")], Ok(()));
        check("GET /", &[("host", "localhost:81")], Err(Stranger::Host));
        check("GET /", &[("host", "evil.example:80")], Err(Stranger::Host));
        check("GET /", &[], Err(Stranger::Host));
        check("GET /", &[HOST, CROSS], Ok(()));
        check("GET /events", &[HOST, SAME], Ok(()));
        check("GET /events", &[HOST, ("sec-fetch-site", "none")], Ok(()));
        check("GET /events", &[HOST, CROSS], Err(Stranger::Site));
        check("GET /events", &[HOST, ("sec-fetch-site", "same-site")], Err(Stranger::Site));
        check("POST /order", &[HOST, ORIGIN, SAME], Ok(()));
        check("POST /order", &[HOST, ORIGIN], Ok(()));
        check("POST /order", &[HOST, SAME], Err(Stranger::Origin));
        check("POST /order", &[HOST, ORIGIN, CROSS], Err(Stranger::Site));
        check("POST /", &[HOST, ORIGIN, CROSS], Err(Stranger::Site));
        check("POST /order", &[HOST, ("origin", "null")], Err(Stranger::Origin));
        check("POST /order", &[HOST, ("origin", "http://localhost:80")], Err(Stranger::Origin));
    }
}
