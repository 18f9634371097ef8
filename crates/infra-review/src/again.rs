//! New blocks that set what another block sets already, or that change a setting of an existing resource.
//!
//! AWS keeps one setting of each, so the block that Terraform applies last wins. Every rule for changes compares such a
//! block with the one that it overrides.

use super::{
    block::Block,
    compare::{Comparison, Pair},
    finding::{
        Found, Rule,
        Rule::{DlqLoosened, Exposed, FlowChanged, Stopped},
        Severity::Warning,
    },
    identity::alike,
    root::Root,
    takers,
};

/// A type; the arguments that identify one resource of this type in AWS; and the finding about a new one, if the
/// resource that the first argument refers to existed before and had none.
type Line = (&'static str, &'static [&'static str], Option<(Rule, &'static str)>);

/// Types of which AWS accepts any number of equal resources, such as keys, are not in it. Sorted by type.
#[rustfmt::skip]
const LINES: &[Line] = &[
    ("aws_api_gateway_account", &[], None),
    ("aws_api_gateway_gateway_response", &["rest_api_id", "response_type"], Some((FlowChanged, "callers whose request is refused get another answer than API Gateway's own"))),
    ("aws_api_gateway_integration", &["rest_api_id", "resource_id", "http_method"], None),
    ("aws_api_gateway_integration_response", &["rest_api_id", "resource_id", "http_method", "status_code"], None),
    ("aws_api_gateway_method", &["rest_api_id", "resource_id", "http_method"], None),
    ("aws_api_gateway_method_response", &["rest_api_id", "resource_id", "http_method", "status_code"], None),
    // Settings of one method override those of all.
    ("aws_api_gateway_method_settings", &["stage_name", "rest_api_id"], Some((FlowChanged, "it sets how often an existing stage may be called, and what it logs"))),
    ("aws_api_gateway_model", &["rest_api_id", "name"], None),
    ("aws_api_gateway_resource", &["rest_api_id", "parent_id", "path_part"], None),
    ("aws_api_gateway_stage", &["rest_api_id", "stage_name"], None),
    ("aws_api_gateway_usage_plan_key", &["usage_plan_id", "key_id"], None),
    ("aws_cloudwatch_dashboard", &["dashboard_name"], None),
    ("aws_cloudwatch_log_group", &["name"], None),
    ("aws_cloudwatch_metric_alarm", &["alarm_name"], None),
    ("aws_codebuild_project", &["name"], None),
    ("aws_codepipeline", &["name"], None),
    ("aws_codestarconnections_connection", &["name"], None),
    ("aws_codestarnotifications_notification_rule", &["name"], None),
    ("aws_dynamodb_table", &["name"], None),
    ("aws_iam_openid_connect_provider", &["url"], None),
    ("aws_iam_policy", &["name"], None),
    ("aws_iam_role", &["name"], None),
    ("aws_iam_role_policy", &["role", "name"], None),
    ("aws_iam_role_policy_attachment", &["role", "policy_arn"], None),
    ("aws_iam_service_linked_role", &["aws_service_name"], None),
    ("aws_kms_alias", &["name"], None),
    ("aws_lambda_alias", &["function_name", "name"], None),
    ("aws_lambda_event_source_mapping", &["event_source_arn", "function_name"], Some((FlowChanged, "a function takes the messages of the source now, so other readers no longer get them"))),
    ("aws_lambda_function", &["function_name"], None),
    ("aws_lambda_permission", &["function_name", "principal", "source_arn", "qualifier", "statement_id"], None),
    ("aws_s3_bucket", &["bucket"], None),
    ("aws_s3_bucket_lifecycle_configuration", &["bucket"], None),
    ("aws_s3_bucket_notification", &["bucket"], None),
    ("aws_s3_bucket_ownership_controls", &["bucket"], Some((Exposed, "it sets whether access control lists of an existing bucket count"))),
    ("aws_s3_bucket_policy", &["bucket"], None),
    ("aws_s3_bucket_public_access_block", &["bucket"], Some((Exposed, "it sets whether an existing bucket can be made public"))),
    ("aws_s3_bucket_server_side_encryption_configuration", &["bucket"], Some((Exposed, "it sets how objects of an existing bucket are encrypted"))),
    ("aws_s3_bucket_versioning", &["bucket"], Some((Rule::DataLoss, "it sets whether an existing bucket keeps versions"))),
    ("aws_scheduler_schedule", &["name"], None),
    ("aws_sfn_state_machine", &["name"], None),
    ("aws_sns_topic", &["name"], None),
    ("aws_sns_topic_policy", &["arn"], None),
    ("aws_sns_topic_subscription", &["topic_arn", "protocol", "endpoint"], None),
    ("aws_sqs_queue", &["name"], None),
    ("aws_sqs_queue_policy", &["queue_url"], None),
    ("aws_sqs_queue_redrive_allow_policy", &["queue_url"], Some((DlqLoosened, "it sets whose dead letters an existing queue accepts"))),
    ("aws_sqs_queue_redrive_policy", &["queue_url"], Some((DlqLoosened, "messages of an existing queue that fail too often are moved to another queue"))),
    ("aws_wafv2_web_acl", &["name", "scope"], None),
    ("aws_wafv2_web_acl_association", &["resource_arn"], Some((Stopped, "a resource without a firewall gets one: it can block requests that were allowed"))),
    ("aws_wafv2_web_acl_logging_configuration", &["resource_arn"], None),
];

