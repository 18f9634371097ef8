//! Generates random orders. The same seed gives the same orders.

use fastrand::Rng;
use serde_json::{Value, json};

/// An order, and its expected result.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomOrder {
    /// The body of its request. The API accepts it, because its shape is right.
    pub body: Value,
    /// Whether it keeps the business rules. If not, it must be REJECTED.
    pub valid: bool,
}

/// Returns `count` orders, of which `invalid_percent` percent break a rule.
pub fn orders(seed: u64, count: usize, invalid_percent: u8) -> Vec<RandomOrder> {
    let mut random = Rng::with_seed(seed);
    let mut order = || {
        let valid = random.u8(0..100) >= invalid_percent;
        let mut body = valid_order(&mut random);
        if !valid {
            spoil(&mut body, &mut random);
        }
        RandomOrder { body, valid }
    };
    (0..count).map(|_| order()).collect()
}

fn valid_order(random: &mut Rng) -> Value {
    let metadata = random.bool().then(|| json!({ "channel": "load" }));
    json!({
        "customerId": format!("CUST-{:04}", random.u32(0..1_000_000)),
        "productId": format!("PROD-{:04}", random.u32(0..100_000)),
        "quantity": random.u8(1..=100),
        "price": price(random.u32(1..=1_000_000)),
        "metadata": metadata,
    })
}

/// Returns a price in cents as a number. The nearest double of such a small amount prints as the exact amount.
fn price(cents: u32) -> f64 {
    f64::from(cents) / 100.0
}

fn spoil(body: &mut Value, random: &mut Rng) {
    match random.u8(0..7) {
        0 => body["customerId"] = json!("CUST-12"),
        1 => body["customerId"] = json!(""),
        2 => body["productId"] = json!("PROD-12ab"),
        3 => body["quantity"] = json!(0),
        4 => body["quantity"] = json!(random.u32(101..1_000)),
        5 => body["price"] = json!(0),
        _ => body["price"] = json!(f64::from(random.u32(0..1_000)) + 0.125),
    }
}

#[cfg(test)]
mod tests {
    use contracts::{api::OrderRequest, order::OrderSubmitted};
    use proptest::prelude::*;
    use validator::judge;

    use super::*;

    fn submitted(body: &Value) -> OrderSubmitted {
        let order: OrderRequest = serde_json::from_value(body.clone()).unwrap();
        OrderSubmitted {
            order_id: "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned().try_into().unwrap(),
            customer_id: order.customer_id.into(),
            product_id: order.product_id.into(),
            quantity: order.quantity.into(),
            price: order.price.into(),
            metadata: order.metadata,
            submitted_at: "2025-07-20T13:06:28.324Z".to_owned().try_into().unwrap(),
        }
    }

    #[test]
    fn as_many_are_invalid_as_asked_for() {
        fn check(percent: u8, range: std::ops::RangeInclusive<usize>) {
            let invalid = orders(7, 1_000, percent).iter().filter(|it| !it.valid).count();
            assert!(range.contains(&invalid), "{invalid}");
        }
        check(0, 0..=0);
        check(10, 60..=140);
        check(100, 1_000..=1_000);
    }

    proptest! {
        #[test]
        fn the_validator_agrees(seed: u64, percent in 0_u8..=100) {
            let orders = orders(seed, 20, percent);
            prop_assert_eq!(&orders, &super::orders(seed, 20, percent));
            for order in orders {
                let judged = judge(submitted(&order.body));
                prop_assert_eq!(judged.is_ok(), order.valid, "{}: {:?}", order.body, judged);
            }
        }
    }
}
