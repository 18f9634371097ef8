//! Arguments whose change has one meaning: a table with one line for each.

use serde_json::Value;

use super::{
    block::{Block, first, items, number, scalars, target},
    compare::Comparison,
    finding::{
        Found, Rule,
        Rule::{
            AlarmLoosened, CostUp, DataLoss, DeliveryLoosened, DlqLoosened, Exposed, FlowChanged,
            LimitsMisfit, RightsWidened, Stopped,
        },
        Severity,
        Severity::{Danger, Notice, Warning},
    },
    policy::bare,
};

/// The kind of change that a line is about.
#[derive(Debug, Clone, Copy)]
enum When {
    /// It is no longer set.
    Gone,
    /// It is set, or set to something else.
    Set,
    /// It was set, and is set to something else.
    Other,
    /// It gets this value.
    Becomes(&'static str),
    /// It had this value, and has another one or none.
    Leaves(&'static str),
    /// The number goes up.
    Higher,
    /// The number goes down.
    Lower,
    /// It is set for the first time.
    New,
    /// The number goes up to the double or more.
    Doubles,
    /// The number falls to half or less. -1 means that there is no limit.
    Halves,
    /// It moves to a later value of this list, or to a value outside the list. A missing value counts as the earliest.
    Along(&'static [&'static str]),
    /// A value of the list, or a field of the map, is removed.
    Loses,
    /// A value is added to the list.
    Gains,
    /// A field refers to another resource than before.
    Redirects,
}

use When::{
    Along, Becomes, Doubles, Gains, Gone, Halves, Higher, Leaves, Loses, Lower, New, Other,
    Redirects, Set,
};

type Line = (&'static str, &'static [&'static str], When, Severity, Rule, &'static str);

const MOCKED: &str = "its route maps requests in another way: a preflight may get another status, and then no browser \
                      calls";
const VALIDATED: &str =
    "its requests are validated in another way, or not at all, before they reach the function";
const CHECKED: &str = "its requests are validated now: callers who were accepted can be refused";
const LETS_IN: &str =
    "more calls are accepted: the services behind the API, and their quotas, must allow them";
const OTHER_ROLE: &str = "it works with the permissions of another role";

/// Sorted by type.
#[rustfmt::skip]
const LINES: &[Line] = &[
    ("aws_api_gateway_account", &["cloudwatch_role_arn"], Gone, Warning, AlarmLoosened, "API Gateway writes no log any more, in the whole account and region"),
    ("aws_api_gateway_account", &["cloudwatch_role_arn"], Other, Warning, AlarmLoosened, "API Gateway writes its logs with another role: without permissions, it writes none"),
    ("aws_api_gateway_api_key", &["enabled"], Becomes("false"), Danger, Stopped, "every call with this key is refused"),
    ("aws_api_gateway_deployment", &["triggers"], Gone, Warning, DeliveryLoosened, "changes of the API are deployed no longer"),
    ("aws_api_gateway_gateway_response", &["status_code"], Other, Warning, FlowChanged, "callers whose request is refused get another status"),
    ("aws_api_gateway_gateway_response", &["status_code"], Gone, Warning, FlowChanged, "callers whose request is refused get the status that API Gateway chooses"),
    ("aws_api_gateway_gateway_response", &["response_templates"], Gone, Warning, FlowChanged, "callers whose request is refused get the body that API Gateway chooses"),
    ("aws_api_gateway_gateway_response", &["response_templates"], Other, Warning, FlowChanged, "callers whose request is refused get another body"),
    ("aws_api_gateway_integration", &["request_templates"], Gone, Warning, Stopped, MOCKED),
    ("aws_api_gateway_integration", &["request_templates"], Set, Warning, Stopped, MOCKED),
    ("aws_api_gateway_integration", &["timeout_milliseconds"], Halves, Warning, LimitsMisfit, "callers get a 504 in half the time or less"),
    ("aws_api_gateway_integration", &["uri"], Gone, Danger, Stopped, "its requests go nowhere"),
    ("aws_api_gateway_integration", &["uri"], Other, Warning, FlowChanged, "its requests go elsewhere"),
    ("aws_api_gateway_integration_response", &["status_code"], Other, Warning, FlowChanged, "its route answers with another status"),
    ("aws_api_gateway_method", &["authorization_scopes"], Loses, Warning, Exposed, "it requires one scope less"),
    ("aws_api_gateway_method", &["authorizer_id"], Gone, Warning, Exposed, "no authorizer decides who may call"),
    ("aws_api_gateway_method", &["authorizer_id"], Other, Warning, Exposed, "another authorizer decides who may call"),
    ("aws_api_gateway_method", &["authorization_scopes"], Gains, Warning, Stopped, "it requires one scope more"),
    ("aws_api_gateway_method", &["request_models"], New, Warning, Stopped, CHECKED),
    ("aws_api_gateway_method", &["request_parameters"], New, Warning, Stopped, CHECKED),
    ("aws_api_gateway_method", &["request_validator_id"], New, Warning, Stopped, CHECKED),
    ("aws_api_gateway_method", &["request_models"], Gone, Warning, Exposed, VALIDATED),
    ("aws_api_gateway_method", &["request_models"], Other, Warning, Exposed, VALIDATED),
    ("aws_api_gateway_method", &["request_parameters"], Gone, Warning, Exposed, VALIDATED),
    ("aws_api_gateway_method", &["request_parameters"], Other, Warning, Exposed, VALIDATED),
    ("aws_api_gateway_method", &["request_validator_id"], Gone, Warning, Exposed, VALIDATED),
    ("aws_api_gateway_method", &["request_validator_id"], Other, Warning, Exposed, VALIDATED),
    ("aws_api_gateway_method_response", &["status_code"], Other, Warning, FlowChanged, "its route answers with another status"),
    ("aws_api_gateway_method_settings", &["settings", "logging_level"], Along(&["INFO", "ERROR", "OFF"]), Warning, AlarmLoosened, "its log records less"),
    ("aws_api_gateway_method_settings", &["settings", "logging_level"], Gone, Warning, AlarmLoosened, "it writes no log any more"),
    ("aws_api_gateway_method_settings", &["settings", "throttling_burst_limit"], Higher, Warning, Exposed, LETS_IN),
    ("aws_api_gateway_method_settings", &["settings", "throttling_burst_limit"], Halves, Warning, Stopped, "half as many calls at once are accepted, or fewer"),
    ("aws_api_gateway_method_settings", &["settings", "throttling_rate_limit"], Higher, Warning, Exposed, LETS_IN),
    ("aws_api_gateway_method_settings", &["settings", "throttling_rate_limit"], Halves, Warning, Stopped, "half as many calls are accepted, or fewer"),
    ("aws_api_gateway_request_validator", &["validate_request_body"], Becomes("true"), Warning, Stopped, CHECKED),
    ("aws_api_gateway_request_validator", &["validate_request_parameters"], Becomes("true"), Warning, Stopped, CHECKED),
    ("aws_api_gateway_request_validator", &["validate_request_body"], Leaves("true"), Warning, Exposed, "bodies reach the function unchecked"),
    ("aws_api_gateway_request_validator", &["validate_request_parameters"], Leaves("true"), Warning, Exposed, "parameters reach the function unchecked"),
    ("aws_api_gateway_resource", &["parent_id"], Other, Warning, Stopped, "callers of its old path get 403"),
    ("aws_api_gateway_resource", &["path_part"], Other, Warning, Stopped, "callers of its old path get 403"),
    ("aws_api_gateway_rest_api", &["disable_execute_api_endpoint"], Leaves("true"), Danger, Exposed, "it can be called without its own domain"),
    ("aws_api_gateway_rest_api", &["disable_execute_api_endpoint"], Becomes("true"), Danger, Stopped, "calls by the URL that AWS gave it are refused"),
    ("aws_api_gateway_rest_api", &["name"], Other, Notice, AlarmLoosened, "its metrics get another name: alarms and dashboards on the old name get no data"),
    ("aws_api_gateway_stage", &["access_log_settings", "destination_arn"], Other, Warning, AlarmLoosened, "its access log goes elsewhere"),
    ("aws_api_gateway_stage", &["access_log_settings", "format"], Other, Notice, AlarmLoosened, "its access log has other fields"),
    ("aws_api_gateway_stage", &["deployment_id"], Other, Warning, FlowChanged, "it shows another deployment"),
    ("aws_api_gateway_usage_plan", &["api_stages"], Gone, Danger, Stopped, "its keys give access to no stage"),
    ("aws_api_gateway_usage_plan", &["api_stages"], Other, Warning, FlowChanged, "its keys give access to other stages"),
    ("aws_api_gateway_usage_plan", &["api_stages"], New, Warning, Exposed, "its keys give access to a stage"),
    ("aws_api_gateway_usage_plan", &["quota_settings"], New, Warning, Stopped, "its keys have a quota of calls now"),
    ("aws_api_gateway_usage_plan", &["throttle_settings"], New, Warning, Stopped, "its keys have a rate limit now"),
    ("aws_api_gateway_usage_plan", &["quota_settings"], Gone, Warning, Exposed, "its keys have no quota of calls any more"),
    ("aws_api_gateway_usage_plan", &["quota_settings", "limit"], Becomes("0"), Danger, Stopped, "its keys may not call at all"),
    ("aws_api_gateway_usage_plan", &["quota_settings", "limit"], Halves, Warning, Stopped, "its keys may call half as often, or less"),
    ("aws_api_gateway_usage_plan", &["quota_settings", "limit"], Higher, Notice, Exposed, "its keys may call more often"),
    ("aws_api_gateway_usage_plan", &["quota_settings", "period"], Along(&["MONTH", "WEEK", "DAY"]), Warning, Exposed, "its keys may use the same quota in a shorter time"),
    ("aws_api_gateway_usage_plan", &["throttle_settings"], Gone, Warning, Exposed, "its keys have no rate limit any more"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "burst_limit"], Gone, Warning, Exposed, "its keys have no burst limit any more"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "burst_limit"], Becomes("0"), Warning, Stopped, "its keys may not call at all"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "burst_limit"], Halves, Warning, Stopped, "its keys may call half as fast, or slower"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "burst_limit"], Higher, Notice, Exposed, "its keys may call faster"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "rate_limit"], Gone, Warning, Exposed, "its keys have no rate limit any more"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "rate_limit"], Becomes("0"), Warning, Stopped, "its keys may not call at all"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "rate_limit"], Halves, Warning, Stopped, "its keys may call half as fast, or slower"),
    ("aws_api_gateway_usage_plan", &["throttle_settings", "rate_limit"], Higher, Notice, Exposed, "its keys may call faster"),
    ("aws_codebuild_project", &["build_timeout"], Halves, Warning, LimitsMisfit, "a build is stopped in half the time or less"),
    ("aws_codebuild_project", &["cache"], New, Warning, DeliveryLoosened, "builds keep files in a cache for later builds"),
    ("aws_codebuild_project", &["cache"], Other, Warning, DeliveryLoosened, "builds keep files for later builds in another cache"),
    ("aws_codebuild_project", &["cache"], Gone, Notice, DeliveryLoosened, "it keeps nothing for later builds"),
    ("aws_codebuild_project", &["environment", "environment_variable"], Gone, Warning, DeliveryLoosened, "its commands get other values"),
    ("aws_codebuild_project", &["environment", "environment_variable"], Set, Warning, DeliveryLoosened, "its commands get other values"),
    ("aws_codebuild_project", &["environment", "image"], Other, Warning, DeliveryLoosened, "its commands run in another image"),
    ("aws_codebuild_project", &["environment", "privileged_mode"], Becomes("true"), Warning, DeliveryLoosened, "its commands get root access to their machine"),
    ("aws_codebuild_project", &["environment", "compute_type"], Other, Notice, LimitsMisfit, "its commands run on a machine of another size: they can take longer than they may"),
    ("aws_codebuild_project", &["logs_config"], New, Warning, AlarmLoosened, "its log goes elsewhere, or nowhere"),
    ("aws_codebuild_project", &["queued_timeout"], Halves, Warning, LimitsMisfit, "a build that waits is given up in half the time or less"),
    ("aws_codebuild_project", &["logs_config"], Gone, Warning, AlarmLoosened, "its log goes elsewhere"),
    ("aws_codebuild_project", &["logs_config"], Other, Warning, AlarmLoosened, "its log goes elsewhere, or nowhere"),
    ("aws_codebuild_project", &["service_role"], Other, Warning, RightsWidened, OTHER_ROLE),
    ("aws_codebuild_project", &["source", "buildspec"], Gone, Warning, DeliveryLoosened, "it runs the commands in `buildspec.yml`"),
    ("aws_codebuild_project", &["source", "buildspec"], Other, Warning, DeliveryLoosened, "it runs other commands"),
    ("aws_codestarnotifications_notification_rule", &["event_type_ids"], Loses, Warning, AlarmLoosened, "an event sends no notification any more"),
    ("aws_codestarnotifications_notification_rule", &["status"], Becomes("DISABLED"), Danger, AlarmLoosened, "it sends no notification any more"),
    ("aws_codestarnotifications_notification_rule", &["target"], Gone, Danger, AlarmLoosened, "it sends no notification any more"),
    ("aws_codestarnotifications_notification_rule", &["target"], Other, Warning, AlarmLoosened, "its notifications go elsewhere"),
    ("aws_dynamodb_table", &["server_side_encryption", "enabled"], Becomes("false"), Warning, Exposed, "no longer encrypted with a key of this account"),
    ("aws_dynamodb_table", &["ttl", "enabled"], Leaves("true"), Notice, CostUp, "its items are kept for ever"),
    ("aws_dynamodb_table", &["billing_mode"], Becomes("PROVISIONED"), Warning, LimitsMisfit, "it accepts only the provisioned reads and writes"),
    ("aws_dynamodb_table", &["point_in_time_recovery", "recovery_period_in_days"], Lower, Warning, DataLoss, "it can be restored to fewer days"),
    ("aws_dynamodb_table", &["point_in_time_recovery", "recovery_period_in_days"], New, Warning, DataLoss, "it can be restored to this number of days, before to 35"),
    ("aws_dynamodb_table", &["read_capacity"], Set, Warning, LimitsMisfit, "it accepts only the provisioned reads"),
    ("aws_dynamodb_table", &["write_capacity"], Set, Warning, LimitsMisfit, "it accepts only the provisioned writes"),
    ("aws_iam_openid_connect_provider", &["client_id_list"], Gains, Warning, RightsWidened, "tokens for another audience are accepted"),
    ("aws_iam_openid_connect_provider", &["client_id_list"], Loses, Warning, Stopped, "tokens for an audience are no longer accepted"),
    ("aws_iam_role", &["permissions_boundary"], Gone, Danger, RightsWidened, "its permissions boundary is removed"),
    ("aws_iam_role", &["permissions_boundary"], Other, Warning, RightsWidened, "another permissions boundary limits it"),
    ("aws_kms_alias", &["target_key_id"], Other, Warning, Exposed, "it names another key"),
    ("aws_kms_key", &["is_enabled"], Becomes("false"), Danger, Stopped, "every read and write of the data that it encrypts fails"),
    ("aws_kms_key", &["policy"], Gone, Warning, RightsWidened, "it gets the default policy of AWS: IAM alone decides who in the account may use it"),
    ("aws_lambda_alias", &["function_version"], Other, Warning, FlowChanged, "calls go to another version"),
    ("aws_lambda_event_source_mapping", &["batch_size"], Doubles, Warning, LimitsMisfit, "its function gets twice as many messages in a call, or more, and has no more time for them"),
    ("aws_lambda_event_source_mapping", &["batch_size"], Halves, Warning, LimitsMisfit, "its function gets half as many messages in a call, or fewer, and is called more often"),
    ("aws_lambda_event_source_mapping", &["filter_criteria"], Set, Danger, Stopped, "messages that do not match are discarded without a call"),
    ("aws_lambda_event_source_mapping", &["function_name"], Other, Warning, FlowChanged, "its messages go elsewhere"),
    ("aws_lambda_event_source_mapping", &["maximum_batching_window_in_seconds"], Doubles, Warning, Stopped, "messages wait for others twice as long, or longer, before they are worked on"),
    ("aws_lambda_event_source_mapping", &["maximum_batching_window_in_seconds"], New, Warning, Stopped, "messages wait for others before they are worked on"),
    ("aws_lambda_event_source_mapping", &["scaling_config"], New, Warning, LimitsMisfit, "its number of concurrent instances is limited now"),
    ("aws_lambda_event_source_mapping", &["scaling_config", "maximum_concurrency"], Halves, Warning, LimitsMisfit, "it runs half as many instances, or fewer: messages wait"),
    ("aws_lambda_event_source_mapping", &["scaling_config"], Gone, Warning, LimitsMisfit, "nothing limits its concurrent instances: throttled calls use up attempts of its messages"),
    ("aws_lambda_function", &["environment", "variables"], Loses, Warning, Stopped, "a variable is gone: a function that reads it does not start"),
    ("aws_lambda_function", &["environment", "variables"], Redirects, Warning, FlowChanged, "it uses another resource"),
    ("aws_lambda_function", &["logging_config", "application_log_level"], Along(&["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]), Warning, AlarmLoosened, "its log records less: a line without a level counts as INFO, and metrics are such lines"),
    ("aws_lambda_function", &["logging_config", "system_log_level"], Along(&["DEBUG", "INFO", "WARN"]), Warning, AlarmLoosened, "Lambda's own log records less"),
    ("aws_lambda_function", &["logging_config", "log_format"], Leaves("JSON"), Warning, AlarmLoosened, "its log is not JSON: searches by field find nothing"),
    ("aws_lambda_function", &["logging_config", "log_group"], Gone, Warning, AlarmLoosened, "it logs to a group that Lambda makes, without retention and key"),
    ("aws_lambda_function", &["logging_config", "log_group"], Other, Warning, AlarmLoosened, "its log goes elsewhere"),
    ("aws_lambda_function", &["memory_size"], Gone, Warning, LimitsMisfit, "it has 128 MB, and its share of a processor"),
    ("aws_lambda_function", &["memory_size"], Halves, Warning, LimitsMisfit, "it has half of its memory and processor, or less"),
    ("aws_lambda_function", &["timeout"], Gone, Warning, LimitsMisfit, "a call is stopped after 3 s"),
    ("aws_lambda_function", &["timeout"], Halves, Warning, LimitsMisfit, "a call is stopped in half the time or less"),
    ("aws_lambda_function", &["publish"], Leaves("true"), Warning, DeliveryLoosened, "new code gets no version: aliases stay at the old version"),
    ("aws_lambda_function", &["ephemeral_storage", "size"], Lower, Warning, LimitsMisfit, "it has less room in /tmp"),
    ("aws_lambda_function", &["reserved_concurrent_executions"], Gone, Warning, LimitsMisfit, "no concurrency is reserved for its calls, and nothing limits how many run at once"),
    ("aws_lambda_function", &["reserved_concurrent_executions"], New, Warning, LimitsMisfit, "the number of calls that run at once is limited now"),
    ("aws_lambda_function", &["reserved_concurrent_executions"], Becomes("0"), Danger, Stopped, "every call of it is refused"),
    ("aws_lambda_function", &["reserved_concurrent_executions"], Halves, Warning, LimitsMisfit, "half as many calls run at once, or fewer"),
    ("aws_lambda_function", &["role"], Other, Warning, RightsWidened, OTHER_ROLE),
    ("aws_lambda_function", &["source_code_hash"], Gone, Warning, DeliveryLoosened, "Terraform does not see that its code changes"),
    ("aws_s3_bucket_ownership_controls", &["rule", "object_ownership"], Leaves("BucketOwnerEnforced"), Danger, Exposed, "access control lists count again: objects can be shared one by one"),
    ("aws_s3_bucket_server_side_encryption_configuration", &["rule", "apply_server_side_encryption_by_default", "kms_master_key_id"], Gone, Warning, Exposed, "no longer encrypted with a key of this account"),
    ("aws_s3_bucket_server_side_encryption_configuration", &["rule", "apply_server_side_encryption_by_default", "kms_master_key_id"], Other, Warning, Exposed, "encrypted with another key"),
    ("aws_s3_bucket_server_side_encryption_configuration", &["rule", "apply_server_side_encryption_by_default", "sse_algorithm"], Gone, Warning, Exposed, "encrypted as AWS does by default"),
    ("aws_s3_bucket_server_side_encryption_configuration", &["rule", "apply_server_side_encryption_by_default", "kms_master_key_id"], New, Warning, Stopped, "whoever reads it needs a permission on the key"),
    ("aws_s3_bucket_server_side_encryption_configuration", &["rule", "apply_server_side_encryption_by_default", "sse_algorithm"], Other, Warning, Exposed, "encrypted in another way"),
    ("aws_scheduler_schedule", &["flexible_time_window", "maximum_window_in_minutes"], Higher, Warning, Stopped, "it is called later: at any time in a longer window"),
    ("aws_scheduler_schedule", &["flexible_time_window", "mode"], Leaves("OFF"), Warning, Stopped, "it is called later: at any time in a window"),
    ("aws_scheduler_schedule", &["state"], Becomes("DISABLED"), Danger, Stopped, "nothing is called on schedule any more"),
    ("aws_scheduler_schedule", &["target", "arn"], Other, Warning, FlowChanged, "it calls another resource"),
    ("aws_scheduler_schedule", &["target", "retry_policy"], New, Notice, DlqLoosened, "a call that fails is retried by its own policy, before up to 185 times in a day"),
    ("aws_scheduler_schedule", &["target", "retry_policy"], Gone, Notice, DlqLoosened, "a call that fails is retried by the default policy of AWS"),
    ("aws_scheduler_schedule", &["target", "retry_policy", "maximum_event_age_in_seconds"], Lower, Notice, DlqLoosened, "a call that fails is given up sooner"),
    ("aws_scheduler_schedule", &["target", "role_arn"], Other, Warning, RightsWidened, OTHER_ROLE),
    ("aws_sfn_state_machine", &["logging_configuration", "log_destination"], Gone, Warning, AlarmLoosened, "it writes no log any more"),
    ("aws_sfn_state_machine", &["logging_configuration", "log_destination"], Other, Warning, AlarmLoosened, "its log goes elsewhere"),
    ("aws_sfn_state_machine", &["role_arn"], Other, Warning, RightsWidened, OTHER_ROLE),
    ("aws_wafv2_web_acl", &["data_protection_config"], New, Notice, AlarmLoosened, "its log and its samples leave out fields"),
    ("aws_wafv2_web_acl", &["data_protection_config"], Gone, Warning, Exposed, "its log and its samples show the headers that authenticate callers"),
    ("aws_wafv2_web_acl", &["data_protection_config"], Other, Warning, Exposed, "its log and its samples leave out other fields"),
    ("aws_wafv2_web_acl_logging_configuration", &["log_destination_configs"], Loses, Warning, AlarmLoosened, "its log goes elsewhere, or nowhere"),
    ("aws_wafv2_web_acl_logging_configuration", &["logging_filter"], Set, Warning, AlarmLoosened, "other requests are logged than before"),
    ("aws_wafv2_web_acl_logging_configuration", &["redacted_fields"], New, Notice, AlarmLoosened, "its log leaves out fields"),
    ("aws_wafv2_web_acl_logging_configuration", &["redacted_fields"], Gone, Warning, Exposed, "its log shows fields that were redacted"),
    ("aws_wafv2_web_acl_logging_configuration", &["redacted_fields"], Other, Warning, Exposed, "its log redacts other fields"),
];

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.kept() {
        for (_, path, when, severity, rule, problem) in
            LINES.iter().filter(|it| it.0 == before.tf_type)
        {
            let (old, new) = (value(before, path), value(after, path));
            if old != new && is_meant(compare, *when, old, new) {
                let what = format!("`{}` {} → {}", path.join("."), told(old), told(new));
                found.push(Found::new(*severity, *rule, &after.address, *problem).with([what]));
            }
        }
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        it => bare(&super::diff::short(it)),
    }
}

/// The value at a path: the whole list, if it is a list.
fn value<'b>(block: &'b Block, path: &[&str]) -> &'b Value {
    let (last, way) = path.split_last().expect("a path names something");
    &way.iter().fold(&block.body, |value, name| first(&value[*name]))[*last]
}

