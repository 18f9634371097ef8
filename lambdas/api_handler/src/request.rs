//! Checks the form of a request before its values are validated.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use contracts::{
    api::{OrderApi, OrderPlaced, OrderRequest, PlaceOrder},
    idempotency::IdempotencyKey,
};
use function_contract::{
    api::{Route as _, TakesBody as _},
    event::ApiRequest,
    http::Problem,
};

/// The maximum size of a body in bytes.
const LARGEST: usize = PlaceOrder::LARGEST_BYTES;

/// Parses a request that places an order.
///
/// # Errors
///
/// Returns the error response. For an invalid order, it has every problem.
pub fn order(
    request: &ApiRequest<OrderApi>,
) -> Result<(OrderRequest, Option<IdempotencyKey>), OrderPlaced> {
    if !request.header("Content-Type").is_none_or(is_json) {
        return Err(OrderPlaced::NoJson);
    }
    let body = body(request)?;
    if body.len() > LARGEST {
        return Err(OrderPlaced::TooLarge);
    }
    let key: Option<Result<IdempotencyKey, Problem>> = PlaceOrder::header(request);
    match (PlaceOrder::read(&body), key.transpose()) {
        (Ok(order), Ok(key)) => Ok((order, key)),
        (order, key) => {
            let problems = order.err().into_iter().flatten().chain(key.err());
            Err(OrderPlaced::Invalid(problems.collect()))
        }
    }
}

fn body(request: &ApiRequest<OrderApi>) -> Result<Cow<'_, [u8]>, OrderPlaced> {
    let body = request.body.as_deref().unwrap_or_default();
    if !request.is_base64_encoded {
        return Ok(Cow::Borrowed(body.as_bytes()));
    }
    // Four characters of base64 are three bytes, so the length shows that a body is too large before it is decoded.
    if body.len() > LARGEST * 2 {
        return Err(OrderPlaced::TooLarge);
    }
    BASE64_STANDARD.decode(body).map(Cow::Owned).map_err(|_| {
        let message = "is not base64".to_owned();
        OrderPlaced::Invalid(vec![Problem { pointer: String::new(), message }])
    })
}

/// Whether the content type is `application/json`, with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(body: &str, is_base64: bool) -> ApiRequest<OrderApi> {
        let event = json!({
            "httpMethod": "POST", "resource": "/order", "body": body, "isBase64Encoded": is_base64,
            "requestContext": { "requestId": "r" },
        });
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_body_of_the_maximum_size_is_accepted() {
        #[track_caller]
        fn check(bytes: usize, expected: Result<(), OrderPlaced>) {
            let good = r#"{"customerId":"a","productId":"b","quantity":1,"price":1}"#;
            let body = format!("{good:bytes$}");
            assert_eq!(order(&request(&body, false)).map(drop), expected);
            let body = BASE64_STANDARD.encode(body);
            assert_eq!(order(&request(&body, true)).map(drop), expected);
        }
        check(LARGEST, Ok(()));
        check(LARGEST + 1, Err(OrderPlaced::TooLarge));
    }

    /// The body is not base64 either, which only decoding would show.
    #[test]
    fn a_body_of_twice_the_bytes_is_not_decoded() {
        let body = |bytes: usize| order(&request(&"%".repeat(bytes), true)).unwrap_err();
        assert!(matches!(body(2 * LARGEST), OrderPlaced::Invalid(_)));
        assert_eq!(body(2 * LARGEST + 1), OrderPlaced::TooLarge);
        assert_eq!(body(2 * LARGEST + 4), OrderPlaced::TooLarge);
    }

    #[test]
    fn only_json_is_json() {
        fn check(content_type: &str, good: bool) {
            assert_eq!(is_json(content_type), good, "{content_type}");
        }
        check("application/json", true);
        check("Application/JSON; charset=utf-8", true);
        check("text/plain", false);
        check("application/jsonp", false);
        check("", false);
    }
}
