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
fn a_firewall_that_blocks_more_is_a_finding() {
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
fn a_counting_rule_that_now_blocks_is_a_finding() {
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

/// The answer to a caller that a rule blocks.
#[test]
fn another_answer_of_the_firewall_is_a_finding() {
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

/// A lower number stops more, unless what it matches is let through, or is what does not match.
#[test]
fn a_limit_that_stops_less_is_exposed() {
    let sized = |action: &'static str, operator: &'static str, size: u64, is_not: bool| {
        move |tree: &mut Tree| {
            tree.block("prod", "api_gateway", ACL, |it| {
                let mut statement = json!([{ "size_constraint_statement": [{ "size": size,
                    "comparison_operator": operator, "field_to_match": [{ "query_string": [{}] }],
                    "text_transformation": [{ "priority": 0, "type": "NONE" }] }] }]);
                // The other statement matches the same requests before and after.
                let country = json!({ "geo_match_statement": [{ "country_codes": ["DE"] }] });
                statement = json!([{ "or_statement": [{ "statement": [country, statement[0]] }] }]);
                if is_not {
                    statement = json!([{ "not_statement": [{ "statement": statement }] }]);
                }
                it["rule"][0]["action"] = json!([{ action: [{}] }]);
                it["rule"][0]["statement"] = statement;
            });
        }
    };
    let exposed = format!("warning exposed prod module.api_gateway.{ACL}");
    let stopped = format!("warning stopped prod module.api_gateway.{ACL}");
    for (action, operator, is_not, stops_more) in [
        ("block", "GT", false, true),
        ("block", "GE", false, true),
        ("captcha", "GT", false, true),
        ("block", "LT", false, false),
        ("block", "LE", false, false),
        ("block", "GT", true, false),
        ("block", "LT", true, true),
        ("allow", "GT", false, false),
        ("allow", "LT", false, true),
        ("allow", "GT", true, true),
        ("block", "EQ", false, false),
        ("count", "GT", false, false),
    ] {
        let of = |size| sized(action, operator, size, is_not);
        let (right, wrong) = if stops_more { (&stopped, &exposed) } else { (&exposed, &stopped) };
        super::between(of(2000), of(1000), &[right]);
        super::never(of(2000), of(1000), wrong);
        // A rising value has the opposite effect, if the effect of the operator is known.
        if operator != "EQ" && action != "count" {
            super::between(of(1000), of(2000), &[wrong]);
            super::never(of(1000), of(2000), right);
        }
    }
    let limited = |action: &'static str, limit: u64| {
        move |tree: &mut Tree| {
            tree.block("prod", "api_gateway", ACL, |it| {
                it["rule"][0]["action"] = json!([{ action: [{}] }]);
                *found(&mut it["rule"][0], "limit").unwrap() = limit.into();
            });
        }
    };
    super::between(limited("allow", 2000), limited("allow", 100), &[&exposed]);
    super::between(limited("allow", 100), limited("allow", 2000), &[&stopped]);
}

/// Who was let through past the other rules meets them now.
#[test]
fn a_removed_allow_rule_is_reported_as_blocking() {
    let allow = |tree: &mut Tree| {
        tree.block("prod", "api_gateway", ACL, |it| {
            it["rule"][0]["action"] = json!([{ "allow": [{}] }]);
        });
    };
    let gone = |tree: &mut Tree| {
        tree.block("prod", "api_gateway", ACL, |it| {
            drop(it["rule"].as_array_mut().unwrap().remove(0))
        });
    };
    super::between(allow, gone, &[&format!("warning stopped prod module.api_gateway.{ACL}")]);
}
