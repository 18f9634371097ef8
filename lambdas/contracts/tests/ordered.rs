//! What was ordered is compared and shown as a whole: a field that is added to the order is in the fingerprint
//! of a repeated request, in the record, and in the answer of `GET`.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod arbitrary;

use contracts::{
    api::{OrderRequest, OrderView},
    order::{OrderRecord, OrderSubmitted},
    ordered::Ordered,
    path::Payload as _,
};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn every_field_that_is_ordered_goes_all_the_way() {
    for name in OrderRequest::WIRE_NAMES {
        assert!(OrderSubmitted::WIRE_NAMES.contains(name), "{name}");
        assert!(OrderView::WIRE_NAMES.contains(name), "GET does not show {name}");
    }
}

/// As JSON compares it: 60 is 60.0, and no metadata are the same as none in it.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(it) => json!(it.as_f64()),
        Value::Object(it) if it.is_empty() => Value::Null,
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn every_field_that_is_ordered_is_compared(
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
    fn a_record_is_compared_as_its_order_is(
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
