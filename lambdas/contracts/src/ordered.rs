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
    /// 60, 60.0 and 6e1 are the same price.
    price: Option<f64>,
    /// No metadata and nothing in it are the same.
    metadata: Option<&'a BTreeMap<String, String>>,
}

impl<'a> From<&'a OrderSubmitted> for Ordered<'a> {
    fn from(order: &'a OrderSubmitted) -> Self {
        Ordered {
            customer_id: &order.customer_id,
            product_id: &order.product_id,
            quantity: order.quantity,
            price: order.price.as_f64(),
            metadata: pairs(order.metadata.as_ref()),
        }
    }
}

impl<'a> From<&'a OrderRecord> for Ordered<'a> {
    fn from(order: &'a OrderRecord) -> Self {
        Ordered {
            customer_id: &order.customer_id,
            product_id: &order.product_id,
            quantity: order.quantity,
            price: order.price.as_f64(),
            metadata: pairs(order.metadata.as_ref()),
        }
    }
}

fn pairs(metadata: Option<&Metadata>) -> Option<&BTreeMap<String, String>> {
    metadata.map(Metadata::pairs).filter(|it| !it.is_empty())
}
