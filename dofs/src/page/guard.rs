//! Whom the page answers: browsers that show it, from this machine.
//!
//! Any page that the operator's browser shows can send requests here. It must neither read orders, by
//! a name of its own that it leads to 127.0.0.1, nor place any.

use axum::http::{HeaderMap, Method, header};

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    /// It asks for another host, so another host's page asks.
    Host,
    /// Another site's page asks.
    Site,
    /// Nobody says that this page asks.
    Origin,
}

impl Stranger {
    /// For people.
    pub(super) fn message(self) -> &'static str {
        match self {
            Stranger::Host => "This page is at 127.0.0.1, and by no other name.",
            Stranger::Site => "Other sites do not reach this page.",
            Stranger::Origin => "Orders are placed from this page alone.",
        }
    }
}

/// Whether a request comes from the page itself, or from somebody who opens it.
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
    // A link from elsewhere may open the page; nothing else of it is for elsewhere.
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
    fn strangers_are_not_answered() {
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
