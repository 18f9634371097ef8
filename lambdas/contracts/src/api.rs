//! Request and response bodies of the HTTP API.

use function_contract::time::Timestamp;
use std::time::Duration;

use function_contract::{
    http::Problem,
    payload, request_body,
    written::{WrittenCount, WrittenPrice, WrittenText},
};
use serde_json::Number;

use crate::{
    domain::{Metadata, OrderId, OrderStatus},
    money::Money,
};

/// The longest time that `GET /order/{orderId}` waits for an order that it cannot find, because an order that was just
/// accepted may not be visible yet. The pauses take 1.5 seconds; the rest is for the calls between them. The topology
/// reserves concurrency for requests that wait.
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

// An order fits into this size even if the customer escapes every character: see `RequestBody::MOST_BYTES`. 48 KB is
// one of the sizes that AWS WAF can inspect:
// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
request_body!(OrderRequest, at most 49_152 bytes:
    customer_id, product_id, quantity, price, metadata);

payload! {
    /// The body of the response 202 to `POST /order`.
    pub struct OrderAnswer, at OrderAnswerAt {
        /// The order's id.
        order_id: OrderId,
        /// Always `ACCEPTED`.
        status: OrderStatus,
        /// A sentence for people.
        message: String,
    }
}

payload! {
    /// The body of the response 200 to `GET /order/{orderId}`.
    pub struct OrderView, at OrderViewAt {
        /// The order's id.
        order_id: OrderId,
        /// The order's current status.
        status: OrderStatus,
        /// The customer's id, as the customer sent it.
        customer_id: String,
        /// The product's id, as the customer sent it.
        product_id: String,
        /// The quantity, as the customer sent it.
        quantity: i64,
        /// The price of one piece, as the customer sent it.
        price: Number,
        /// The metadata, as the customer sent it.
        metadata: Option<Metadata>,
        /// The price of all pieces. Absent until the order is known to be valid.
        total_amount: Option<Money>,
        /// When the API accepted the order.
        created_at: Timestamp,
        /// When the order last changed.
        updated_at: Timestamp,
        /// The parcel's tracking number. Absent until the order is fulfilled.
        tracking_number: Option<String>,
        /// The carrier of the parcel. Absent until the order is fulfilled.
        carrier: Option<String>,
        /// The expected time of delivery. Absent until the order is fulfilled.
        estimated_delivery: Option<Timestamp>,
        /// Why the order failed or was rejected: `OrderInvalid`, `FulfillmentFailed`, `ProcessingDeadlinePassed`, or
        /// `ProcessingFailed` for every other reason.
        failure_reason: Option<String>,
        /// The reason as a sentence.
        error_message: Option<String>,
        /// Every rule that a rejected order breaks.
        problems: Vec<Problem>,
    }
}
