//! Policies for the firewall in front of the API.

use serde_json::Value;

use super::{Block, Blocks, Broken, Policy, Severity, each, many};
use crate::model::policy::{Posture, Rule};

const FIREWALL: &str = "aws_wafv2_web_acl";

/// The managed rule groups that every firewall must use.
const BASELINE: &[&str] = &[
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
];

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::ApiFirewall,
        severity: Severity::High,
        from: Posture::Production,
        reason: "attacks would reach the API, and every request costs an invocation",
        fix: "associate a web ACL with the stage (Config::firewall)",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html",
        also: &["CKV2_AWS_29", "APIG3"],
        find: |blocks| {
            let firewalls = blocks.about("aws_wafv2_web_acl_association", "resource_arn");
            each(blocks, "aws_api_gateway_stage", "it has no firewall", |stage| {
                firewalls.of(stage).next().is_some()
            })
        },
    },
    Policy {
        rule: Rule::FirewallManagedRules,
        severity: Severity::High,
        from: Posture::Development,
        reason: "known attacks would pass the firewall",
        fix: "add AWS's managed rule groups for common threats, known bad inputs and anonymous IP addresses, and let them block",
        page: "https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html",
        also: &["CKV_AWS_192", "CKV2_AWS_77"],
        find: |blocks| {
            each(blocks, FIREWALL, "it does not block by AWS's managed rule groups", |it| {
                let asked = |group: &str| {
                    rules(it).iter().any(|it| {
                        let statement = &it["statement"][0]["managed_rule_group_statement"][0];
                        statement["name"] == group && !it["override_action"][0]["none"].is_null()
                    })
                };
                BASELINE.iter().all(|it| asked(it))
            })
        },
    },
    Policy {
        rule: Rule::FirewallRate,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "one caller could use up the limits that all callers share",
        fix: "block a caller above a rate: by API key if the API requires one, otherwise by IP address",
        page: "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html",
        also: &[],
        find: |blocks| {
            let mut found =
                each(blocks, FIREWALL, "it has no rate limit for a single caller", |it| {
                    blocks_by(it, "rate_based_statement")
                });
            found.extend(keys_not_counted(blocks));
            found
        },
    },
    Policy {
        rule: Rule::FirewallBodySize,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "WAF inspects only the first bytes of a body, so an attack behind them would pass",
        fix: "block bodies that are larger than WAF inspects",
        page: "https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html",
        also: &[],
        find: |blocks| {
            each(blocks, FIREWALL, "it lets bodies of any size pass", |it| {
                blocks_by(it, "size_constraint_statement")
            })
        },
    },
    Policy {
        rule: Rule::FirewallMetrics,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "an attack, or a rule that blocks customers, would go unnoticed",
        fix: "enable the metrics of every rule",
        page: "https://docs.aws.amazon.com/waf/latest/developerguide/monitoring-cloudwatch.html",
        also: &[],
        find: |blocks| {
            each(blocks, FIREWALL, "it, or one of its rules, has no metrics", |it| {
                let counts =
                    |it: &Value| it["visibility_config"][0]["cloudwatch_metrics_enabled"] == true;
                counts(&it.body) && rules(it).iter().all(counts)
            })
        },
    },
    Policy {
        rule: Rule::FirewallLog,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "without it nothing records the blocked requests and the rules that blocked them",
        fix: "log blocked requests",
        page: "https://docs.aws.amazon.com/waf/latest/developerguide/logging.html",
        also: &["CKV2_AWS_31"],
        find: |blocks| {
            let logs = blocks.about("aws_wafv2_web_acl_logging_configuration", "resource_arn");
            each(blocks, FIREWALL, "it has no log", |it| logs.of(it).next().is_some())
        },
    },
];

fn rules<'b>(firewall: &'b Block<'_>) -> &'b [Value] {
    many(&firewall.body["rule"])
}

/// Whether the firewall has a rule that blocks by this kind of statement.
fn blocks_by(firewall: &Block, statement: &str) -> bool {
    rules(firewall)
        .iter()
        .any(|it| !it["statement"][0][statement].is_null() && !it["action"][0]["block"].is_null())
}

/// Finds firewalls in front of an API with API keys that have no rate limit by key. A limit by IP address is wrong there:
/// a server that calls for all its customers has one address.
fn keys_not_counted(blocks: &Blocks) -> Vec<Broken> {
    let firewalls = blocks.about("aws_wafv2_web_acl_association", "resource_arn");
    let mut found = Vec::new();
    for stage in blocks.each("aws_api_gateway_stage") {
        let api = &stage.body["rest_api_id"];
        let asks = blocks.each("aws_api_gateway_method").any(|it| {
            it.module == stage.module
                && it.body["rest_api_id"] == *api
                && it.body["api_key_required"] == true
        });
        if !asks {
            continue;
        }
        for association in firewalls.of(stage) {
            for firewall in blocks.mentioned(association, &association.body["web_acl_arn"]) {
                if !rules(firewall).iter().any(counts_by_key) {
                    found.push(Broken::of(
                        firewall,
                        "it limits callers by address, although the API requires a key",
                    ));
                }
            }
        }
    }
    found
}

fn counts_by_key(rule: &Value) -> bool {
    let rate = &rule["statement"][0]["rate_based_statement"][0];
    let keys = many(&rate["custom_key"]);
    let header = |it: &Value| {
        let name = it["header"][0]["name"].as_str();
        name.is_some_and(|it| it.eq_ignore_ascii_case("x-api-key"))
    };
    rate["aggregate_key_type"] == "CUSTOM_KEYS" && keys.len() == 1 && keys.iter().all(header)
}
