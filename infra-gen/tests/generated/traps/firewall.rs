//! The firewall before the API of prod.

use std::collections::BTreeSet;

use contracts::api::OrderRequest;
use function_contract::{http::ApiError, read::RequestBody as _};
use infra_gen::config::Environment;
use serde_json::Value;

use crate::root::{Root, inner};

/// One bound in bytes: what the type of the body allows passes the firewall, which looks at all of it.
#[test]
fn the_firewall_passes_the_longest_order() {
    const STEPS: [(u64, &str); 4] =
        [(16_384, "KB_16"), (32_768, "KB_32"), (49_152, "KB_48"), (65_536, "KB_64")];
    let root = Root::of(Environment::Prod);
    let firewall = root.resource("aws_wafv2_web_acl", "api_gateway.orders");
    let rules = firewall["rule"].as_array().unwrap();
    let rule = |name: &str| rules.iter().find(|it| it["name"] == name).unwrap();
    let body_size = rule("body_size");
    let size = body_size["statement"][0]["size_constraint_statement"][0]["size"].as_u64().unwrap();
    assert!(size >= u64::try_from(OrderRequest::MOST_BYTES).unwrap());
    // The function takes what the firewall passes, and each says the same of what is longer.
    assert_eq!(size, u64::try_from(OrderRequest::LARGEST_BYTES).unwrap());
    let request_body = &firewall["association_config"][0]["request_body"][0];
    let step = &request_body["api_gateway"][0]["default_size_inspection_limit"];
    let (inspected, _) = STEPS.into_iter().find(|(_, it)| step == it).unwrap();
    assert!(inspected >= size);
    let answer = &body_size["action"][0]["block"][0]["custom_response"][0];
    assert_eq!(answer["response_code"], 413);
    let body = &firewall["custom_response_body"][0];
    assert_eq!(answer["custom_response_body_key"], body["key"]);
    let error: ApiError = serde_json::from_value(inner(&body["content"])).unwrap();
    assert_eq!((&*error.error, error.message), ("REQUEST_TOO_LARGE", OrderRequest::too_large()));
    // AWS's own rule knows 8 KB.
    // https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
    let common = &rule("common")["statement"][0]["managed_rule_group_statement"][0];
    let overridden = common["rule_action_override"].as_array().unwrap();
    let own = overridden.iter().find(|it| it["name"] == "SizeRestrictions_BODY").unwrap();
    assert!(own["action_to_use"][0]["count"].is_array(), "{own}");
}

/// Credentials of callers are not recorded: neither in the log nor in samples, nor in the keys that a rate-based rule
/// reports. The log's own list has no effect on samples.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_DataProtection.html>
#[test]
fn the_firewall_keeps_no_secret_header() {
    let root = Root::of(Environment::Prod);
    let firewall = root.resource("aws_wafv2_web_acl", "api_gateway.orders");
    let protected = &firewall["data_protection_config"][0]["data_protection"];
    let mut headers = BTreeSet::new();
    for it in protected.as_array().unwrap() {
        assert_eq!(it["action"], "SUBSTITUTION");
        for exception in ["exclude_rate_based_details", "exclude_rule_match_details"] {
            assert_ne!(it[exception], true, "{exception}");
        }
        let field = &it["field"][0];
        assert_eq!(field["field_type"], "SINGLE_HEADER");
        headers
            .extend(field["field_keys"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()));
    }
    // Without a key, each header would be protected, and no rule could be understood from the log.
    assert_eq!(headers, BTreeSet::from(["authorization", "x-api-key"]));
    let logging = root.resource("aws_wafv2_web_acl_logging_configuration", "api_gateway.orders");
    let redacted = logging["redacted_fields"].as_array().unwrap().iter();
    let redacted = redacted.map(|it| it["single_header"][0]["name"].as_str().unwrap()).collect();
    assert_eq!(headers, redacted);
}

/// A shop's server calls for all its customers: one key and one address, up to all that the API takes.
#[test]
fn the_firewall_counts_a_caller_by_its_key() {
    let root = Root::of(Environment::Prod);
    let firewall = root.resource("aws_wafv2_web_acl", "api_gateway.orders");
    let plan = &root.resource("aws_api_gateway_usage_plan", "api_gateway.orders");
    let throttle = &plan["throttle_settings"][0];
    let number = |it: &Value| it.as_u64().unwrap();
    let rules = firewall["rule"].as_array().unwrap();
    let rates: Vec<&Value> = rules
        .iter()
        .map(|it| &it["statement"][0]["rate_based_statement"][0])
        .filter(|it| !it.is_null())
        .collect();
    let by_key = |it: &&Value| it["custom_key"][0]["header"][0]["name"] == "x-api-key";
    assert_eq!(rates.iter().copied().filter(by_key).count(), 1);
    for rate in rates {
        let window = number(&rate["evaluation_window_sec"]);
        let takes = number(&throttle["rate_limit"]) * window + number(&throttle["burst_limit"]);
        // An address may be of many callers. Each method of the API takes as much by itself.
        let methods = root.resources("aws_api_gateway_method").len() as u64;
        let takes = if by_key(&rate) { takes } else { takes * methods };
        assert!(number(&rate["limit"]) >= takes, "{rate} stops who keeps to the limits");
    }
}
