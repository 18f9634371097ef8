//! Reports the changes that no rule judges, so that nothing changes unseen.

use serde_json::Value;

use super::{
    block::{Block, items, target},
    compare::Comparison,
    diff::{self, Field},
    finding::{Found, Rule, Severity},
    folder::is_ignored,
    replace,
};

/// For each type, the arguments that a rule judges, and those whose change is never a risk. The review lists their
/// changes without a finding. A name covers only that argument. `.*` covers everything in a block that a rule compares
/// as a whole. Arguments that cannot be changed in place are in [`replace`]. Sorted by type.
#[rustfmt::skip]
const JUDGED: &[(&str, &[&str])] = &[
    ("aws_api_gateway_account", &["cloudwatch_role_arn"]),
    ("aws_api_gateway_api_key", &["enabled", "name"]),
    ("aws_api_gateway_deployment", &["triggers"]),
    ("aws_api_gateway_gateway_response", &["response_parameters", "response_templates", "status_code"]),
    ("aws_api_gateway_integration", &["request_templates", "timeout_milliseconds", "uri"]),
    ("aws_api_gateway_integration_response", &["response_parameters", "status_code"]),
    ("aws_api_gateway_method", &["api_key_required", "authorization", "authorization_scopes", "authorizer_id", "request_models", "request_parameters", "request_validator_id"]),
    ("aws_api_gateway_method_response", &["response_parameters", "status_code"]),
    ("aws_api_gateway_method_settings", &["settings.data_trace_enabled", "settings.logging_level", "settings.metrics_enabled", "settings.throttling_burst_limit", "settings.throttling_rate_limit"]),
    ("aws_api_gateway_model", &["schema"]),
    ("aws_api_gateway_request_validator", &["name", "validate_request_body", "validate_request_parameters"]),
    ("aws_api_gateway_resource", &["parent_id", "path_part"]),
    ("aws_api_gateway_rest_api", &["disable_execute_api_endpoint", "endpoint_configuration.types", "name"]),
    ("aws_api_gateway_stage", &["access_log_settings.destination_arn", "access_log_settings.format", "cache_cluster_enabled", "deployment_id", "xray_tracing_enabled"]),
    ("aws_api_gateway_usage_plan", &["api_stages.*", "name", "quota_settings.limit", "quota_settings.period", "throttle_settings.burst_limit", "throttle_settings.rate_limit"]),
    ("aws_api_gateway_usage_plan_key", &[]),
    ("aws_cloudwatch_dashboard", &["dashboard_body"]),
    ("aws_cloudwatch_log_group", &["kms_key_id", "retention_in_days"]),
    ("aws_cloudwatch_metric_alarm", &["actions_enabled", "alarm_actions", "comparison_operator", "datapoints_to_alarm", "dimensions", "evaluation_periods", "extended_statistic", "metric_name", "metric_query.*", "namespace", "ok_actions", "period", "statistic", "threshold", "treat_missing_data"]),
    ("aws_codebuild_project", &["build_timeout", "cache.*", "environment.compute_type", "environment.environment_variable.*", "environment.image", "environment.privileged_mode", "logs_config.*", "queued_timeout", "service_role", "source.buildspec"]),
    ("aws_codepipeline", &["artifact_store.*", "execution_mode", "pipeline_type", "role_arn", "stage.*", "trigger.*", "variable.*"]),
    ("aws_codestarconnections_connection", &[]),
    ("aws_codestarnotifications_notification_rule", &["detail_type", "event_type_ids", "name", "status", "target.*"]),
    ("aws_dynamodb_table", &["attribute.name", "attribute.type", "billing_mode", "deletion_protection_enabled", "global_secondary_index.hash_key", "global_secondary_index.name", "global_secondary_index.non_key_attributes", "global_secondary_index.projection_type", "global_secondary_index.range_key", "point_in_time_recovery.enabled", "point_in_time_recovery.recovery_period_in_days", "read_capacity", "server_side_encryption.enabled", "server_side_encryption.kms_key_arn", "ttl.attribute_name", "ttl.enabled", "write_capacity"]),
    ("aws_iam_openid_connect_provider", &["client_id_list"]),
    ("aws_iam_policy", &["policy"]),
    ("aws_iam_role", &["assume_role_policy", "inline_policy.name", "inline_policy.policy", "managed_policy_arns", "permissions_boundary"]),
    ("aws_iam_role_policy", &["policy"]),
    ("aws_iam_role_policy_attachment", &[]),
    ("aws_iam_service_linked_role", &[]),
    ("aws_kms_alias", &["target_key_id"]),
    ("aws_kms_key", &["deletion_window_in_days", "enable_key_rotation", "is_enabled", "policy"]),
    ("aws_lambda_alias", &["function_version"]),
    ("aws_lambda_event_source_mapping", &["batch_size", "enabled", "filter_criteria.filter.pattern", "function_name", "function_response_types", "maximum_batching_window_in_seconds", "scaling_config.maximum_concurrency"]),
    ("aws_lambda_function", &["architectures", "environment.variables", "ephemeral_storage.size", "filename", "logging_config.application_log_level", "logging_config.log_format", "logging_config.log_group", "logging_config.system_log_level", "memory_size", "publish", "reserved_concurrent_executions", "role", "source_code_hash", "timeout", "tracing_config.mode"]),
    ("aws_lambda_permission", &["source_account", "statement_id"]),
    ("aws_s3_bucket", &["force_destroy"]),
    ("aws_s3_bucket_lifecycle_configuration", &["rule.*"]),
    ("aws_s3_bucket_notification", &[]),
    ("aws_s3_bucket_ownership_controls", &["rule.object_ownership"]),
    ("aws_s3_bucket_policy", &["policy"]),
    ("aws_s3_bucket_public_access_block", &["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]),
    ("aws_s3_bucket_server_side_encryption_configuration", &["rule.apply_server_side_encryption_by_default.kms_master_key_id", "rule.apply_server_side_encryption_by_default.sse_algorithm", "rule.bucket_key_enabled"]),
    ("aws_s3_bucket_versioning", &["versioning_configuration.status"]),
    ("aws_scheduler_schedule", &["flexible_time_window.maximum_window_in_minutes", "flexible_time_window.mode", "kms_key_arn", "schedule_expression", "state", "target.arn", "target.retry_policy.maximum_event_age_in_seconds", "target.retry_policy.maximum_retry_attempts", "target.role_arn"]),
    ("aws_sfn_state_machine", &["definition", "logging_configuration.include_execution_data", "logging_configuration.level", "logging_configuration.log_destination", "role_arn", "tracing_configuration.enabled"]),
    ("aws_sns_topic", &["kms_master_key_id"]),
    ("aws_sns_topic_policy", &["policy"]),
    ("aws_sns_topic_subscription", &[]),
    ("aws_sqs_queue", &["kms_master_key_id", "message_retention_seconds", "receive_wait_time_seconds", "sqs_managed_sse_enabled", "visibility_timeout_seconds"]),
    ("aws_sqs_queue_policy", &["policy"]),
    ("aws_sqs_queue_redrive_allow_policy", &["redrive_allow_policy"]),
    ("aws_sqs_queue_redrive_policy", &["redrive_policy.deadLetterTargetArn", "redrive_policy.maxReceiveCount"]),
    ("aws_wafv2_web_acl", &["data_protection_config.*", "default_action.*", "rule.*", "visibility_config.cloudwatch_metrics_enabled", "visibility_config.metric_name", "visibility_config.sampled_requests_enabled"]),
    ("aws_wafv2_web_acl_association", &[]),
    ("aws_wafv2_web_acl_logging_configuration", &["log_destination_configs", "logging_filter.*", "redacted_fields.*"]),
];

/// The arguments of every type whose change is never a risk: dependencies and tags.
const EVERYWHERE: &[&str] = &["depends_on", "tags"];

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (address, before, after) in compare.all() {
        let Some(block) = before.or(after) else { continue };
        let told = match (before, after) {
            (Some(before), Some(after)) => changed(compare, before, after),
            _ if is_known(block) => None,
            (None, _) => {
                Some(format!("it is new, and there is no rule for {}: {READ}", named(block)))
            }
            (_, None) => {
                Some(format!("it is removed, and there is no rule for {}: {READ}", named(block)))
            }
        };
        found.extend(told.map(|it| unjudged(address, it)));
    }
    settings(compare, found);
}

/// Reports differences in files and sections that Terraform reads and the review does not follow.
pub(super) fn unread(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    if compare.before.blocks.is_empty() && !compare.after.blocks.is_empty() {
        let problem = "it is new, with nothing to be compared with: read all of it";
        found.push(unjudged("(the root)", problem));
    }
    let (old, new) = (&compare.before.unread, &compare.after.unread);
    let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (before, after) = (old.get(name), new.get(name));
        if before != after {
            let lines = match (before, after) {
                (Some(before), Some(after)) if before.is_object() => diff::fields(before, after),
                _ => Vec::new(),
            };
            let file = name.rsplit('/').next().unwrap_or(name);
            let problem = match before.or(after).is_some_and(Value::is_string) && is_ignored(file) {
                true => {
                    "it differs, and Terraform ignores a file of this name: rename or remove it"
                        .to_owned()
                }
                false => format!("it differs, and the review does not follow it: {READ}"),
            };
            found.push(unjudged(name, problem).with(lines.iter().map(Field::to_string)));
        }
    }
}

