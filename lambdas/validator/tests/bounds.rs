//! Tests the values on both sides of every limit of an order.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use contracts::{domain::Quantity, money::Money, order::OrderSubmitted};
use function_contract::http::Problem;
use serde_json::{Value, json};
use validator::judge;

/// A valid order, with a change of one field.
fn order(field: &str, value: Value) -> OrderSubmitted {
    let mut order = json!({
        "orderId": "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3",
        "customerId": "CUST-1234",
        "productId": "PROD-1234",
        "quantity": 2,
        "price": 29.99,
        "metadata": null,
        "submittedAt": "2025-07-20T13:06:28.324Z",
    });
    order[field] = value;
    serde_json::from_value(order).unwrap()
}

#[track_caller]
fn kept(field: &str, value: Value) {
    let judged = judge(order(field, value.clone()));
    let judged = judged.unwrap_or_else(|problems| panic!("{field} {value}: {problems:?}"));
    let read = serde_json::to_value(&judged).unwrap()[field].clone();
    assert_eq!(read, value, "{field}");
}

#[track_caller]
fn broken(field: &str, value: Value, message: &str) {
    let expected = Problem { pointer: format!("/{field}"), message: message.to_owned() };
    assert_eq!(judge(order(field, value.clone())), Err(vec![expected]), "{field} {value}");
}

#[test]
fn a_quantity_is_1_to_100() {
    let message = "must be a whole number from 1 to 100";
    for good in [1, 2, 99, 100] {
        kept("quantity", json!(good));
    }
    for bad in [0, -1, 101, 255, 256, 257, 1_000_000_000, -1_000_000_000, i64::MAX, i64::MIN] {
        broken("quantity", json!(bad), message);
    }
}

#[test]
fn a_price_is_a_cent_to_10000() {
    let message = "must be 0.01 to 10000 with at most two decimals";
    for good in [json!(0.01), json!(0.1), json!(1), json!(9_999.99), json!(10_000)] {
        kept("price", good);
    }
    for bad in [0.0, -0.01, 0.001, 0.009, 0.011, 9_999.999, 10_000.01, 10_001.0, 1e9, 1e-9, -1.0] {
        broken("price", json!(bad), message);
    }
    broken("price", json!(0), message);
    broken("price", json!(1_000_000_000), message);
}

#[test]
fn an_id_has_4_to_59_digits() {
    for (field, prefix, example) in
        [("customerId", "CUST-", "CUST-1234"), ("productId", "PROD-", "PROD-1234")]
    {
        let message = format!("must look like {example}");
        let digits = |count: usize| json!(format!("{prefix}{}", "7".repeat(count)));
        for good in [4, 5, 58, 59] {
            kept(field, digits(good));
        }
        for bad in [0, 1, 3, 60, 251] {
            broken(field, digits(bad), &message);
        }
        let wrong = ["", "1234", &example[1..], &example.to_lowercase(), &format!(" {example}")];
        for bad in wrong.into_iter().chain([&*format!("{example} "), &format!("{prefix}12_4")]) {
            broken(field, json!(bad), &message);
        }
    }
}

/// Every order within the limits has a valid total.
#[test]
fn the_largest_order_has_a_total() {
    let mut largest = order("quantity", json!(100));
    largest.price = 10_000.into();
    assert_eq!(judge(largest).unwrap().total_amount.to_string(), "1000000.00");
    let mut smallest = order("quantity", json!(1));
    smallest.price = serde_json::from_str("0.01").unwrap();
    assert_eq!(judge(smallest).unwrap().total_amount.to_string(), "0.01");
    assert_eq!(Money::from_cents(1_000_001).unwrap().times(Quantity::try_from(100).unwrap()), None);
}
