//! The payloads of an order: inputs and outputs of states, messages on the queue, and items of the tables.

use function_contract::time::{EpochSeconds, Timestamp};
use function_contract::{
    either,
    http::Problem,
    item,
    item::{IndexKeys, Item, Replaceable, TableIndex},
    kept::Kept,
    path::{Attribute, AttributeType, Expr},
    payload,
    written::AsWritten,
};
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::{
    domain::{CustomerId, Metadata, OrderId, OrderStatus, ProductId, Quantity, ValidationStatus},
    money::Money,
};

payload! {
    /// The input of the order machine: the order as the customer sent it, not validated yet.
    pub struct OrderSubmitted, at OrderSubmittedAt {
        /// The order's id, which is also the execution's name.
        order_id: OrderId,
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
        /// When the API accepted the order.
        submitted_at: Timestamp,
    }
}

payload! {
    /// A valid order: every field keeps the business rules.
    pub struct OrderValidated, at OrderValidatedAt {
        /// The order's id.
        order_id: OrderId,
        /// The customer's id.
        customer_id: CustomerId,
        /// The product's id.
        product_id: ProductId,
        /// The quantity.
        quantity: Quantity,
        /// The price of one piece.
        price: Money,
        /// The price of all pieces.
        total_amount: Money,
        /// The metadata that the customer attached.
        metadata: Option<Metadata>,
        /// When the API accepted the order.
        submitted_at: Timestamp,
    }
}

either! {
    /// The output of the validator.
    pub enum OrderJudged {
        /// The order keeps every rule.
        Valid(OrderValidated) as "valid",
        /// The order breaks a rule. Its cause is [`Violations`] as JSON.
        Invalid(OrderGivenUp) as "invalid",
    }
}

payload! {
    /// The cause in the record of a rejected order, JSON in its text.
    pub struct Violations, at ViolationsAt {
        /// Every rule that the order breaks. The pointers refer to the request's body.
        problems: Vec<Problem>,
    }
}

payload! {
    /// The output of `order_storage`: the order is in the table, and its message is on the queue.
    pub struct OrderStored, at OrderStoredAt {
        /// The order's id.
        order_id: OrderId,
        /// The order's current status.
        status: OrderStatus,
    }
}

payload! {
    /// A message on the order queue: an order to be fulfilled. Its other data is in the table.
    pub struct OrderAccepted, at OrderAcceptedAt {
        /// The order's id.
        order_id: OrderId,
        /// When the API accepted the order.
        submitted_at: Timestamp,
    }
}

/// The message attribute that asks for another round of a failed order. Its value is the number of the round. Only
/// `dofs redrive` sets it; `order_storage` does not.
pub const ROUND: &str = "Round";

item! {
    /// An item of the table `orders`. It decides the status of an order.
    pub struct OrderRecord, at OrderRecordAt {
        /// The order's id: the partition key.
        order_id: OrderId,
        /// The customer's id. For a rejected order it is what the customer sent, so the type cannot be stricter.
        customer_id: AsWritten<CustomerId>,
        /// The product's id, with the same type as in the request for the same reason.
        product_id: AsWritten<ProductId>,
        /// The quantity, with the same type as in the request for the same reason.
        quantity: i64,
        /// The price of one piece, with the same type as in the request for the same reason.
        price: Number,
        /// The price of all pieces. Absent until the order is known to be valid.
        total_amount: Option<Money>,
        /// The order's status.
        status: OrderStatus,
        /// When the API accepted the order.
        created_at: Timestamp,
        /// When the order last changed.
        updated_at: Timestamp,
        /// The result of the validator.
        validation_status: ValidationStatus,
        /// The metadata that the customer attached.
        metadata: Option<Metadata>,
        /// The details of the fulfillment. Absent until the order is fulfilled.
        fulfillment_details: Option<FulfillmentDetails>,
        /// Why the order failed or was rejected: the name of an error.
        failure_reason: Option<String>,
        /// When the order failed or was rejected.
        failure_timestamp: Option<Timestamp>,
        /// The error's description. For a rejected order: [`Violations`] as JSON.
        error_message: Option<Kept>,
        /// When DynamoDB may delete the record. Only rejected orders have it.
        expires_at: Option<EpochSeconds>,
        /// The number of the current round: 0 at first, and higher after each redrive. Each round has one draw.
        round: u32,
        /// The id of the message that caused the failure of this round. SQS moves it to the dead-letter queue.
        dead_letter: Option<String>,
    }
}