fn is_meant(compare: &Comparison<'_>, when: When, old: &Value, new: &Value) -> bool {
    let is = |it: &Value, text: &str| !it.is_null() && scalars(it) == [text];
    let numbers = || number(old).zip(number(new));
    match when {
        Gone => new.is_null(),
        Set => !new.is_null(),
        New => old.is_null() && !new.is_null(),
        Other => !old.is_null() && !new.is_null() && !is_renamed(compare, old, new),
        Becomes(text) => is(new, text),
        Leaves(text) => is(old, text),
        Higher => numbers().is_some_and(|(old, new)| new > old && old >= 0.0),
        Doubles => numbers().is_some_and(|(old, new)| new > old && new >= old * 2.0),
        Halves => numbers().is_some_and(|(old, new)| new >= 0.0 && new < old && new <= old / 2.0),
        Lower => numbers().is_some_and(|(old, new)| new < old),
        Along(list) => {
            let at = |it: &Value| list.iter().position(|text| is(it, text));
            // A value outside the list cannot be compared.
            at(new) > at(old) || !new.is_null() && at(new).is_none()
        }
        Loses => match (old, new) {
            (Value::Object(old), new) => old.keys().any(|it| new[it].is_null()),
            _ => items(old).iter().any(|it| !items(new).contains(it) && !is_of_gone(compare, it)),
        },
        Gains => items(new).iter().any(|it| !items(old).contains(it)),
        Redirects => old.as_object().into_iter().flatten().any(|(name, old)| {
            let new = &new[name];
            let refers = |it: &Value| it.as_str().and_then(target).is_some();
            old != new
                && !new.is_null()
                && (refers(old) || refers(new))
                && !is_renamed(compare, old, new)
        }),
    }
}

fn is_of_gone(compare: &Comparison<'_>, value: &Value) -> bool {
    value.as_str().and_then(target).is_some_and(|it| compare.is_gone(it))
}

/// Whether it referred to a removed resource and refers to a new one. Other rules report that replacement.
fn is_renamed(compare: &Comparison<'_>, old: &Value, new: &Value) -> bool {
    let of = |it: &Value| it.as_str().and_then(target).map(str::to_owned);
    of(old).zip(of(new)).is_some_and(|(old, new)| compare.is_gone(&old) && compare.is_new(&new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use infra_core::{check::provider, model::BlockKind};

    #[test]
    fn every_line_names_an_argument_that_the_provider_has() {
        assert!(LINES.is_sorted_by_key(|it| it.0));
        let schema = provider::run();
        for (tf_type, path, ..) in LINES {
            assert!(schema.has(BlockKind::Resource, tf_type, path), "{tf_type} {path:?}");
        }
    }
}
