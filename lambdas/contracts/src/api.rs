//! What the HTTP API takes and answers.

use std::time::Duration;

use serde_json::Number;

use crate::{
    domain::{Metadata, OrderId, OrderStatus, Timestamp},
    money::Money,
    payload, request_body,
    written::{WrittenCount, WrittenPrice, WrittenText},
};

/// Headers that a browser lets a script of another origin read, beside those that it always does. Whatever
/// answers, function or gateway, lists them in `Access-Control-Expose-Headers`.
///
/// <https://fetch.spec.whatwg.org/#http-access-control-expose-headers>
pub const EXPOSED_HEADERS: &str = "Location,Retry-After";

/// How long GET /order/{orderId} waits at most where nothing is known of the order: an order that was just accepted may not
/// be shown yet. A second and a half of it are pauses, the rest is for the calls between them. The topology reserves
/// concurrency for requests that wait.
pub const SEEN_WITHIN: Duration = Duration::from_millis(1_600);

payload! {
    /// The body of `POST /order`. This is the shape; the validator judges the values.
    pub struct OrderRequest, at OrderRequestAt {
        /// Who orders, such as `CUST-1234`.
        customer_id: WrittenText,
        /// What, such as `PROD-1234`.
        product_id: WrittenText,
        /// How many.
        quantity: WrittenCount,
        /// The price of one.
        price: WrittenPrice,
        /// Whatever the customer attaches.
        metadata: Option<Metadata>,
    }
}

// Whatever a customer escapes, an order fits: see `RequestBody::MOST_BYTES`. 48 KB is a step of what AWS WAF
// can look at: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
request_body!(OrderRequest, at most 49_152 bytes:
    customer_id, product_id, quantity, price, metadata);

payload! {
    /// The answer 202 to `POST /order`.
    pub struct OrderAnswer, at OrderAnswerAt {
        /// The order's id.
        order_id: OrderId,
        /// `ACCEPTED`.
        status: OrderStatus,
        /// For people.
        message: String,
    }
}

payload! {
    /// The answer 200 to `GET /order/{orderId}`.
    pub struct OrderView, at OrderViewAt {
        /// The order's id.
        order_id: OrderId,
        /// Where it stands.
        status: OrderStatus,
        /// As written.
        customer_id: String,
        /// As written.
        product_id: String,
        /// As written.
        quantity: i64,
        /// As written.
        price: Number,
        /// As written.
        metadata: Option<Metadata>,
        /// Known once the order is valid.
        total_amount: Option<Money>,
        /// When the API took it.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
        /// Once it is fulfilled.
        tracking_number: Option<String>,
        /// Once it is fulfilled.
        carrier: Option<String>,
        /// Once it is fulfilled.
        estimated_delivery: Option<Timestamp>,
        /// Why it failed or was rejected: `OrderInvalid`, `FulfillmentFailed`, `ProcessingDeadlinePassed`, else
        /// `ProcessingFailed`.
        failure_reason: Option<String>,
        /// Why, in words.
        error_message: Option<String>,
        /// Every rule that a rejected order breaks.
        problems: Vec<Problem>,
    }
}

payload! {
    /// Every error answer of the API, from the functions and from API Gateway itself.
    pub struct ApiError, at ApiErrorAt {
        /// A stable name, such as `BAD_REQUEST_BODY`.
        error: String,
        /// For people.
        message: String,
        /// Every problem of the request, one by one.
        problems: Vec<Problem>,
        /// The id to ask the operator about.
        request_id: String,
    }
}

payload! {
    /// One problem of a request.
    pub struct Problem, at ProblemAt {
        /// Where in the body: an RFC 6901 JSON pointer, empty for the whole.
        pointer: String,
        /// What is wrong there.
        message: String,
    }
}
