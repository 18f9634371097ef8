//! The way of a good order, and every way off it: each state on the way fails in each way that the machine names.

use std::collections::BTreeSet;

use expect_test::expect_file;
use serde_json::{Value, json};

use super::{Answer, Error, Payload, Timeout, committed, environments, mutants, order, run, valid};

/// The answer of each state if nothing fails.
fn good(state: &str) -> Answer {
    match state {
        "ValidateOrder" => Payload(json!({ "valid": valid() })),
        "StoreOrder" => Payload(json!({"orderId": "o-1", "status": "PROCESSING"})),
        _ => Payload(Value::Null),
    }
}

/// The errors that a state retries or catches, and one that it does not name.
fn errors(state: &Value) -> Vec<Answer> {
    let handled = ["Retry", "Catch"].into_iter().flat_map(|it| state[it].as_array());
    let named = handled.flatten().filter_map(|it| it["ErrorEquals"].as_array()).flatten();
    let named: BTreeSet<&str> = named.filter_map(Value::as_str).collect();
    let named = named.into_iter().filter(|it| !it.starts_with("States."));
    let named = named.map(|it| Error(it.to_owned().leak(), "a cause"));
    named.chain([Error("AnyError", "a cause"), Timeout]).collect()
}

/// Runs a good order, on which `failing` fails with an error, and returns the way and the end.
fn way(
    environment: &str,
    failing: Option<(&str, &Answer)>,
    asked: &mut Vec<(String, Value)>,
) -> String {
    let (seen, end) = run(environment, order(), |state, arguments, _| {
        if !asked.iter().any(|(it, _)| it == state) {
            asked.push((state.to_owned(), arguments.clone()));
        }
        match failing {
            Some((it, answer)) if it == state => answer.clone(),
            _ => good(state),
        }
    });
    format!("{}\n  {end:?}\n", seen.join(" "))
}

/// Everything about a good order in one environment: what its states ask for, its way, and the ways of its errors.
fn rendered(environment: &str) -> String {
    let document = committed(environment);
    let mut asked = Vec::new();
    let mut rendered = format!("stored: {}", way(environment, None, &mut asked));
    for (state, arguments) in asked {
        rendered.push_str(&format!("\n{state} asks for {arguments}\n"));
        for error in errors(&document["States"][&state]) {
            let name = match error {
                Error(name, _) => name,
                _ => "States.Timeout",
            };
            rendered.push_str(&format!("{state} fails with {name}: "));
            rendered.push_str(&way(environment, Some((&state, &error)), &mut Vec::new()));
        }
    }
    rendered
}

/// Other tests judge the states one by one. This one also has the states without a test of their own.
#[test]
pub(super) fn every_way_of_a_good_order_is_read_when_it_changes() {
    let file = expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/tests/order/routes.txt")];
    for environment in environments() {
        let rendered = rendered(environment);
        match mutants::machine() {
            // A mistake on purpose must not be blessed.
            Some(_) => assert!(rendered == file.data(), "another way"),
            None => {
                println!(
                    "If the difference below is right, run `cargo xtask bless`, and commit it."
                );
                file.assert_eq(&rendered);
            }
        }
    }
}
