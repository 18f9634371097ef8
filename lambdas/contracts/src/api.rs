//! The HTTP API: its routes, the bodies of requests, and every answer.

use std::time::Duration;

use function_contract::{
    answers, api,
    http::Problem,
    kept::Kept,
    payload,
    read::RequestBody as _,
    request_body, size,
    time::Timestamp,
    written::{AsWritten, WrittenCount, WrittenPrice, WrittenText},
};
use serde_json::Number;

use crate::{
    domain::{CustomerId, Metadata, OrderId, OrderStatus, ProductId},
    idempotency::IdempotencyKey,
    money::Money,
};

api! {
    /// Takes orders, and reports their status.
    pub enum OrderApi {
        /// Places an order.
        PlaceOrder = POST / "order",
            takes OrderRequest, with [IdempotencyKey], answers OrderPlaced;
        /// Returns an order with its status.
        ReadOrder = GET / "order" / {
            /// The order's id.
            order_id: OrderId
        }, answers OrderRead, else NoSuchOrder, waits SEEN_WITHIN;
    }
}

/// The longest time that [`ReadOrder`] waits for an order that it cannot find, because an order that was just
/// accepted may not be visible yet. The pauses take 1.5 seconds; the rest is for the calls between them. The topology
/// reserves concurrency for requests that wait.
pub const SEEN_WITHIN: Duration = Duration::from_millis(1_600);

payload! {
    /// An order, as a customer places it. This is the shape; the validator judges the values.
    pub struct OrderRequest, at OrderRequestAt, strict {
        /// Who orders, such as `CUST-1234`.
        customer_id: WrittenText<CustomerId>,
        /// What, such as `PROD-1234`.
        product_id: WrittenText<ProductId>,
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

// An order passes the state machine and becomes an item. Each of them adds a few ids, times and names to the request, and an
// item has the description of one error, too.
const _: () = {
    const ADDED: usize = 4 * 1024;
    const ORDER: usize = OrderRequest::LARGEST_BYTES + ADDED;
    assert!(ORDER <= size::STATE, "an order is larger than the input of a state machine");
    assert!(ORDER + Kept::MOST_BYTES <= size::ITEM, "an order is larger than an item of a table");
};

answers! {
    /// The answers to [`PlaceOrder`].
    pub enum OrderPlaced {
        /// The order was accepted. Request its Location for the status.
        Accepted(OrderAnswer) = 202, location ReadOrder;
        /// The request has problems.
        Invalid(Vec<Problem>) = 400 "BAD_REQUEST_BODY";
        /// The Idempotency-Key was already used for a different order. Use a new key.
        KeyTaken = 409 "IDEMPOTENCY_KEY_TAKEN";
        /// The Idempotency-Key was already used. Its order was rejected, and the record of it has expired. Use a new key.
        KeySpent = 409 "IDEMPOTENCY_KEY_SPENT";
        /// The body is too large.
        TooLarge = 413 "REQUEST_TOO_LARGE", says OrderRequest::too_large();
        /// The body must be JSON, with the header Content-Type: application/json.
        NoJson = 415 "UNSUPPORTED_MEDIA_TYPE";
        /// Try again in a moment. With an Idempotency-Key, a repeated order is accepted only once.
        Unavailable = 503 "SERVICE_UNAVAILABLE", retry after 2;
    }
}

answers! {
    /// The answers to [`ReadOrder`].
    pub enum OrderRead {
        /// The order and its status.
        Found(OrderView) = 200;
        /// There is no such order.
        NoSuchOrder = 404 "ORDER_NOT_FOUND";
        /// There is no such order. If you have just placed it, try again in a moment.
        NotSeen = 404 "ORDER_NOT_FOUND", retry after 2;
        /// Try again in a moment.
        Unavailable = 503 "SERVICE_UNAVAILABLE", retry after 2;
    }
}

payload! {
    /// The body of the answer to a request that placed an order.
    pub struct OrderAnswer, at OrderAnswerAt, strict {
        /// The order's id.
        order_id: OrderId,
        /// Always `ACCEPTED`.
        status: OrderStatus,
        /// A sentence for people.
        message: String,
    }
}

payload! {
    /// The body of the answer to a request that reads an order.
    pub struct OrderView, at OrderViewAt, strict {
        /// The order's id.
        order_id: OrderId,
        /// The order's current status.
        status: OrderStatus,
        /// The customer's id, as the customer sent it.
        customer_id: AsWritten<CustomerId>,
        /// The product's id, as the customer sent it.
        product_id: AsWritten<ProductId>,
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
