//! Checks that every field of an order is compared and shown: a new field must be part of the comparison of repeated
//! requests, of the record, and of the response of `GET`.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod arbitrary;

use contracts::{
    api::{OrderRequest, OrderView},
    order::{OrderRecord, OrderSubmitted},
    ordered::Ordered,
};
use function_contract::path::Payload as _;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn every_field_of_an_order_is_stored_and_shown() {
    for name in OrderRequest::WIRE_NAMES {
        assert!(OrderSubmitted::WIRE_NAMES.contains(name), "{name}");
        assert!(OrderView::WIRE_NAMES.contains(name), "GET does not show {name}");
    }
}

/// The expected result of the comparison: 60 equals 60.0, and absent metadata equals empty metadata.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(it) => json!(it.as_f64()),
        Value::Object(it) if it.is_empty() => Value::Null,
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn every_field_of_an_order_is_compared(
        one in arbitrary::order_submitted(), other in arbitrary::order_submitted(),
    ) {
        let theirs = serde_json::to_value(&other).unwrap();
        for name in OrderSubmitted::WIRE_NAMES {
            let mut mixed = serde_json::to_value(&one).unwrap();
            let same = plain(&mixed[name]) == plain(&theirs[name]);
            mixed[name] = theirs[name].clone();
            let mixed: OrderSubmitted = serde_json::from_value(mixed).unwrap();
            let due = same || !OrderRequest::WIRE_NAMES.contains(name);
            prop_assert_eq!(Ordered::from(&mixed) == Ordered::from(&one), due, "{}", name);
        }
    }

    #[test]
    fn a_record_and_its_order_compare_equally(
        record in arbitrary::order_record(), order in arbitrary::order_submitted(),
    ) {
        let json = json!({
            "orderId": order.order_id, "submittedAt": order.submitted_at,
            "customerId": record.customer_id, "productId": record.product_id,
            "quantity": record.quantity, "price": record.price, "metadata": record.metadata,
        });
        let same: OrderSubmitted = serde_json::from_value(json).unwrap();
        prop_assert_eq!(Ordered::from(&same), Ordered::from(&record));
        let differs = order.product_id != record.product_id;
        let record = OrderRecord { product_id: order.product_id, ..record };
        prop_assert_eq!(Ordered::from(&same) != Ordered::from(&record), differs);
    }
}