const READ: &str = "read the plan";

fn unjudged(address: &str, problem: impl Into<String>) -> Found {
    Found::new(Severity::Warning, Rule::Unjudged, address, problem)
}

fn named(block: &Block) -> String {
    if block.is_data() { format!("data.{}", block.tf_type) } else { block.tf_type.clone() }
}

fn judged(block: &Block) -> Option<&'static [&'static str]> {
    JUDGED.iter().find(|it| !block.is_data() && it.0 == block.tf_type).map(|it| it.1)
}

fn is_known(block: &Block) -> bool {
    judged(block).is_some() || is_policy(block)
}

/// Whether a block is a policy document. The review judges a document with the policies that use it.
fn is_policy(block: &Block) -> bool {
    block.is_data() && block.tf_type == "aws_iam_policy_document"
}

fn changed(compare: &Comparison<'_>, before: &Block, after: &Block) -> Option<String> {
    if is_policy(before) || before.body == after.body {
        return None;
    }
    let mut fields = diff::fields(&before.body, &after.body);
    fields.retain(|it| !it.is_for_people() && it.path != "depends_on");
    let Some(judged) = judged(before).filter(|_| before.tf_type == after.tf_type) else {
        return (!fields.is_empty()).then(|| {
            let type_ = named(before);
            format!("it changes, and there is no rule for {type_}, nor a list of what forces its replacement: {READ}")
        });
    };
    let replaced = replace::arguments(&before.tf_type);
    let mut names: Vec<String> = Vec::new();
    for field in fields {
        let path = field.argument();
        // Another rule reports provisioners, and `lifecycle` judges its block below.
        let first = path.split('.').next().unwrap_or_default();
        if matches!(first, "lifecycle" | "provisioner") {
            continue;
        }
        let known = judged.iter().chain(replaced).chain(EVERYWHERE);
        let unknown = without_rule(known, &field);
        names.extend(unknown.iter().map(|it| format!("`{it}`")));
        if unknown.is_empty() && (is_other_order(before, &field) || is_worked_out(compare, &field))
        {
            names.push(format!("`{path}`"));
        }
    }
    names.extend(lifecycle(before, after));
    names.dedup();
    (!names.is_empty())
        .then(|| format!("there is no rule for a change of {}: {READ}", names.join(", ")))
}

