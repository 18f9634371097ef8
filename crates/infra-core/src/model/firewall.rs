//! Firewalls: a WAF web ACL in front of an API, with managed rule groups of AWS, a rate limit for each caller, and a
//! limit of the body's size.

use std::borrow::Cow;

use function_contract::http::{API_KEY_HEADER, ApiError};

use super::{
    expr::Body,
    limits::{CallerRate, LogRetention},
    name::Id,
    rest_api::{LargestBody, RestApi, for_browsers},
    stack::{Handle, Kind, Meta, Module},
};
use crate::violation::Violation;

/// A web ACL.
pub enum Firewall {}

impl Kind for Firewall {
    const TF_TYPE: &'static str = "aws_wafv2_web_acl";
    const LABEL: &'static str = "firewall";
    type Facts = ();
}

/// The limits of a firewall.
#[derive(Debug, Clone, Copy)]
pub struct FirewallSpec {
    /// Requests of one caller in five minutes. A caller is an API key if the API requires one, otherwise an IP address.
    pub from_one_caller: CallerRate,
    /// How long its log is kept.
    pub log_retention: LogRetention,
}

/// The managed rule groups of AWS in the order of evaluation, with those of their rules that only count.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>
const MANAGED: &[(&str, &str, &[&str])] = &[
    ("reputation", "AWSManagedRulesAmazonIpReputationList", &[]),
    ("known_bad_inputs", "AWSManagedRulesKnownBadInputsRuleSet", &[]),
    // An order may be larger than the 8 KB that this rule allows. Another rule limits the size of a body.
    ("common", "AWSManagedRulesCommonRuleSet", &["SizeRestrictions_BODY"]),
    // Shops call from hosting providers, so a hosting provider's address alone is not blocked.
    ("anonymous", "AWSManagedRulesAnonymousIpList", &["HostingProviderIPList"]),
];

/// The body sizes that WAF can inspect, with their names. Sizes above the first cost more.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html>
const INSPECTED: [(usize, &str); 4] =
    [(16_384, "KB_16"), (32_768, "KB_32"), (49_152, "KB_48"), (65_536, "KB_64")];
/// The key of the custom response to a body that is too large.
const TOO_LARGE: &str = "too_large";

/// Headers with credentials. WAF keeps neither of them: not in its log, not in sampled requests, and not in the details
/// of rate-based rules.
const SECRET_HEADERS: &[&str] = &["authorization", API_KEY_HEADER];
/// The window in which WAF counts requests, in seconds.
const RATE_WINDOW: u32 = 300;

