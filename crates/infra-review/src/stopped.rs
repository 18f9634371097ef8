//! Finds work that is no longer done, because a resource is removed, is called less often, or shares its messages with
//! another one.

use super::{
    block::{Block, minutes, plain},
    compare::Comparison,
    finding::{
        Found, Rule,
        Rule::{
            AlarmLoosened, CostUp, DataLoss, DeliveryLoosened, DlqLoosened, Exposed, FlowChanged,
            Stopped,
        },
        Severity,
        Severity::{Danger, Notice, Warning},
    },
    identity::alike,
    replace::{Loses, loses},
    takers,
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for block in compare.removed() {
        if !compare.after.forgotten.contains(&block.address) {
            gone(compare, block, found);
        }
    }
    for block in compare.added() {
        added(compare, block, found);
    }
    for (before, after) in compare.changed("aws_scheduler_schedule") {
        let (old, new) = (minutes(before), minutes(after));
        let differs = before.body["schedule_expression"] != after.body["schedule_expression"];
        let problem = match (old, new) {
            (Some(old), Some(new)) if new > old => {
                format!("it is called every {} minutes, before every {}", plain(new), plain(old))
            }
            (Some(_), Some(_)) => continue,
            _ if differs => "it is called at other times".to_owned(),
            _ => continue,
        };
        found.push(Found::new(Warning, Stopped, &after.address, problem));
    }
}

/// A type, the argument that names its owner, and the finding if such a resource is removed and its owner stays.
type Line = (&'static str, &'static str, Severity, Rule, &'static str);

/// Sorted by type.
#[rustfmt::skip]
const GONE: &[Line] = &[
    ("aws_api_gateway_account", "", Warning, AlarmLoosened, "API Gateway writes no log any more, in the whole account and region"),
    ("aws_api_gateway_gateway_response", "rest_api_id", Warning, FlowChanged, "callers whose request is refused get API Gateway's own answer: scripts of other origins cannot read it"),
    ("aws_api_gateway_integration", "http_method", Danger, Stopped, "requests to its route fail"),
    ("aws_api_gateway_integration_response", "http_method", Warning, Stopped, "its route answers without the headers that it set: without those of a preflight, browsers send no requests"),
    ("aws_api_gateway_method", "resource_id", Warning, Stopped, "callers of the route are refused"),
    ("aws_api_gateway_method_response", "http_method", Warning, Stopped, "its route answers without the headers that it let through"),
    ("aws_api_gateway_method_settings", "stage_name", Danger, Exposed, "the API has no rate limit of its own, no metrics and no log"),
    ("aws_api_gateway_usage_plan", "", Warning, Exposed, "its keys have no quota and no rate limit"),
    ("aws_cloudwatch_dashboard", "", Notice, AlarmLoosened, "the dashboard is gone"),
    ("aws_codebuild_project", "", Warning, DeliveryLoosened, "the steps that run it fail, or are gone, too"),
    ("aws_codestarnotifications_notification_rule", "resource", Warning, AlarmLoosened, "it sends no notification any more"),
    ("aws_kms_alias", "target_key_id", Warning, Stopped, "calls that name the key by this alias fail"),
    ("aws_s3_bucket_lifecycle_configuration", "bucket", Notice, CostUp, "its objects are kept for ever"),
    ("aws_s3_bucket_notification", "bucket", Warning, Stopped, "the bucket sends no notifications of new objects any more"),
    ("aws_s3_bucket_ownership_controls", "bucket", Danger, Exposed, "access control lists count again: objects can be shared one by one"),
    ("aws_s3_bucket_server_side_encryption_configuration", "bucket", Warning, Exposed, "its objects get only the default encryption of AWS"),
    ("aws_s3_bucket_versioning", "bucket", Danger, DataLoss, "versions are off: what is overwritten or deleted is gone"),
    ("aws_scheduler_schedule", "", Danger, Stopped, "its target is no longer called"),
    ("aws_sqs_queue_redrive_allow_policy", "queue_url", Warning, DlqLoosened, "it accepts the dead letters of every queue in the account"),
    ("aws_wafv2_web_acl_association", "resource_arn", Danger, Exposed, "no firewall protects it any more"),
    ("aws_wafv2_web_acl_logging_configuration", "resource_arn", Warning, AlarmLoosened, "the requests that the firewall stops are no longer logged"),
];

fn gone(compare: &Comparison<'_>, block: &Block, found: &mut Vec<Found>) {
    for (_, of, severity, rule, problem) in GONE.iter().filter(|it| it.0 == block.tf_type) {
        // If the owner is removed, too, the resource is not missed.
        if of.is_empty() || !block.refers(&[of]).is_some_and(|it| compare.is_gone(it)) {
            found.push(Found::new(*severity, *rule, &block.address, *problem));
        }
    }
    let is_told = GONE.iter().any(|it| it.0 == block.tf_type && it.3 != AlarmLoosened)
        || block.tf_type == "aws_sns_topic_subscription";
    if let Loses::Standing(what) = loses(&block.tf_type)
        && !is_told
        && !has_twin(compare, block)
    {
        let problem = format!("destroyed; lost is {what}");
        found.push(Found::new(Warning, Stopped, &block.address, problem));
    }
}

/// Whether a new resource with the same name in AWS replaces this one.
fn has_twin(compare: &Comparison<'_>, block: &Block) -> bool {
    let names = ["name", "function_name", "stage_name", "path_part"];
    let name = |it: &Block| names.iter().find_map(|name| it.text(&[name]).map(str::to_owned));
    compare
        .added()
        .any(|it| it.tf_type == block.tf_type && name(it).is_some() && name(it) == name(block))
}

/// Judges a new resource that affects existing ones.
fn added(compare: &Comparison<'_>, block: &Block, found: &mut Vec<Found>) {
    let is_of_old = |of: &str| block.refers(&[of]).is_some_and(|it| !compare.is_new(it));
    let (rule, problem) = match block.tf_type.as_str() {
        _ if takers::is_shared(compare.after, block, compare.after) => (
            Rule::FlowChanged,
            "another mapping has the same source: each receives a part of the messages".to_owned(),
        ),
        "aws_sns_topic_subscription" if is_of_old("topic_arn") && !replaces(compare, block) => {
            let to = block.text(&["endpoint"]).unwrap_or("another address");
            (Exposed, format!("published messages also go to {}", super::policy::bare(to)))
        }
        "aws_iam_openid_connect_provider" => (
            Rule::RightsWidened,
            "an identity provider outside of AWS authenticates callers".to_owned(),
        ),
        _ => return,
    };
    found.push(Found::new(Warning, rule, &block.address, problem));
}

/// Whether a subscription replaces a removed one, which has a finding of its own.
fn replaces(compare: &Comparison<'_>, block: &Block) -> bool {
    const TOPIC: &str = "topic_arn";
    let same = |it: &Block| {
        it.tf_type == block.tf_type
            && alike((&it.body[TOPIC], compare.before), (&block.body[TOPIC], compare.after))
    };
    compare.removed().any(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use infra_core::{check::provider, model::BlockKind};

    #[test]
    fn every_line_names_an_argument_that_the_provider_has() {
        assert!(GONE.is_sorted_by_key(|it| it.0));
        let schema = provider::run();
        for (tf_type, of, ..) in GONE.iter().filter(|it| !it.1.is_empty()) {
            assert!(schema.has(BlockKind::Resource, tf_type, &[of]), "{tf_type} {of}");
        }
    }
}
