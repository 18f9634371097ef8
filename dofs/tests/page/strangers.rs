//! Requests that do not come from the page are refused.

use crate::shown::{run, shown};

#[test]
fn only_the_page_is_answered() {
    let host = shown().url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let check = |method: &str, path: &str, headers: &[(&str, &str)], expected: u16| {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = ureq::http::Request::builder().method(method);
        request = request.uri(format!("http://{host}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = agent.run(request.body("{\"quantity\": 1}").unwrap()).unwrap();
        assert_eq!(answer.status(), expected, "{method} {path} {headers:?}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    };
    let origin = format!("http://{host}");
    check("GET", "/", &[], 200);
    check("GET", "/page.js", &[("Sec-Fetch-Site", "same-origin")], 200);
    check("GET", "/page.js", &[("Sec-Fetch-Site", "cross-site")], 403);
    check("GET", "/", &[("Host", "rebound.example")], 403);
    check("GET", "/orders/nonsense", &[], 404);
    check("GET", "/elsewhere", &[], 404);
    check("POST", "/order", &[], 403);
    check("POST", "/order", &[("Origin", "http://evil.example")], 403);
    check("POST", "/order", &[("Origin", &origin)], 202);
    check("PUT", "/order", &[("Origin", &origin)], 405);
}

#[test]
fn only_a_loopback_address_is_served() {
    run(async {
        let open = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
        let served = dofs::page::serve(shown().system.clone(), open).await;
        let problem = served.unwrap_err().to_string();
        assert!(problem.contains("other machines can reach"), "{problem}");
    });
}
