//! Random orders, and random answers of every task.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{
    order::{self, KIND},
    play::{Answer, Document, Run, play},
};

/// Returns runs of the machine of prod, which are the same every time.
pub(super) fn orders(count: u64) -> (Document, Vec<Run>) {
    let document = order::document("prod");
    let machine = document.parse();
    // Errors that end the execution would end most of these runs too early. `order` has them at every call.
    let ends = |name: &str| {
        ["States.Runtime", "States.DataLimitExceeded"].iter().any(|it| name.starts_with(it))
    };
    let failures: Vec<_> = order::failures().into_iter().filter(|(name, _)| !ends(name)).collect();
    let runs = (0..count).map(|seed| {
        let mut rng = Rng::with_seed(seed);
        let input = input(&mut rng);
        // The rate of failures, so that some runs succeed early and others retry many times.
        let odds = [0.2, 0.7, 0.95][rng.usize(0..3)];
        let told = ("prod", KIND, format!("seed {seed}"));
        let order = input.clone();
        play(&machine, told, input, |state, steps| {
            // No later call fails, so that most runs end.
            if steps < 40 && rng.f64() < odds {
                return failures[rng.usize(..failures.len())].1.clone();
            }
            answer(&mut rng, state, &order)
        })
    });
    let runs = runs.collect();
    (document, runs)
}

fn answer(rng: &mut Rng, state: &str, order: &Value) -> Answer {
    match state {
        "ValidateOrder" if rng.u8(..) < 80 => order::invalid(order, &text(rng)),
        "ValidateOrder" => order::valid(order, cents(rng)),
        "StoreOrder" => Answer::result(json!({ "Payload": value(rng, 3), "StatusCode": 200 })),
        _ => Answer::result(value(rng, 2)),
    }
}

/// Returns an order that the API accepts, and sometimes one with a field that it would refuse.
fn input(rng: &mut Rng) -> Value {
    let mut order = Map::new();
    for name in ["orderId", "customerId", "productId"] {
        order.insert(name.to_owned(), json!(text(rng)));
    }
    order.insert("submittedAt".to_owned(), json!("2023-11-14T22:13:19.000Z"));
    order.insert("quantity".to_owned(), json!(rng.i64(-1_000_000_000..=1_000_000_000)));
    order.insert("price".to_owned(), json!(cents(rng)));
    let pairs =
        |rng: &mut Rng| (0..rng.usize(..5)).map(|_| (text(rng), json!(text(rng)))).collect();
    let metadata = if rng.bool() { Value::Null } else { Value::Object(pairs(rng)) };
    order.insert("metadata".to_owned(), metadata);
    if rng.u8(..) < 40 {
        let names: Vec<String> = order.keys().cloned().collect();
        let name = names[rng.usize(..names.len())].clone();
        match rng.bool() {
            true => order.remove(&name),
            false => order.insert(name, value(rng, 2)),
        };
    }
    Value::Object(order)
}

/// Returns an amount with at most two decimal places.
fn cents(rng: &mut Rng) -> f64 {
    let most = 10_i64.pow(rng.u32(1..12));
    rng.i64(-most..most) as f64 / 100.0
}

fn text(rng: &mut Rng) -> String {
    const LETTERS: [char; 16] =
        ['a', 'b', 'Z', '0', '9', ' ', '{', '%', '}', '$', '\'', '"', '\\', '\n', 'ü', '🎁'];
    (0..rng.usize(..12)).map(|_| LETTERS[rng.usize(..LETTERS.len())]).collect()
}

fn value(rng: &mut Rng, depth: u8) -> Value {
    match rng.u8(..if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i32(-100..100)),
        3 => json!(cents(rng)),
        4 => json!(text(rng)),
        5 => (0..rng.usize(..3)).map(|_| value(rng, depth - 1)).collect(),
        _ => {
            let pairs = (0..rng.usize(..3)).map(|_| (text(rng), value(rng, depth - 1)));
            Value::Object(pairs.collect())
        }
    }
}
