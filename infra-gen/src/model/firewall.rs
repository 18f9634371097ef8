//! Firewalls: WAF in front of an API, with AWS's own rule groups, a limit for each caller, and one
//! for the size of a body.

use std::borrow::Cow;

use super::{
    expr::Body,
    limits::{BodyBytes, IpRate, LogRetention},
    name::Id,
    rest_api::RestApi,
    stack::{Handle, Kind, Meta, Module},
};

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
    /// From one address, in five minutes.
    pub from_one_address: IpRate,
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

/// Headers that prove who calls. They stay out of the log.
const SECRET_HEADERS: &[&str] = &["authorization", "x-api-key"];

impl Module<'_> {
    /// Puts a firewall in front of an API's stage, and logs what it stops.
    #[track_caller]
    pub fn firewall(&mut self, id: Id, api: &Handle<RestApi>, spec: FirewallSpec) {
        let name = id.name();
        let prefix = self.aws_name(name);
        let body = Body::map([
            ("name", prefix.clone().into()),
            ("description", id.doc().into()),
            ("scope", "REGIONAL".into()),
            ("default_action", one([("allow", one::<&str>([]))])),
            ("rule", Body::List(rules(&prefix, spec))),
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

fn rules(prefix: &str, spec: FirewallSpec) -> Vec<Body> {
    let body_size = one([
        ("comparison_operator", "GT".into()),
        ("size", spec.largest_body.into()),
        // What is larger than WAF looks at is larger than this, too.
        ("field_to_match", one([("body", one([("oversize_handling", "MATCH".into())]))])),
        ("text_transformation", one([("priority", 0_u32.into()), ("type", "NONE".into())])),
    ]);
    let rate = one([
        ("aggregate_key_type", "IP".into()),
        ("evaluation_window_sec", 300_u32.into()),
        ("limit", spec.from_one_address.into()),
    ]);
    let block = ("action", one([("block", one::<&str>([]))]));
    // A group's own rules say what to do.
    let own = ("override_action", one([("none", one::<&str>([]))]));
    let ours = [
        ("rate", block.clone(), one([("rate_based_statement", rate)])),
        ("body_size", block, one([("size_constraint_statement", body_size)])),
    ];
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
    let all = ours.into_iter().chain(managed).zip(1_u32..);
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
