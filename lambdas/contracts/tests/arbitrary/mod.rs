//! Proptest strategies for the valid values of every payload and item.

#![allow(dead_code, reason = "a test needs some of them")]

use contracts::{
    api::{OrderAnswer, OrderRequest, OrderView},
    domain::{CustomerId, Metadata, OrderId, OrderStatus, ProductId, Quantity, ValidationStatus},
    money::Money,
    order::{
        FailedOrder, FulfillmentDetails, OrderAccepted, OrderGivenUp, OrderJudged, OrderRecord,
        OrderStored, OrderSubmitted, OrderValidated, Violations,
    },
};
use function_contract::time::{EpochSeconds, Timestamp};
use function_contract::{
    http::{ApiError, Problem},
    kept::Kept,
    written::{WrittenCount, WrittenPrice, WrittenText},
};
use proptest::{collection, option, prelude::*, sample};
use serde_json::Number;

fn parsed<T>(regex: &'static str) -> impl Strategy<Value = T>
where
    T: TryFrom<String, Error = String> + std::fmt::Debug,
{
    regex.prop_map(|it: String| T::try_from(it).unwrap())
}

fn order_id() -> impl Strategy<Value = OrderId> {
    parsed("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
}

fn customer_id() -> impl Strategy<Value = CustomerId> {
    parsed("CUST-[0-9]{4,59}")
}

fn product_id() -> impl Strategy<Value = ProductId> {
    parsed("PROD-[0-9]{4,59}")
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    parsed("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z")
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (1..=100_i64).prop_map(|it| Quantity::try_from(it).unwrap())
}

fn money() -> impl Strategy<Value = Money> {
    (0..=100_000_000_i64).prop_map(|it| Money::from_cents(it).unwrap())
}

/// Any text of up to this many bytes.
fn up_to(bytes: usize) -> impl Strategy<Value = String> {
    let text = proptest::string::string_regex(&format!("(?s).{{0,{bytes}}}")).unwrap();
    text.prop_map(move |mut it| {
        it.truncate(it.floor_char_boundary(bytes));
        it
    })
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let key = up_to(64).prop_map(|it| if it.is_empty() { "-".to_owned() } else { it });
    let pairs = collection::btree_map(key, up_to(256), 0..=20);
    pairs.prop_map(|it| serde_json::from_value(serde_json::json!(it)).unwrap())
}

/// A number that customers may send: within the limits, and with up to 15 digits.
fn price() -> impl Strategy<Value = Number> {
    let written = (-999_999_999_999_999_i64..=999_999_999_999_999, 6..24_u32)
        .prop_map(|(digits, below)| format!("{digits}e-{below}").parse().unwrap())
        .prop_filter("not too near zero", |it: &f64| *it == 0.0 || it.abs() >= 1e-9);
    prop_oneof![
        count().prop_map(Number::from),
        (0..=100_000_000_i64).prop_map(|it| Money::from_cents(it).unwrap().into()),
        written.prop_map(|it| Number::from_f64(it).unwrap()),
    ]
}

fn count() -> impl Strategy<Value = i64> {
    -1_000_000_000..=1_000_000_000_i64
}

fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn status() -> impl Strategy<Value = OrderStatus> {
    sample::select(OrderStatus::ALL)
}

fn validation_status() -> impl Strategy<Value = ValidationStatus> {
    sample::select(ValidationStatus::ALL)
}

pub(crate) fn problem() -> impl Strategy<Value = Problem> {
    (text(), text()).prop_map(|(pointer, message)| Problem { pointer, message })
}

pub(crate) fn order_request() -> impl Strategy<Value = OrderRequest> {
    let customer = up_to(256).prop_map(|it| WrittenText::try_from(it).unwrap());
    let product = up_to(256).prop_map(|it| WrittenText::try_from(it).unwrap());
    let count = count().prop_map(|it| WrittenCount::try_from(it).unwrap());
    let price = price().prop_map(|it| WrittenPrice::try_from(it).unwrap());
    (customer, product, count, price, option::of(metadata())).prop_map(
        |(customer_id, product_id, quantity, price, metadata)| OrderRequest {
            customer_id,
            product_id,
            quantity,
            price,
            metadata,
        },
    )
}

pub(crate) fn order_answer() -> impl Strategy<Value = OrderAnswer> {
    (order_id(), status(), text()).prop_map(|(order_id, status, message)| OrderAnswer {
        order_id,
        status,
        message,
    })
}

pub(crate) fn order_view() -> impl Strategy<Value = OrderView> {
    let optional = || option::of(text());
    let details = (optional(), optional(), option::of(timestamp()), optional(), optional());
    (order_record(), details, collection::vec(problem(), 0..4)).prop_map(
        |(record, details, problems)| OrderView {
            order_id: record.order_id,
            status: record.status,
            customer_id: record.customer_id,
            product_id: record.product_id,
            quantity: record.quantity,
            price: record.price,
            metadata: record.metadata,
            total_amount: record.total_amount,
            created_at: record.created_at,
            updated_at: record.updated_at,
            tracking_number: details.0,
            carrier: details.1,
            estimated_delivery: details.2,
            failure_reason: details.3,
            error_message: details.4,
            problems,
        },
    )
}

pub(crate) fn api_error() -> impl Strategy<Value = ApiError> {
    (text(), text(), collection::vec(problem(), 0..4), text()).prop_map(
        |(error, message, problems, request_id)| ApiError { error, message, problems, request_id },
    )
}

pub(crate) fn order_submitted() -> impl Strategy<Value = OrderSubmitted> {
    (order_id(), text(), text(), count(), price(), option::of(metadata()), timestamp()).prop_map(
        |(order_id, customer_id, product_id, quantity, price, metadata, submitted_at)| {
            OrderSubmitted {
                order_id,
                customer_id: customer_id.into(),
                product_id: product_id.into(),
                quantity,
                price,
                metadata,
                submitted_at,
            }
        },
    )
}

pub(crate) fn order_validated() -> impl Strategy<Value = OrderValidated> {
    let who = (order_id(), customer_id(), product_id());
    (who, quantity(), money(), money(), option::of(metadata()), timestamp()).prop_map(
        |(who, quantity, price, total_amount, metadata, submitted_at)| OrderValidated {
            order_id: who.0,
            customer_id: who.1,
            product_id: who.2,
            quantity,
            price,
            total_amount,
            metadata,
            submitted_at,
        },
    )
}

pub(crate) fn order_judged() -> impl Strategy<Value = OrderJudged> {
    prop_oneof![
        order_validated().prop_map(OrderJudged::Valid),
        order_given_up().prop_map(OrderJudged::Invalid),
    ]
}

pub(crate) fn violations() -> impl Strategy<Value = Violations> {
    collection::vec(problem(), 0..4).prop_map(|problems| Violations { problems })
}

pub(crate) fn order_stored() -> impl Strategy<Value = OrderStored> {
    (order_id(), status()).prop_map(|(order_id, status)| OrderStored { order_id, status })
}

pub(crate) fn order_accepted() -> impl Strategy<Value = OrderAccepted> {
    (order_id(), timestamp())
        .prop_map(|(order_id, submitted_at)| OrderAccepted { order_id, submitted_at })
}

pub(crate) fn order_given_up() -> impl Strategy<Value = OrderGivenUp> {
    let known = (option::of(money()), validation_status());
    (order_submitted(), known, timestamp(), text(), text()).prop_map(
        |(order, known, failed_at, error, cause)| OrderGivenUp {
            order_id: order.order_id,
            customer_id: order.customer_id,
            product_id: order.product_id,
            quantity: order.quantity,
            price: order.price,
            total_amount: known.0,
            validation_status: known.1,
            metadata: order.metadata,
            submitted_at: order.submitted_at,
            failed_at,
            error,
            cause: cause.clone().into(),
            canceled: (cause.len() % 2 == 0).then(|| cause.into()),
        },
    )
}

fn details() -> impl Strategy<Value = FulfillmentDetails> {
    (text(), text(), timestamp()).prop_map(|(tracking_number, carrier, estimated_delivery)| {
        FulfillmentDetails { tracking_number, carrier, estimated_delivery }
    })
}

pub(crate) fn order_record() -> impl Strategy<Value = OrderRecord> {
    let decided = (
        option::of(details()),
        option::of(text()),
        option::of(timestamp()),
        option::of(text()),
        option::of(any::<u32>().prop_map(EpochSeconds)),
        any::<u32>(),
        option::of(text()),
    );
    let judged = (option::of(money()), status(), validation_status());
    (order_submitted(), timestamp(), judged, decided).prop_map(
        |(order, updated_at, judged, decided)| OrderRecord {
            order_id: order.order_id,
            customer_id: order.customer_id,
            product_id: order.product_id,
            quantity: order.quantity,
            price: order.price,
            total_amount: judged.0,
            status: judged.1,
            created_at: order.submitted_at,
            updated_at,
            validation_status: judged.2,
            metadata: order.metadata,
            fulfillment_details: decided.0,
            failure_reason: decided.1,
            failure_timestamp: decided.2,
            error_message: decided.3.map(Kept::from),
            expires_at: decided.4,
            round: decided.5,
            dead_letter: decided.6,
        },
    )
}

pub(crate) fn failed_order() -> impl Strategy<Value = FailedOrder> {
    let when = (option::of(timestamp()), timestamp());
    (text(), when, any::<u32>(), text(), option::of(text()), option::of(text())).prop_map(
        |(order_id, when, receive_count, failure_reason, error_message, raw_body)| FailedOrder {
            order_id,
            original_timestamp: when.0,
            failed_timestamp: when.1,
            receive_count,
            failure_reason,
            error_message: error_message.map(Kept::from),
            raw_body: raw_body.map(Kept::from),
        },
    )
}
