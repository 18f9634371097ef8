//! The contents of an order, without its times and status. They show whether two requests, or a request and a record,
//! are for the same order.

use std::collections::BTreeMap;

use crate::{
    domain::Metadata,
    order::{OrderRecord, OrderSubmitted},
};

/// The contents of an order, for comparison.
#[derive(Debug, PartialEq)]
pub struct Ordered<'a> {
    customer_id: &'a str,
    product_id: &'a str,
    quantity: i64,
    /// As a double, because 60, 60.0 and 6e1 are the same price. A double can represent every accepted price.
    price: Option<f64>,
    /// Absent metadata equals empty metadata.
    metadata: Option<&'a BTreeMap<String, String>>,
}

// The pattern names each field, so a new field does not compile until it is either compared or left out here.

impl<'a> From<&'a OrderSubmitted> for Ordered<'a> {
    fn from(order: &'a OrderSubmitted) -> Self {
        let OrderSubmitted {
            order_id: _,
            customer_id,
            product_id,
            quantity,
            price,
            metadata,
            submitted_at: _,
        } = order;
        Ordered {
            customer_id,
            product_id,
            quantity: *quantity,
            price: price.as_f64(),
            metadata: pairs(metadata.as_ref()),
        }
    }
}

impl<'a> From<&'a OrderRecord> for Ordered<'a> {
    fn from(order: &'a OrderRecord) -> Self {
        let OrderRecord {
            order_id: _,
            customer_id,
            product_id,
            quantity,
            price,
            total_amount: _,
            status: _,
            created_at: _,
            updated_at: _,
            validation_status: _,
            metadata,
            fulfillment_details: _,
            failure_reason: _,
            failure_timestamp: _,
            error_message: _,
            expires_at: _,
            round: _,
            dead_letter: _,
        } = order;
        Ordered {
            customer_id,
            product_id,
            quantity: *quantity,
            price: price.as_f64(),
            metadata: pairs(metadata.as_ref()),
        }
    }
}

fn pairs(metadata: Option<&Metadata>) -> Option<&BTreeMap<String, String>> {
    metadata.map(Metadata::pairs).filter(|it| !it.is_empty())
}
