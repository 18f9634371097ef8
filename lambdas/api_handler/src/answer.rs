//! The responses of the API.

use std::collections::BTreeMap;

use contracts::{
    api::{OrderAnswer, OrderRequest, OrderView},
    domain::{OrderId, OrderStatus},
};
use function_contract::{
    event::{ApiRequest, ApiResponse},
    http::{ApiError, EXPOSED_HEADERS, Problem},
    read::RequestBody as _,
};
use runtime::port::Fault;

/// A response of the API.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// 202: the order is accepted.
    Accepted(OrderId),
    /// 200: the order and its status.
    Found(Box<OrderView>),
    /// 400: every problem of the request.
    Invalid(Vec<Problem>),
    /// 404: there is no such order.
    NoSuchOrder,
    /// 404: there is no such order, or it was just accepted and is not visible yet.
    NotSeen,
    /// 404: there is no such route.
    NoSuchRoute,
    /// 409: the key was already used for a different order.
    KeyTaken,
    /// 409: the key belongs to an order that was rejected, and whose record has expired.
    KeySpent,
    /// 413: the body is too large.
    TooLarge,
    /// 415: the body is not JSON.
    NoJson,
    /// 503: a call to an AWS service failed. The details are only in the log.
    Unavailable(Fault),
}

/// The value of `Retry-After` in seconds.
const RETRY_AFTER: &str = "2";

impl Answer {
    /// Returns the response in API Gateway's form.
    ///
    /// # Panics
    ///
    /// Never: payloads have a JSON form.
    pub fn response(self, origin: &str, request: &ApiRequest) -> ApiResponse {
        if let Answer::Unavailable(fault) = &self {
            tracing::error!(error = %fault, "a service behind the API is unavailable");
        }
        let mut headers: BTreeMap<String, String> = [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
            ("Cache-Control", "no-store"),
            ("Content-Type", "application/json"),
            ("Vary", "Origin"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        match &self {
            Answer::Accepted(order) => {
                headers.insert("Location".to_owned(), location(&request.path, order));
            }
            Answer::NotSeen | Answer::Unavailable(_) => {
                headers.insert("Retry-After".to_owned(), RETRY_AFTER.to_owned());
            }
            _ => {}
        }
        let (status_code, body) = self.status_and_body(&request.request_context.request_id);
        ApiResponse { status_code, headers, body }
    }

    fn status_and_body(self, request_id: &str) -> (u16, String) {
        let (status_code, error, message, problems) = match self {
            Answer::Accepted(order_id) => {
                let answer = OrderAnswer {
                    order_id,
                    status: OrderStatus::Accepted,
                    message: "The order was accepted. Request its Location for the status."
                        .to_owned(),
                };
                return (202, json(&answer));
            }
            Answer::Found(view) => return (200, json(&*view)),
            Answer::Invalid(problems) => {
                (400, "BAD_REQUEST_BODY", "The request has problems.", problems)
            }
            Answer::NoSuchOrder => (404, "ORDER_NOT_FOUND", "There is no such order.", vec![]),
            Answer::NotSeen => (
                404,
                "ORDER_NOT_FOUND",
                "There is no such order. If you have just placed it, try again in a moment.",
                vec![],
            ),
            Answer::NoSuchRoute => (404, "NOT_FOUND", "There is no such route.", vec![]),
            Answer::KeyTaken => (
                409,
                "IDEMPOTENCY_KEY_TAKEN",
                "The Idempotency-Key was already used for a different order. Use a new key.",
                vec![],
            ),
            Answer::KeySpent => (
                409,
                "IDEMPOTENCY_KEY_SPENT",
                "The Idempotency-Key was already used. Its order was rejected, and the record of it has expired. Use a new key.",
                vec![],
            ),
            Answer::TooLarge => (413, "REQUEST_TOO_LARGE", &*OrderRequest::too_large(), vec![]),
            Answer::NoJson => (
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "The body must be JSON, with the header Content-Type: application/json.",
                vec![],
            ),
            Answer::Unavailable(_) => (
                503,
                "SERVICE_UNAVAILABLE",
                "Try again in a moment. With an Idempotency-Key, a repeated order is accepted only once.",
                vec![],
            ),
        };
        let answer = ApiError {
            error: error.to_owned(),
            message: message.to_owned(),
            problems,
            request_id: request_id.to_owned(),
        };
        (status_code, json(&answer))
    }
}

/// Returns the reference to an order, relative to the URL of the request. Only the client knows what precedes the path:
/// the stage, or the base path of a domain.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-5.2>
fn location(path: &str, order: &OrderId) -> String {
    match path.ends_with('/') {
        true => order.to_string(),
        false => format!("order/{order}"),
    }
}

fn json(payload: &impl function_contract::path::Payload) -> String {
    serde_json::to_string(payload).expect("payloads have a JSON form")
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        Answer::Unavailable(fault)
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn a_client_that_follows_the_location_finds_the_order() {
        const ID: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
        fn check(asked: &str, path: &str, expected: &str) {
            let order = OrderId::try_from(ID.to_owned()).unwrap();
            let asked: Url = asked.parse().unwrap();
            let found = asked.join(&location(path, &order)).unwrap();
            assert_eq!(found.as_str(), format!("{expected}/{ID}"), "{asked}");
        }
        let host = "https://a1b2.execute-api.ap-south-1.amazonaws.com";
        check(&format!("{host}/dev/order"), "/order", &format!("{host}/dev/order"));
        check(&format!("{host}/dev/order?x=/y/"), "/order", &format!("{host}/dev/order"));
        check(&format!("{host}/dev/order/"), "/order/", &format!("{host}/dev/order"));
        // With a custom domain, the path includes its base path, if it has one.
        check("https://api.example/order", "/order", "https://api.example/order");
        check("https://api.example/shop/order", "/shop/order", "https://api.example/shop/order");
        check("https://api.example/shop/order/", "/shop/order/", "https://api.example/shop/order");
    }

    #[test]
    fn browsers_let_scripts_read_every_useful_header() {
        // Headers that a browser always lets scripts read, and headers that are only for browsers and caches.
        // https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
        let known = ["Cache-Control", "Content-Type", "Vary", "X-Content-Type-Options"];
        let order = OrderId::try_from("0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned()).unwrap();
        let event = serde_json::json!({
            "httpMethod": "POST", "resource": "/order", "path": "/order",
            "requestContext": { "requestId": "r" },
        });
        let request: ApiRequest = serde_json::from_value(event).unwrap();
        let fault = Fault::Unavailable { service: "", reason: String::new() };
        for answer in [
            Answer::Accepted(order),
            Answer::Unavailable(fault),
            Answer::KeyTaken,
            Answer::KeySpent,
        ] {
            let headers = answer.response("*", &request).headers;
            let exposed: Vec<_> = headers["Access-Control-Expose-Headers"].split(',').collect();
            for name in headers.keys().map(String::as_str) {
                let is_known = known.contains(&name) || name.starts_with("Access-Control-");
                assert!(is_known || exposed.contains(&name), "{name}");
            }
        }
    }
}
