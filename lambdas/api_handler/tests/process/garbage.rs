//! Every request gets a response, whatever the client sends.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::request::{BINARY, aws, order, post, send};

/// Any JSON, with numbers of any size and text of any kind.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i128>().prop_map(|it| it.to_string()),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,6})?",
        any::<String>().prop_map(|it| json!(it).to_string()),
        prop::sample::select(vec![
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            r#""\u0000""#,
            r#""CUST-1234""#
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec!["customerId", "productId", "quantity", "price", "metadata"])
                .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|it| format!("[{}]", it.join(","))),
            prop::collection::vec((name, inner), 0..6).prop_map(|fields| {
                let fields: Vec<_> =
                    fields.iter().map(|(name, it)| format!("{}:{it}", json!(name))).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// A valid order with any JSON in one field.
fn nearly_good() -> impl Strategy<Value = String> {
    let field =
        prop::sample::select(vec!["customerId", "productId", "quantity", "price", "metadata"]);
    (field, any_json()).prop_map(|(field, value)| {
        let mut order = order();
        order[field] = json!("HERE");
        order.to_string().replace("\"HERE\"", &value)
    })
}

fn nested() -> impl Strategy<Value = String> {
    let pair = prop::sample::select(vec![("[", "]"), ("{\"a\":", "}"), ("{\"metadata\":", "}")]);
    (pair, 1_usize..4_000, any::<bool>()).prop_map(|((open, close), depth, closed)| {
        let close = if closed { close.repeat(depth) } else { String::new() };
        format!("{}1{close}", open.repeat(depth))
    })
}

#[test]
fn any_body_gets_a_response() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let bytes = prop::collection::vec(any::<u8>(), 0..2_000).prop_map(|it| (it, true));
    let text = |it: String| (it.into_bytes(), false);
    let bodies = prop_oneof![
        bytes,
        any::<String>().prop_map(text),
        any_json().prop_map(text),
        nearly_good().prop_map(text),
        nested().prop_map(text),
    ];
    let mut runner = TestRunner::deterministic();
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..200 {
        let (bytes, encoded) = bodies.new_tree(&mut runner).unwrap().current();
        let body = match encoded {
            true => BASE64_STANDARD.encode(&bytes),
            false => String::from_utf8(bytes).unwrap(),
        };
        let mut event = post(body, json!({}));
        event["isBase64Encoded"] = json!(encoded);
        let seen = send(&mut function, &event);
        assert!([202, 400, 413].contains(&seen.status), "{seen:?} to {event}");
        *statuses.entry(seen.status).or_insert(0) += 1;
    }
    // The test is only useful if requests are refused for different reasons.
    assert!(statuses[&400] > 100 && statuses.contains_key(&202), "{statuses:?}");
    assert_eq!(send(&mut function, &post(order().to_string(), json!({}))).status, 202);
}

#[test]
fn an_event_that_is_not_a_request_is_unreadable_input() {
    let aws = aws();
    let mut function = aws.start(BINARY, &[]);
    let mut check = |event: &str| {
        let (error_type, _) = function.invoke_text(event).error();
        assert_eq!(error_type, "UnreadableInput", "{event}");
    };
    let good = post(order().to_string(), json!({})).to_string();
    check("null");
    check("{}");
    check(&good.replace("\"isBase64Encoded\":false", "\"isBase64Encoded\":\"\\ud800\""));
    check(&good.replace("\"httpMethod\":\"POST\"", "\"httpMethod\":\"\\ud800\""));
    let good: Value = serde_json::from_str(&good).unwrap();
    assert_eq!(send(&mut function, &good).status, 202);
}
