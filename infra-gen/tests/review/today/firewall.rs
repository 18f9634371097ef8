//! A firewall that stops those whom it let in.

use serde_json::{Value, json};

use super::{Tree, check};

const ACL: &str = "aws_wafv2_web_acl.orders";

fn stops(severity: &str, edit: impl Fn(&mut Value)) {
    let told = format!("{severity} stopped prod module.api_gateway.{ACL}");
    check(|tree: &mut Tree| tree.block("prod", "api_gateway", ACL, &edit), &[&told]);
}

/// The first value below a rule that has this name.
fn found<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(fields) => {
            if fields.contains_key(name) {
                return fields.get_mut(name);
            }
            fields.values_mut().find_map(|it| found(it, name))
        }
        Value::Array(items) => items.iter_mut().find_map(|it| found(it, name)),
        _ => None,
    }
}

#[test]
fn a_firewall_that_stops_more_is_told() {
    stops("danger", |it| it["default_action"] = json!([{ "block": [{}] }]));
    let visibility = json!([{ "cloudwatch_metrics_enabled": true, "metric_name": "more",
        "sampled_requests_enabled": true }]);
    for action in ["block", "captcha", "challenge"] {
        let visibility = visibility.clone();
        stops("warning", move |it| {
            it["rule"].as_array_mut().unwrap().push(json!({ "name": "more", "priority": 99,
                "action": [{ action: [{}] }],
                "statement": [{ "geo_match_statement": [{ "country_codes": ["DE"] }] }],
                "visibility_config": visibility }));
        });
    }
    // A group of AWS's that only counted.
    stops("warning", |it| {
        it["rule"].as_array_mut().unwrap().push(json!({ "name": "more", "priority": 99,
            "override_action": [{ "none": [{}] }],
            "statement": [{ "managed_rule_group_statement": [{ "name": "x", "vendor_name": "AWS" }] }],
            "visibility_config": visibility }));
    });
    stops("warning", |it| *found(&mut it["rule"], "limit").unwrap() = 10.into());
    stops("warning", |it| *found(&mut it["rule"], "size").unwrap() = 1024.into());
}

#[test]
fn a_rule_that_counted_and_blocks_is_told() {
    let set = |action: &'static str| {
        move |tree: &mut Tree| {
            tree.block("prod", "api_gateway", ACL, |it| {
                it["rule"][0]["action"] = json!([{ action: [{}] }]);
            });
        }
    };
    let told = format!("warning stopped prod module.api_gateway.{ACL}");
    super::between(set("count"), set("block"), &[&told]);
    super::between(set("allow"), set("captcha"), &[&told]);
}

/// What a caller is answered that a rule stops.
#[test]
fn another_answer_of_the_firewall_is_told() {
    let told = format!("warning flow-changed prod module.api_gateway.{ACL}");
    check(
        |tree| {
            tree.block("prod", "api_gateway", ACL, |it| {
                *found(&mut it["rule"], "response_code").unwrap() = 200.into();
            });
        },
        &[&told],
    );
}
