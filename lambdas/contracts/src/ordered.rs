//! What a customer ordered, apart from when and how far it has come: by it two requests, or a request
//! and a record, are known to be of the same order.

use std::collections::BTreeMap;

use crate::{
    domain::Metadata,
    order::{OrderRecord, OrderSubmitted},
};

/// An order's contents, to be compared.
#[derive(Debug, PartialEq)]
pub struct Ordered<'a> {
    customer_id: &'a str,
    product_id: &'a str,
    quantity: i64,
    /// 60, 60.0 and 6e1 are the same price. A double holds every price that is taken.
    price: Option<f64>,
    /// No metadata and nothing in it are the same.
    metadata: Option<&'a BTreeMap<String, String>>,
}

// Each field is named, so that one that is added does not compile until somebody says whether it was ordered.

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