impl Module<'_> {
    /// Puts a firewall in front of an API's stage, and logs the requests that it blocks.
    #[track_caller]
    pub fn firewall(&mut self, id: Id, api: &Handle<RestApi>, spec: FirewallSpec) {
        let name = id.name();
        let prefix = self.aws_name(name);
        let described = self.stack.apis.iter_mut().filter(|it| it.address == *api.address());
        described.for_each(|it| it.has_firewall = true);
        // The firewall must not block a caller who keeps to the API's own limits.
        let most = api.requests_of_a_key_in(RATE_WINDOW);
        if api.key().is_some() && spec.from_one_caller.get() < most {
            let address = self.address(Firewall::TF_TYPE, name);
            self.stack.violate(Violation::new(
                "limit/firewall-rate",
                address.as_str(),
                format!(
                    "it blocks a key above {} requests in {RATE_WINDOW} s, but the API accepts {most} from one key",
                    spec.from_one_caller.get()
                ),
                format!("raise the firewall's rate for one caller to {most}, or lower the rate of the API"),
            ));
        }
        let largest = largest_body(api);
        let inspected = INSPECTED.into_iter().find(|(bytes, _)| largest.bytes <= *bytes);
        if inspected.is_none() {
            let address = self.address(Firewall::TF_TYPE, name);
            self.stack.violate(Violation::new(
                "limit/firewall-body",
                address.as_str(),
                format!(
                    "the API accepts bodies of {} bytes, but a firewall inspects at most 65536",
                    largest.bytes
                ),
                "accept only shorter bodies, or let clients upload to S3",
            ));
        }
        let (_, inspected) = inspected.unwrap_or(INSPECTED[INSPECTED.len() - 1]);
        let limit = one([("default_size_inspection_limit", inspected.into())]);
        let body = Body::map([
            ("name", prefix.clone().into()),
            ("description", id.doc().into()),
            ("scope", "REGIONAL".into()),
            ("default_action", one([("allow", one::<&str>([]))])),
            ("association_config", one([("request_body", one([("api_gateway", limit)]))])),
            ("custom_response_body", Body::List(vec![too_large(&largest)])),
            ("data_protection_config", one([("data_protection", without_secrets())])),
            ("rule", Body::List(rules(&prefix, api, spec, &largest))),
            ("visibility_config", visibility(prefix.clone())),
        ]);
        let firewall: Handle<Firewall> = self.add(id, (), body);

        let body = Body::map([
            ("resource_arn", api.stage("arn").into()),
            ("web_acl_arn", firewall.attribute("arn").into()),
        ]);
        let doc = "Puts the firewall in front of the stage.";
        self.push("aws_wafv2_web_acl_association", name, doc, body, Meta::default());

        let group = self.log_group(
            &format!("{name}_firewall"),
            // WAF requires this prefix.
            format!("aws-waf-logs-{prefix}"),
            spec.log_retention,
            "The log of the firewall: which rule stopped what.".to_owned(),
        );
        // This redacts the log only. `without_secrets` covers the details of rate-based rules, too.
        let redacted = SECRET_HEADERS
            .iter()
            .map(|it| Body::map([("single_header", one([("name", Body::from(*it))]))]));
        let stopped = Body::map([
            ("behavior", "KEEP".into()),
            ("requirement", "MEETS_ANY".into()),
            ("condition", one([("action_condition", one([("action", "BLOCK".into())]))])),
        ]);
        let filter =
            Body::map([("default_behavior", "DROP".into()), ("filter", Body::List(vec![stopped]))]);
        let body = Body::map([
            ("resource_arn", firewall.attribute("arn").into()),
            ("log_destination_configs", Body::list([group.attribute("arn")])),
            ("redacted_fields", Body::List(redacted.collect())),
            ("logging_filter", Body::List(vec![filter])),
        ]);
        let doc = "Logs what is stopped, without what proves who calls.";
        let tf_type = "aws_wafv2_web_acl_logging_configuration";
        self.push(tf_type, name, doc, body, Meta::default());
    }
}

/// The rate rules. If the API requires a key, they count by key, because a server that calls for all its customers has
/// one address. An address is then blocked only above the limit of the whole API, because a caller can invent keys.
///
/// WAF does not count requests without the header that it counts by.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatementCustomKey.html>
fn rates(api: &Handle<RestApi>, spec: FirewallSpec) -> (Body, Option<Body>) {
    let rate = |by: &'static str, limit: u32| {
        Body::map([
            ("aggregate_key_type", by.into()),
            ("evaluation_window_sec", RATE_WINDOW.into()),
            ("limit", limit.into()),
        ])
    };
    let caller = spec.from_one_caller.get();
    if api.key().is_none() {
        return (rate("IP", caller), None);
    }
    let header = Body::map([("name", API_KEY_HEADER.into()), ("text_transformation", unchanged())]);
    let key = one([("header", Body::List(vec![header]))]);
    (
        rate("CUSTOM_KEYS", caller).with("custom_key", Some(key)),
        Some(rate("IP", caller.max(api.requests_in(RATE_WINDOW)))),
    )
}

/// Replaces headers with credentials wherever WAF keeps a request: in the log, in samples, and in the details of a rule
/// that counts by a header.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_DataProtection.html>
fn without_secrets() -> Body {
    let field = [
        ("field_type", "SINGLE_HEADER".into()),
        ("field_keys", Body::list(SECRET_HEADERS.iter().copied())),
    ];
    one([("action", "SUBSTITUTION".into()), ("field", one(field))])
}