/// The paths that a field changes and no name covers. For a whole block, it returns the paths inside the block.
fn without_rule<'n>(
    names: impl Iterator<Item = &'n &'n str> + Clone,
    field: &Field,
) -> Vec<String> {
    let path = field.argument();
    let mut leaves = Vec::new();
    let sides = [&field.before, &field.after].into_iter().flatten();
    sides.for_each(|it| self::leaves(&path, it, &mut leaves));
    // A value in a map or in a document belongs to the argument.
    let is_covered = |leaf: &String| {
        names.clone().any(|name| {
            let rest = leaf.strip_prefix(name.strip_suffix(".*").unwrap_or(name));
            rest.is_some_and(|it| it.is_empty() || it.starts_with('.'))
        })
    };
    leaves.retain(|it| !is_covered(it));
    leaves
}

/// The paths of plain values, and of blocks in which nothing is set.
fn leaves(path: &str, value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let fields = fields.iter().filter(|(name, _)| *name != "//");
            fields.for_each(|(name, it)| leaves(&format!("{path}.{name}"), it, all));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().for_each(|it| leaves(path, it, all));
        }
        _ => all.push(path.to_owned()),
    }
}

/// Whether a list of the provider has another order. Another rule judges the order in a pipeline, and the order in a
/// document does not matter to AWS.
fn is_other_order(block: &Block, field: &Field) -> bool {
    let argument = field.argument();
    let first = argument.split('.').next().unwrap_or_default();
    field.is_order() && block.tf_type != "aws_codepipeline" && !block.body[first].is_string()
}