/// The arguments that identify one resource of a type in AWS.
pub(super) fn identity(tf_type: &str) -> &'static [&'static str] {
    LINES.iter().find(|it| it.0 == tf_type).map_or(&[], |it| it.1)
}

fn line(block: &Block) -> Option<&'static Line> {
    LINES.iter().find(|it| !block.is_data() && it.0 == block.tf_type)
}

/// The blocks of `root` at other addresses that are the same resource in AWS as a block of the root `of`.
fn same<'r>(root: &'r Root, block: &'r Block, of: &'r Root) -> impl Iterator<Item = &'r Block> {
    let arguments = line(block).map(|it| it.1);
    // AWS generates a name that is not set, so no other block is the same resource.
    let is_named = |names: &[&str]| names.first().is_none_or(|it| !block.body[*it].is_null());
    let arguments = arguments.filter(|names| is_named(names));
    root.blocks.values().filter(move |it| {
        it.tf_type == block.tf_type
            && it.address != block.address
            && arguments.is_some_and(|names| {
                names.iter().all(|name| alike((&it.body[*name], root), (&block.body[*name], of)))
            })
    })
}

/// Every overridden block, with the new block that overrides it.
pub(super) fn pairs<'r>(before: &'r Root, after: &'r Root) -> Vec<Pair<'r>> {
    let is_new = |it: &&Block| !before.blocks.contains_key(&it.address);
    let added = after.blocks.values().filter(is_new);
    let mut pairs: Vec<_> =
        added.flat_map(|new| same(before, new, after).map(move |old| (old, new))).collect();
    // A firewall that replaces another one of the same resource.
    const ASSOCIATION: &str = "aws_wafv2_web_acl_association";
    let kept = before.of_type(ASSOCIATION).filter_map(|old| {
        let new = after.blocks.get(&old.address)?;
        let of = |it: &'r Block| &it.body["resource_arn"];
        alike((of(old), before), (of(new), after)).then_some((old, new))
    });
    let again = pairs.iter().copied().filter(|(old, _)| old.tf_type == ASSOCIATION);
    let firewalls: Vec<_> = kept
        .chain(again)
        .filter_map(|(old, new)| {
            let of = |root: &'r Root, it: &Block| root.blocks.get(it.refers(&["web_acl_arn"])?);
            of(before, old).zip(of(after, new)).filter(|(old, new)| old.address != new.address)
        })
        .collect();
    pairs.extend(firewalls);
    pairs
}

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for block in compare.added() {
        // If the other block is removed, the new one replaces it, and another rule reports the removal.
        if let Some(other) =
            same(compare.after, block, compare.after).find(|it| !compare.is_new(&it.address))
        {
            let problem = format!(
                "it is the same resource in AWS as {}: the one that Terraform applies last wins, so read the plan",
                other.address
            );
            found.push(Found::new(Warning, Rule::Unjudged, &block.address, problem));
            continue;
        }
        let Some((_, arguments, Some((rule, problem)))) = line(block) else { continue };
        let of = arguments.first().and_then(|it| block.refers(&[it]));
        // A name that is not a reference can be that of an existing resource.
        let is_of_old = !of.is_some_and(|it| compare.is_new(it));
        // Another rule reports functions that share a source.
        let is_shared = takers::is_shared(compare.after, block, compare.after);
        if is_of_old && same(compare.before, block, compare.after).next().is_none() && !is_shared {
            let problem = match taken_over(compare, block) {
                true => "the messages that another function took go to this one",
                false => problem,
            };
            found.push(Found::new(Warning, *rule, &block.address, problem));
        }
    }
}

/// Whether another mapping took messages from the same source, and no longer does.
fn taken_over(compare: &Comparison<'_>, block: &Block) -> bool {
    takers::is_shared(compare.before, block, compare.after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use infra_core::{check::provider, model::BlockKind};

    #[test]
    fn every_type_has_a_line_or_allows_any_number() {
        /// AWS gives each new one an id of its own, and it affects no other.
        const ANY_NUMBER: &[&str] = &[
            "aws_api_gateway_api_key",
            "aws_api_gateway_deployment",
            "aws_api_gateway_request_validator",
            "aws_api_gateway_rest_api",
            "aws_api_gateway_usage_plan",
            "aws_kms_key",
        ];
        assert!(LINES.is_sorted_by(|a, b| a.0 < b.0));
        let schema = provider::run();
        for (kind, tf_type) in schema.types() {
            let line = LINES.iter().find(|it| it.0 == tf_type);
            let is_known = line.is_some() != ANY_NUMBER.contains(&tf_type);
            assert!(kind == BlockKind::Data || is_known, "{tf_type}");
            for argument in line.map_or(&[][..], |it| it.1) {
                assert!(schema.has(kind, tf_type, &[argument]), "{tf_type} {argument}");
            }
        }
    }
}
