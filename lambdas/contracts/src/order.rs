//! An order on its way: what the states pass on, what the queue carries, what the tables hold.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::{
    api::Problem,
    domain::{
        CustomerId, EpochSeconds, Metadata, OrderId, OrderStatus, ProductId, Quantity, Timestamp,
        ValidationStatus,
    },
    either, item,
    item::{IndexKeys, Item, TableIndex},
    kept::Kept,
    money::Money,
    path::{Attribute, AttributeType, Expr},
    payload,
};

payload! {
    /// What the order machine is started with: the order as the customer wrote it, not judged yet.
    pub struct OrderSubmitted, at OrderSubmittedAt {
        /// The order's id, which is also the execution's name.
        order_id: OrderId,
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
        /// When the API took it.
        submitted_at: Timestamp,
    }
}

payload! {
    /// An order that keeps the rules in every field.
    pub struct OrderValidated, at OrderValidatedAt {
        /// The order's id.
        order_id: OrderId,
        /// Who ordered.
        customer_id: CustomerId,
        /// What was ordered.
        product_id: ProductId,
        /// How many.
        quantity: Quantity,
        /// The price of one.
        price: Money,
        /// The price of all.
        total_amount: Money,
        /// What the customer attached.
        metadata: Option<Metadata>,
        /// When the API took it.
        submitted_at: Timestamp,
    }
}

either! {
    /// What the validator answers.
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
        /// Every rule that the order breaks. Pointers are those of the request's body.
        problems: Vec<Problem>,
    }
}

payload! {
    /// What the storage function answers: the order is in the table and on the queue.
    pub struct OrderStored, at OrderStoredAt {
        /// The order's id.
        order_id: OrderId,
        /// Where it stands now.
        status: OrderStatus,
    }
}

payload! {
    /// A message on the order queue: fulfil this one. The table has the rest.
    pub struct OrderAccepted, at OrderAcceptedAt {
        /// The order's id.
        order_id: OrderId,
        /// When the API took it.
        submitted_at: Timestamp,
    }
}

/// The attribute of a message on the order queue by which somebody asks for a round of a failed order: a number. Only a
/// redrive sets it. Whoever stores an order asks for no round.
pub const ROUND: &str = "Round";

item! {
    /// An item of `orders`: the one truth about where an order stands.
    pub struct OrderRecord, at OrderRecordAt {
        /// Partition key.
        order_id: OrderId,
        /// As written where the order was rejected, so no stricter type would do.
        customer_id: String,
        /// As `customer_id`.
        product_id: String,
        /// As `customer_id`.
        quantity: i64,
        /// As `customer_id`.
        price: Number,
        /// Known once the order is valid.
        total_amount: Option<Money>,
        /// Where it stands.
        status: OrderStatus,
        /// When the API took it.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
        /// What the validator said.
        validation_status: ValidationStatus,
        /// What the customer attached.
        metadata: Option<Metadata>,
        /// Once it is fulfilled.
        fulfillment_details: Option<FulfillmentDetails>,
        /// Why it failed or was rejected: an error's name.
        failure_reason: Option<String>,
        /// When it failed or was rejected.
        failure_timestamp: Option<Timestamp>,
        /// Why, in the words of who found out: every violation of a rejected order.
        error_message: Option<Kept>,
        /// When DynamoDB may delete it. Only rejected orders have it.
        expires_at: Option<EpochSeconds>,
        /// How often a failed order was put back from the dead letters. Each round is one draw.
        round: u32,
        /// The message by which this round failed, on its way to the dead letters.
        dead_letter: Option<String>,
    }
}

/// How an order was fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FulfillmentDetails {
    /// By which the customer follows the parcel.
    pub tracking_number: String,
    /// Who carries it.
    pub carrier: String,
    /// When it should be there.
    pub estimated_delivery: Timestamp,
}

impl Attribute for FulfillmentDetails {
    const TYPE: AttributeType = AttributeType::TextMap;
}

/// `orders` by status, the least recently changed first: for the reconciler and the operator. Every order is in it, since
/// `dofs orders` and the page show every status; one that has PROCESSING and FAILED orders alone would be written as
/// often under PROCESSING.
pub enum ByStatus {}

impl TableIndex for ByStatus {
    type Item = OrderRecord;
    type Hash = OrderStatus;
    type Range = Timestamp;
    const NAME: &'static str = "status-updated_at";
    /// A PROCESSING order comes, and leaves when it is decided. A decided order comes, and a rejected one leaves when it
    /// expires. Rounds of a failed order write more, but no request brings them about.
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
    /// An item of `failed_orders`: why an order failed, for the operator.
    pub struct FailedOrder, at FailedOrderAt {
        /// Partition key: the order's id, or `message-<id>` where a message could not be read.
        order_id: String,
        /// When the API took it.
        original_timestamp: Option<Timestamp>,
        /// When it failed.
        failed_timestamp: Timestamp,
        /// How often the queue had delivered it by then.
        receive_count: u32,
        /// An error's name.
        failure_reason: String,
        /// What was said about it.
        error_message: Option<Kept>,
        /// The message as it came, where it could not be read.
        raw_body: Option<Kept>,
    }
}

impl Item for FailedOrder {
    type Key = String;

    fn key() -> Expr<Self, String> {
        FailedOrder::at().order_id
    }
}

payload! {
    /// An order that the machine gives up on, with all that its record needs.
    pub struct OrderGivenUp, at OrderGivenUpAt {
        /// The order's id.
        order_id: OrderId,
        /// As far as it is known.
        customer_id: String,
        /// As far as it is known.
        product_id: String,
        /// As far as it is known.
        quantity: i64,
        /// As far as it is known.
        price: Number,
        /// Known once the order is valid.
        total_amount: Option<Money>,
        /// What the validator said.
        validation_status: ValidationStatus,
        /// What the customer attached.
        metadata: Option<Metadata>,
        /// When the API took it.
        submitted_at: Timestamp,
        /// When it was given up. Fixed here, so that every attempt to write it down says the same:
        /// a transaction's token covers its contents.
        failed_at: Timestamp,
        /// The error's name.
        error: String,
        /// The error's cause.
        cause: Kept,
        /// What DynamoDB says about the transaction that should have recorded it, with the reason of each write; where
        /// it was canceled.
        canceled: Option<Kept>,
    }
}
