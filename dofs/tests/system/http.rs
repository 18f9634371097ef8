//! Unusual requests to the API.

use contracts::api::PlaceOrder;
use serde_json::Value;
use url::Url;

use crate::support::{Local, scenario};

/// Sends a request to the API, or to the emulated AWS, depending on the path.
pub(crate) async fn send(
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
) -> (u16, Vec<(String, String)>, String) {
    let call = move || {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut answer = agent.run(request.body(body).unwrap()).unwrap();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| {
            (name.as_str().to_lowercase(), value.to_str().unwrap_or_default().to_owned())
        });
        let headers = headers.collect();
        (answer.status().as_u16(), headers, answer.body_mut().read_to_string().unwrap())
    };
    tokio::task::spawn_blocking(call).await.unwrap()
}

impl Local {
    async fn post(&self, content_type: &str, body: &[u8]) -> (u16, Value) {
        let url = self.system.api.url_of(&PlaceOrder {});
        let headers = vec![("Content-Type", content_type.to_owned())];
        let (status, _, text) = send("POST", url, headers, body.to_vec()).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }
}

const GOOD: &[u8] =
    br#"{"customerId":"CUST-1234","productId":"PROD-5678","quantity":2,"price":29.99}"#;

#[test]
fn a_body_that_is_not_an_order_is_refused() {
    scenario(|local| async move {
        let json = "application/json";
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let long = format!(
            "{{\"customerId\":\"{}\",\"productId\":\"PROD-1234\",\"quantity\":1,\"price\":1}}",
            "x".repeat(20_000)
        );
        let too_long = "x".repeat(300_000);
        let cases: &[(&str, &[u8], &[u16])] = &[
            (json, b"", &[400]),
            (json, b"{", &[400]),
            (json, b"[]", &[400]),
            (json, b"null", &[400]),
            (json, b"\"\\ud800\"", &[400]),
            (json, br#"{"customerId":7,"productId":[],"quantity":"2","price":{}}"#, &[400]),
            (json, br#"{"customerId":"a","productId":"b","quantity":1,"price":1e300}"#, &[400]),
            (json, br#"{"customerId":"a","productId":"b","quantity":1,"price":1,"x":1}"#, &[400]),
            (json, deep.as_bytes(), &[400]),
            (json, long.as_bytes(), &[400]),
            (json, too_long.as_bytes(), &[413]),
            ("text/plain", br#"{"customerId":"a"}"#, &[415]),
            ("text/plain", GOOD, &[415]),
        ];
        for (content_type, body, expected) in cases {
            let (status, said) = local.post(content_type, body).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]);
            assert!(expected.contains(&status), "{shown}: {status} {said}");
            for field in ["error", "message", "problems", "requestId"] {
                assert!(!said[field].is_null(), "{shown}: no {field} in {said}");
            }
        }
    });
}

/// The README promises that each problem has a pointer and a plain text without the sent values. This checks it through the
/// gateway.
#[test]
fn every_problem_has_a_pointer_and_a_text() {
    scenario(|local| async move {
        let body = br#"{"customerId":1,"productId":"PROD-5678","quantity":"2","price":"secret"}"#;
        let (status, said) = local.post("application/json", body).await;
        assert_eq!((status, &said["error"]), (400, &Value::from("BAD_REQUEST_BODY")), "{said}");
        let problems = said["problems"].as_array().unwrap();
        let pointers: Vec<_> = problems.iter().map(|it| it["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/customerId", "/quantity", "/price"], "{said}");
        assert!(!said.to_string().contains("secret"), "{said}");
    });
}

#[test]
fn the_location_leads_to_the_order() {
    scenario(|local| async move {
        let taken: Url = local.system.api.url_of(&PlaceOrder {}).parse().unwrap();
        let json = vec![("Content-Type", "application/json".to_owned())];
        let (status, headers, said) = send("POST", taken.to_string(), json, GOOD.to_vec()).await;
        assert_eq!(status, 202, "{said}");
        let header = |name: &str| headers.iter().find(|(it, _)| it == name).unwrap().1.clone();
        let found = taken.join(&header("location")).unwrap();
        let (status, _, view) = send("GET", found.to_string(), Vec::new(), Vec::new()).await;
        assert_eq!(status, 200, "{found}: {view}");
        assert!(header("access-control-expose-headers").contains("Location"), "{headers:?}");
    });
}

#[test]
fn a_preflight_request_is_answered() {
    scenario(|local| async move {
        for path in ["/order", "/order/some-order"] {
            let url = format!("{}{path}", local.system.api.url());
            let origin = vec![("Origin", "https://shop.example".to_owned())];
            let (status, headers, _) = send("OPTIONS", url, origin, Vec::new()).await;
            assert!(status == 200 || status == 204, "{path}: {status}");
            let header = |name: &str| {
                headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
            };
            assert_eq!(header("access-control-allow-origin"), Some("*"), "{headers:?}");
            assert!(header("access-control-allow-methods").is_some(), "{headers:?}");
        }
    });
}
