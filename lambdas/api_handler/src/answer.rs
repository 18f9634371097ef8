//! Every answer there is, and what it looks like.

use std::collections::BTreeMap;

use contracts::{
    api::{ApiError, OrderAnswer, OrderView, Problem},
    domain::{OrderId, OrderStatus},
    event::ApiResponse,
};
use runtime::port::Fault;

/// What a request is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// 202: the order is taken, and will come to an end.
    Accepted(OrderId),
    /// 200: where the order stands.
    Found(Box<OrderView>),
    /// 400: every problem of the request.
    Invalid(Vec<Problem>),
    /// 404: no such order.
    NoSuchOrder,
    /// 404: no such order, unless it was just taken and AWS does not show it yet.
    NotSeen,
    /// 404: nothing there.
    NoSuchRoute,
    /// 409: the key belongs to another order.
    KeyTaken,
    /// 413: more than an order can be.
    TooLarge,
    /// 415: no JSON.
    NoJson,
    /// 503: a service behind the API does not do its part. The text stays in the log.
    Unavailable(Fault),
}

/// Seconds after which another attempt is worth it.
const RETRY_AFTER: &str = "2";

impl Answer {
    /// The answer as API Gateway takes it.
    ///
    /// # Panics
    ///
    /// Never: payloads have a JSON form.
    pub fn response(self, origin: &str, request_id: &str) -> ApiResponse {
        if let Answer::Unavailable(fault) = &self {
            tracing::error!(error = %fault, "a service behind the API is unavailable");
        }
        let mut headers: BTreeMap<String, String> = [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", "Location,Retry-After"),
            ("Cache-Control", "no-store"),
            ("Content-Type", "application/json"),
            ("Vary", "Origin"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        match &self {
            Answer::Accepted(order) => {
                headers.insert("Location".to_owned(), format!("/order/{order}"));
            }
            Answer::NotSeen | Answer::Unavailable(_) => {
                headers.insert("Retry-After".to_owned(), RETRY_AFTER.to_owned());
            }
            _ => {}
        }
        let (status_code, body) = self.status_and_body(request_id);
        ApiResponse { status_code, headers, body }
    }

    fn status_and_body(self, request_id: &str) -> (u16, String) {
        let (status_code, error, message, problems) = match self {
            Answer::Accepted(order_id) => {
                let answer = OrderAnswer {
                    order_id,
                    status: OrderStatus::Accepted,
                    message: "The order is taken. Its location tells where it stands.".to_owned(),
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
                "There is no such order. One that was just taken may not be seen yet.",
                vec![],
            ),
            Answer::NoSuchRoute => (404, "NOT_FOUND", "There is no such route.", vec![]),
            Answer::KeyTaken => (
                409,
                "IDEMPOTENCY_KEY_TAKEN",
                "The Idempotency-Key came before, with another order. Take a new key.",
                vec![],
            ),
            Answer::TooLarge => {
                (413, "REQUEST_TOO_LARGE", "The body has more than 16384 bytes.", vec![])
            }
            Answer::NoJson => (
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "The body must be JSON: Content-Type: application/json.",
                vec![],
            ),
            Answer::Unavailable(_) => (
                503,
                "SERVICE_UNAVAILABLE",
                "Try again in a moment. With an Idempotency-Key, the order is taken once.",
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

fn json(payload: &impl contracts::path::Payload) -> String {
    serde_json::to_string(payload).expect("payloads have a JSON form")
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        Answer::Unavailable(fault)
    }
}