/// Whether only Terraform can compute a value.
fn is_worked_out(compare: &Comparison<'_>, field: &Field) -> bool {
    let is = |it: &Option<Value>| {
        let text =
            it.as_ref().and_then(Value::as_str).filter(|it| it.contains("${") || it.contains("%{"));
        // A reference to a block of this root is followed.
        text.is_some_and(|it| {
            it.contains("%{") || !target(it).is_some_and(|it| compare.after.blocks.contains_key(it))
        })
    };
    // The package of a function is always computed, and has a rule of its own.
    let is_package = matches!(field.path.as_str(), "filename" | "source_code_hash");
    is(&field.after) && !(is_package && is(&field.before))
}

/// The settings in the `lifecycle` of a block that differ and that no rule judges.
fn lifecycle(before: &Block, after: &Block) -> Vec<String> {
    // Other rules judge `prevent_destroy`, and it is not a risk to create the new resource first.
    let is_judged = |name: &str, new: Option<&Value>| match name {
        "//" | "prevent_destroy" => true,
        "create_before_destroy" => new.is_some_and(|it| *it == true),
        _ => false,
    };
    let of = |it: &Block| items(&it.body["lifecycle"]).first().cloned().unwrap_or_default();
    let (old, new) = (of(before), of(after));
    let fields = |it: &Value| it.as_object().cloned().unwrap_or_default();
    let (old, new) = (fields(&old), fields(&new));
    let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let differs = names.into_iter().filter(|it| old.get(*it) != new.get(*it));
    let differs = differs.filter(|it| !is_judged(it, new.get(*it)));
    differs.map(|it| format!("`lifecycle.{it}`")).collect()
}

/// Reports differences in the settings of the whole root: the provider, the state and the versions.
fn settings(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    const PROVIDER: &[&str] = &["aws.allowed_account_ids", "aws.default_tags", "aws.region"];
    const TERRAFORM: &[&str] = &[
        "backend.s3.bucket",
        "backend.s3.encrypt",
        "backend.s3.key",
        "backend.s3.region",
        "required_providers",
        "required_version",
    ];
    let sides = (&compare.before, &compare.after);
    for (address, known, before, after) in [
        ("provider", PROVIDER, &sides.0.provider, &sides.1.provider),
        ("terraform", TERRAFORM, &sides.0.terraform, &sides.1.terraform),
    ] {
        let fields = diff::fields(before, after);
        let lines = fields.iter().filter(|it| {
            // A second provider has an index after its name, and is not known.
            let is = |known: &&str| {
                it.path
                    .strip_prefix(*known)
                    .is_some_and(|it| it.is_empty() || it.starts_with(['.', '[']))
            };
            !it.path.ends_with("//") && !known.iter().any(is)
        });
        let lines: Vec<_> = lines.map(Field::to_string).collect();
        if !lines.is_empty() {
            let problem = format!("it differs, and there is no rule for it: {READ}");
            found.push(unjudged(address, problem).with(lines));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use infra_core::{check::provider, model::BlockKind};

    #[test]
    fn every_type_in_use_has_its_arguments() {
        assert!(JUDGED.is_sorted_by(|a, b| a.0 < b.0));
        for (kind, tf_type) in provider::run().types() {
            let block = Block {
                address: String::new(),
                kind,
                tf_type: tf_type.to_owned(),
                body: Value::Null,
                document: None,
            };
            assert!(is_known(&block), "{tf_type}");
        }
    }

    #[test]
    fn every_argument_is_one_of_the_provider() {
        let schema = provider::run();
        let in_use: Vec<_> = schema.types().collect();
        for (tf_type, arguments) in JUDGED {
            // There is no schema here for a type that is not generated.
            if !in_use.contains(&(BlockKind::Resource, *tf_type)) {
                continue;
            }
            for argument in *arguments {
                // Whatever is in a block can be added to it, so each of its arguments has a name of its own, or
                // a rule compares the block as a whole.
                let (path, is_block) = match argument.strip_suffix(".*") {
                    Some(block) => (block, true),
                    None => (*argument, false),
                };
                let path: Vec<_> = path.split('.').collect();
                assert!(schema.has(BlockKind::Resource, tf_type, &path), "{tf_type} {argument}");
                let is = schema.is_block(BlockKind::Resource, tf_type, &path);
                assert_eq!(is, is_block, "{tf_type} {argument}");
            }
            assert!(arguments.is_sorted(), "{tf_type}");
        }
    }
}