/// The longest body that a route takes.
fn largest_body(api: &Handle<RestApi>) -> LargestBody {
    let none = || LargestBody { bytes: 0, message: "The API takes no body.".to_owned() };
    api.largest_body().cloned().unwrap_or_else(none)
}

/// The response to a body that is too large, as the function would send it, but without the request's id, which WAF
/// does not know.
fn too_large(largest: &LargestBody) -> Body {
    let error = ApiError {
        error: "REQUEST_TOO_LARGE".to_owned(),
        message: largest.message.clone(),
        problems: Vec::new(),
        request_id: String::new(),
    };
    // Every payload can be serialized to JSON.
    let content = serde_json::to_value(&error).unwrap_or_default();
    Body::map([
        ("key", TOO_LARGE.into()),
        ("content_type", "APPLICATION_JSON".into()),
        ("content", Body::from(content).json()),
    ])
}

fn rules(
    prefix: &str,
    api: &Handle<RestApi>,
    spec: FirewallSpec,
    largest: &LargestBody,
) -> Vec<Body> {
    let body_size = one([
        ("comparison_operator", "GT".into()),
        ("size", Body::from(largest.bytes as u64)),
        // A body that is larger than WAF inspects is larger than this limit, too.
        ("field_to_match", one([("body", one([("oversize_handling", "MATCH".into())]))])),
        ("text_transformation", unchanged()),
    ]);
    let block = ("action", one([("block", one::<&str>([]))]));
    let headers = for_browsers(api.origin())
        .map(|(name, value)| Body::map([("name", name.into()), ("value", value.into())]));
    // https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-status-codes.html
    let answer = one([
        ("response_code", 413_u32.into()),
        ("custom_response_body_key", TOO_LARGE.into()),
        ("response_header", Body::List(headers.into())),
    ]);
    let block_with = ("action", one([("block", one([("custom_response", answer)]))]));
    // The rules of the group have their own actions.
    let own = ("override_action", one([("none", one::<&str>([]))]));
    let limit =
        |name, rate| (name, block.clone(), one([("rate_based_statement", Body::List(vec![rate]))]));
    let (of_caller, of_address) = rates(api, spec);
    let ours = [
        limit("rate", of_caller),
        ("body_size", block_with, one([("size_constraint_statement", body_size)])),
    ];
    let of_address = of_address.map(|rate| limit("rate_of_address", rate));
    let managed = MANAGED.iter().map(|(name, group, counted)| {
        let counted: Vec<_> = counted
            .iter()
            .map(|rule| {
                let count = one([("count", one::<&str>([]))]);
                Body::map([("name", (*rule).into()), ("action_to_use", count)])
            })
            .collect();
        let group = Body::map([("vendor_name", "AWS".into()), ("name", (*group).into())])
            .with("rule_action_override", (!counted.is_empty()).then_some(counted));
        let group = Body::List(vec![group]);
        (*name, own.clone(), one([("managed_rule_group_statement", group)]))
    });
    let all = ours.into_iter().chain(managed).chain(of_address).zip(1_u32..);
    all.map(|((name, action, statement), priority)| {
        Body::map([
            ("name", name.into()),
            ("priority", priority.into()),
            action,
            ("statement", statement),
            ("visibility_config", visibility(format!("{prefix}-{name}"))),
        ])
    })
    .collect()
}

fn unchanged() -> Body {
    one([("priority", 0_u32.into()), ("type", "NONE".into())])
}

fn visibility(metric: String) -> Body {
    one([
        ("cloudwatch_metrics_enabled", true.into()),
        ("metric_name", metric.into()),
        ("sampled_requests_enabled", true.into()),
    ])
}

/// A nested block that appears once.
fn one<K: Into<Cow<'static, str>>>(fields: impl IntoIterator<Item = (K, Body)>) -> Body {
    Body::List(vec![Body::map(fields)])
}
