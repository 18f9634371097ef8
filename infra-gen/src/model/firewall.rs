//! Firewalls: WAF in front of an API, with AWS's own rule groups, a limit for each caller, and one
//! for the size of a body.

use std::borrow::Cow;

use super::{
    expr::Body,
    limits::{BodyBytes, CallerRate, LogRetention},
    name::Id,
    rest_api::RestApi,
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

/// What a firewall lets through.
#[derive(Debug, Clone, Copy)]
pub struct FirewallSpec {
    /// From one caller, in five minutes: from one key where the API asks for keys, else from one address.
    pub from_one_caller: CallerRate,
    /// The largest body.
    pub largest_body: BodyBytes,
    /// How long its log is kept.
    pub log_retention: LogRetention,
}

/// AWS's rule groups, in the order in which they are asked, and which of their rules only count.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>
const MANAGED: &[(&str, &str, &[&str])] = &[
    ("reputation", "AWSManagedRulesAmazonIpReputationList", &[]),
    ("known_bad_inputs", "AWSManagedRulesKnownBadInputsRuleSet", &[]),
    ("common", "AWSManagedRulesCommonRuleSet", &[]),
    // Shops call from hosting providers: that alone stops nobody.
    ("anonymous", "AWSManagedRulesAnonymousIpList", &["HostingProviderIPList"]),
];

/// By which API Gateway tells callers apart.
const KEY_HEADER: &str = "x-api-key";
/// Headers that prove who calls. They stay out of the log.
const SECRET_HEADERS: &[&str] = &["authorization", KEY_HEADER];
/// Over which requests are counted, in seconds.
const RATE_WINDOW: u32 = 300;

impl Module<'_> {
    /// Puts a firewall in front of an API's stage, and logs what it stops.
    #[track_caller]
    pub fn firewall(&mut self, id: Id, api: &Handle<RestApi>, spec: FirewallSpec) {
        let name = id.name();
        let prefix = self.aws_name(name);
        // A caller who keeps to the API's own limits is never stopped here.
        let most = api.requests_in(RATE_WINDOW);
        if api.key().is_some() && spec.from_one_caller.get() < most {
            let address = self.address(Firewall::TF_TYPE, name);
            self.stack.violate(Violation::new(
                "limit/firewall-rate",
                address.as_str(),
                format!(
                    "it stops a key at {} requests in {RATE_WINDOW} s, and the API takes {most}",
                    spec.from_one_caller.get()
                ),
                format!("raise the rate of one caller to {most}, or lower that of the API"),
            ));
        }
        let body = Body::map([
            ("name", prefix.clone().into()),
            ("description", id.doc().into()),
            ("scope", "REGIONAL".into()),
            ("default_action", one([("allow", one::<&str>([]))])),
            ("rule", Body::List(rules(&prefix, api, spec))),
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
            // WAF takes no group with another beginning.
            format!("aws-waf-logs-{prefix}"),
            spec.log_retention,
            "The log of the firewall: which rule stopped what.".to_owned(),
        );
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

/// Where the API asks for a key, the key says who calls: a server that calls for all its customers has one
/// address. An address is then stopped only above all that the API takes, since keys can be made up.
///
/// WAF does not count requests that lack what it counts by.
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
    let header = Body::map([("name", KEY_HEADER.into()), ("text_transformation", unchanged())]);
    let key = one([("header", Body::List(vec![header]))]);
    (
        rate("CUSTOM_KEYS", caller).with("custom_key", Some(key)),
        Some(rate("IP", caller.max(api.requests_in(RATE_WINDOW)))),
    )
}

fn rules(prefix: &str, api: &Handle<RestApi>, spec: FirewallSpec) -> Vec<Body> {
    let body_size = one([
        ("comparison_operator", "GT".into()),
        ("size", spec.largest_body.into()),
        // What is larger than WAF looks at is larger than this, too.
        ("field_to_match", one([("body", one([("oversize_handling", "MATCH".into())]))])),
        ("text_transformation", unchanged()),
    ]);
    let block = ("action", one([("block", one::<&str>([]))]));
    // A group's own rules say what to do.
    let own = ("override_action", one([("none", one::<&str>([]))]));
    let limit =
        |name, rate| (name, block.clone(), one([("rate_based_statement", Body::List(vec![rate]))]));
    let (of_caller, of_address) = rates(api, spec);
    let ours = [
        limit("rate", of_caller),
        ("body_size", block.clone(), one([("size_constraint_statement", body_size)])),
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

/// A block that stands once.
fn one<K: Into<Cow<'static, str>>>(fields: impl IntoIterator<Item = (K, Body)>) -> Body {
    Body::List(vec![Body::map(fields)])
}
