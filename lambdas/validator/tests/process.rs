//! Runs the real binary with Lambda's runtime API.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use host::{Answer, Function};
use serde_json::{Value, json};

const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
const SUBMITTED: &str = "2025-07-20T13:06:28.324Z";
const ENVIRONMENT: [(&str, &str); 2] =
    [("LOG_LEVEL", "info"), ("METRICS_NAMESPACE", "dofs-dev/orders")];

fn start() -> Function {
    Function::start(env!("CARGO_BIN_EXE_validator"), &ENVIRONMENT)
}

/// A valid order, with changes to these fields.
fn order(but: Value) -> Value {
    let mut order = json!({
        "orderId": ORDER,
        "customerId": "CUST-1234",
        "productId": "PROD-1234",
        "quantity": 2,
        "price": 29.99,
        "metadata": null,
        "submittedAt": SUBMITTED,
    });
    for (name, value) in but.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

#[test]
fn a_valid_order_is_answered() {
    let mut function = start();
    let mut check = |but: Value, price: Value, total: Value| {
        let mut expected = order(but.clone());
        expected["price"] = price;
        expected["totalAmount"] = total;
        let expected = json!({ "valid": expected });
        assert_eq!(function.invoke(&order(but)), Answer::Response(expected));
    };
    check(json!({}), json!(29.99), json!(59.98));
    check(json!({ "metadata": { "gift": "ja, für dich 🎁" } }), json!(29.99), json!(59.98));
    check(json!({ "price": 60.0 }), json!(60), json!(120));
    check(json!({ "quantity": 100, "price": 10_000 }), json!(10_000), json!(1_000_000));
    check(json!({ "quantity": 1, "price": 0.01 }), json!(0.01), json!(0.01));
}

#[test]
fn every_violation_is_named_at_once() {
    let mut function = start();
    let mut check = |but: Value, pointers: &[&str]| {
        // A regular output, not an error: the function works as it should.
        let answer = function.invoke(&order(but.clone())).response();
        let mut rejected = answer["invalid"].clone();
        assert_eq!(answer, json!({ "invalid": rejected }));
        let failed_at = rejected["failedAt"].take();
        assert!(failed_at.as_str().unwrap() > SUBMITTED, "{failed_at}");
        let cause = rejected["cause"].take();
        let cause: Value = serde_json::from_str(cause.as_str().unwrap()).unwrap();
        let mut expected = order(but);
        expected["totalAmount"] = Value::Null;
        expected["validationStatus"] = json!("INVALID");
        expected["error"] = json!("OrderInvalid");
        expected["failedAt"] = Value::Null;
        expected["cause"] = Value::Null;
        expected["canceled"] = Value::Null;
        assert_eq!(rejected, expected);
        let problems = cause["problems"].as_array().unwrap();
        let found: Vec<_> = problems.iter().map(|it| it["pointer"].as_str().unwrap()).collect();
        assert_eq!(found, pointers, "{cause}");
        assert!(problems.iter().all(|it| !it["message"].as_str().unwrap().is_empty()), "{cause}");
    };
    check(json!({ "customerId": "CUST-12" }), &["/customerId"]);
    check(json!({ "price": 1e-7 }), &["/price"]);
    check(json!({ "price": 29.999 }), &["/price"]);
    check(json!({ "price": -1 }), &["/price"]);
    check(json!({ "quantity": 0 }), &["/quantity"]);
    check(
        json!({ "customerId": "", "productId": "CUST-1234", "quantity": -3, "price": 1e9 }),
        &["/customerId", "/productId", "/quantity", "/price"],
    );
}

/// The state machine may have begun with a later version.
#[test]
fn a_field_of_a_later_version_is_ignored() {
    let mut function = start();
    let valid = function.invoke(&order(json!({ "surplus": 1 }))).response();
    assert_eq!(valid, function.invoke(&order(json!({}))).response());
    assert!(valid["valid"].get("surplus").is_none(), "{valid}");
}

#[test]
fn an_unreadable_event_has_an_error_name_and_does_no_harm() {
    let mut function = start();
    let mut check = |event: &str, expected: &str| {
        let (error_type, error_message) = function.invoke_text(event).error();
        assert_eq!(error_type, expected, "{error_message}");
        assert!(error_message.len() < 1_000, "{error_message}");
        assert!(function.invoke(&order(json!({}))).response()["valid"]["totalAmount"] == 59.98);
    };
    let unreadable = "UnreadableInput";
    check("null", unreadable);
    check("[]", unreadable);
    check("7", unreadable);
    check("\"text\"", unreadable);
    check("{}", unreadable);
    let mut without = order(json!({}));
    without.as_object_mut().unwrap().remove("price");
    check(&without.to_string(), unreadable);
    check(&order(json!({ "quantity": "2" })).to_string(), unreadable);
    check(&order(json!({ "quantity": 2.5 })).to_string(), unreadable);
    check(&order(json!({ "price": "29.99" })).to_string(), unreadable);
    check(&order(json!({ "orderId": "../../etc" })).to_string(), unreadable);
    check(&order(json!({ "metadata": { "a": 300 } })).to_string(), unreadable);
    let huge = order(json!({})).to_string().replace("29.99", "1e999");
    check(&huge, unreadable);
    let surrogate = order(json!({})).to_string().replace("CUST-1234", "\\ud800");
    check(&surrogate, unreadable);
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    check(&deep(100_000), unreadable);
    check(&format!("{{\"metadata\":{}}}", deep(100_000)), unreadable);
    check(&order(json!({})).to_string().replace("null", &deep(100_000)), unreadable);
    // Lambda accepts only JSON as input, so these events never come. They have no error name of ours, because
    // lambda_runtime parses the text first.
    let no_json = "&lambda_runtime::deserializer::DeserializeError";
    check("", no_json);
    check("{\"orderId\":", no_json);
    check("\u{0}", no_json);
}

#[test]
fn every_variable_that_is_wrong_is_named() {
    fn check(variables: &[(&str, &str)], wrong: &[&str]) {
        let binary = env!("CARGO_BIN_EXE_validator");
        let ended = Function::start_in_vain(binary, variables);
        assert!(!ended.status.success(), "{}", ended.status);
        let lines = ended.output.lines();
        let named: Vec<_> = lines.iter().map(|it| it["variable"].as_str().unwrap()).collect();
        assert_eq!(named, wrong, "{}", ended.output);
        assert!(lines.iter().all(|it| it["level"] == "ERROR" && it["function"] == "validator"));
        assert!(lines.iter().all(|it| !it["problem"].as_str().unwrap().is_empty()));
    }
    check(&[], &["LOG_LEVEL", "METRICS_NAMESPACE"]);
    check(&ENVIRONMENT[..1], &["METRICS_NAMESPACE"]);
    check(&[("LOG_LEVEL", "loud"), ENVIRONMENT[1]], &["LOG_LEVEL"]);
}

#[test]
fn logs_are_found_by_order_and_by_request() {
    let mut function = start();
    let mut check = |but: Value, message: &str| {
        let seen = function.output().lines().len();
        function.invoke(&order(but));
        let lines = function.output().lines().split_off(seen);
        let logs: Vec<_> = lines.iter().filter(|it| it["_aws"].is_null()).collect();
        assert_eq!(logs.len(), 1, "{}", function.output());
        assert_eq!(logs[0]["message"], message);
        assert_eq!(logs[0]["level"], "INFO");
        assert_eq!(logs[0]["order_id"], ORDER);
        assert_eq!(logs[0]["span"]["request_id"], function.request_id());
        assert!(logs[0]["span"]["trace_id"].as_str().unwrap().starts_with("Root="));
        assert!(logs[0]["timestamp"].as_str().unwrap().ends_with('Z'));
        // The log must not contain the customer's data.
        assert!(!function.output().text().contains("secret"), "{}", function.output());
    };
    let attached = json!({ "gift": "secret" });
    check(json!({ "metadata": attached }), "the order keeps every rule");
    check(json!({ "customerId": "secret", "metadata": attached }), "the order breaks rules");
}

#[test]
fn metrics_pass_at_every_log_level() {
    fn check(level: &str, said: usize) {
        let binary = env!("CARGO_BIN_EXE_validator");
        let mut function = Function::start(binary, &[("LOG_LEVEL", level), ENVIRONMENT[1]]);
        function.invoke(&order(json!({ "quantity": 0 }))).response();
        let output = function.output();
        assert_eq!(output.counted("VerdictsInvalid").len(), 1, "{level}: {output}");
        assert_eq!(output.said("the order breaks rules").len(), said, "{level}: {output}");
    }
    check("debug", 1);
    check("info", 1);
    check("warn", 0);
}

#[test]
fn rejected_orders_are_counted() {
    let mut function = start();
    function.invoke(&order(json!({}))).response();
    assert!(function.output().counted("VerdictsInvalid").is_empty());
    function.invoke(&order(json!({ "quantity": 0 }))).response();
    let counted = function.output().counted("VerdictsInvalid");
    assert_eq!(counted.len(), 1, "{}", function.output());
    assert_eq!(counted[0]["VerdictsInvalid"], 1);
    assert_eq!(counted[0]["order_id"], ORDER);
    assert_eq!(counted[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"], "dofs-dev/orders");
}