/// How an order was fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FulfillmentDetails {
    /// The tracking number of the parcel.
    pub tracking_number: String,
    /// The carrier of the parcel.
    pub carrier: String,
    /// The expected time of delivery.
    pub estimated_delivery: Timestamp,
}

impl Attribute for FulfillmentDetails {
    const TYPE: AttributeType = AttributeType::TextMap;
}

/// The index of `orders` by status, with the least recently changed order first: for `reconcile_orders` and for
/// operators. It contains every order, because `dofs orders` and the page show every status. An index of only
/// PROCESSING and FAILED orders would get just as many writes under PROCESSING.
pub enum ByStatus {}

impl TableIndex for ByStatus {
    type Item = OrderRecord;
    type Hash = OrderStatus;
    type Range = Timestamp;
    /// Two writes for each status: an order enters PROCESSING, and leaves it when it is decided; a rejected order
    /// enters REJECTED, and leaves it when it expires. Rounds of a failed order cause more writes, but no request
    /// causes a round.
    const WRITES: u32 = 2;

    fn hash() -> Expr<OrderRecord, OrderStatus> {
        OrderRecord::at().status
    }

    fn range() -> Expr<OrderRecord, Timestamp> {
        OrderRecord::at().updated_at
    }
}

impl Item for OrderRecord {
    type Key = OrderId;

    fn key() -> Expr<Self, OrderId> {
        OrderRecord::at().order_id
    }

    fn time_to_live() -> Option<Expr<Self, Option<EpochSeconds>>> {
        Some(OrderRecord::at().expires_at)
    }

    fn indexes() -> Vec<IndexKeys> {
        vec![IndexKeys::of::<ByStatus>()]
    }
}

item! {
    /// An item of the table `failed_orders`: the reason of a failure, for operators.
    pub struct FailedOrder, at FailedOrderAt {
        /// Partition key: the order's id, or `message-<id>` for a message that could not be read.
        order_id: String,
        /// When the API accepted the order. For a message that could not be read: when it was sent.
        original_timestamp: Option<Timestamp>,
        /// When the order failed.
        failed_timestamp: Timestamp,
        /// How often the queue had delivered the message at that time.
        receive_count: u32,
        /// The error's name.
        failure_reason: String,
        /// The error's description.
        error_message: Option<Kept>,
        /// The beginning of the message's body, if the message could not be read.
        raw_body: Option<Kept>,
    }
}

/// A later round knows better why an order failed, and a round that fulfils the order deletes the record.
impl Replaceable for FailedOrder {}

impl Item for FailedOrder {
    type Key = String;

    fn key() -> Expr<Self, String> {
        FailedOrder::at().order_id
    }
}

payload! {
    /// An order that the order machine gives up on, with all data for its record.
    pub struct OrderGivenUp, at OrderGivenUpAt {
        /// The order's id.
        order_id: OrderId,
        /// The customer's id, as far as it is known.
        customer_id: AsWritten<CustomerId>,
        /// The product's id, as far as it is known.
        product_id: AsWritten<ProductId>,
        /// The quantity, as far as it is known.
        quantity: i64,
        /// The price of one piece, as far as it is known.
        price: Number,
        /// The price of all pieces. Absent until the order is known to be valid.
        total_amount: Option<Money>,
        /// The result of the validator.
        validation_status: ValidationStatus,
        /// The metadata that the customer attached.
        metadata: Option<Metadata>,
        /// When the API accepted the order.
        submitted_at: Timestamp,
        /// When the machine gave up on the order. It is fixed here, so that every attempt to write the record has the
        /// same contents: the token of a DynamoDB transaction is valid only for the same contents.
        failed_at: Timestamp,
        /// The error's name.
        error: String,
        /// The error's cause.
        cause: Kept,
        /// If DynamoDB canceled the transaction that should have written the record: its error text, with the reason
        /// for each write.
        canceled: Option<Kept>,
    }
}
