//! Finds resources that Terraform destroys and creates again, and the loss that this causes.
//!
//! `terraform providers schema -json` does not show which arguments force a replacement, so this
//! file lists them for the types in use. `infra-gen/tests/force_new.rs` checks every line with a plan
//! of the real provider. [`super::unjudged`] reports a type that is not in the list.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use super::{
    block::Block,
    compare::{Comparison, Pair},
    finding::{Found, Rule, Severity},
};

/// A type of resource in the list.
#[derive(Debug)]
pub(super) struct Known {
    tf_type: &'static str,
    /// Arguments that cannot be changed in place.
    force_new: &'static [&'static str],
    loses: Loses,
}

/// The loss when a resource is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loses {
    /// Data that cannot be restored.
    Data(&'static str),
    /// A value that others depend on, or the function of the resource until it is created again.
    Standing(&'static str),
    /// Nothing, because Terraform creates it again at once.
    Nothing,
}

use Loses::{Data, Nothing, Standing};

macro_rules! known {
    ($($tf_type:literal [$($argument:literal)*] $loses:expr;)*) => {
        &[$(Known { tf_type: $tf_type, force_new: &[$($argument),*], loses: $loses }),*]
    };
}

/// Sorted by type.
const KNOWN: &[Known] = known! {
    "aws_api_gateway_account" [] Nothing;
    "aws_api_gateway_api_key" ["value"] Standing("its value: every client must learn the new one");
    "aws_api_gateway_deployment" ["rest_api_id" "triggers"] Nothing;
    "aws_api_gateway_gateway_response" ["response_type" "rest_api_id"] Nothing;
    "aws_api_gateway_integration" ["http_method" "integration_http_method" "resource_id" "rest_api_id" "type"] Nothing;
    "aws_api_gateway_integration_response" ["http_method" "resource_id" "rest_api_id"] Nothing;
    "aws_api_gateway_method" ["http_method" "resource_id" "rest_api_id"] Nothing;
    "aws_api_gateway_method_response" ["http_method" "resource_id" "rest_api_id"] Nothing;
    "aws_api_gateway_method_settings" ["method_path" "rest_api_id" "stage_name"] Nothing;
    "aws_api_gateway_model" ["content_type" "name" "rest_api_id"] Nothing;
    "aws_api_gateway_request_validator" ["rest_api_id"] Nothing;
    "aws_api_gateway_resource" ["rest_api_id"] Standing("its path answers 403 until the next deployment");
    "aws_api_gateway_rest_api" [] Standing("its URL: every client must learn the new one");
    "aws_api_gateway_stage" ["rest_api_id" "stage_name"] Standing("a while without the API, and its URL where the stage's name is part of it");
    "aws_api_gateway_usage_plan" [] Standing("the counts and limits of its keys, and a while in which the API refuses them");
    "aws_api_gateway_usage_plan_key" ["key_id" "key_type" "usage_plan_id"] Standing("a while in which the API refuses the key");
    "aws_cloudwatch_dashboard" ["dashboard_name"] Nothing;
    "aws_cloudwatch_log_group" ["name"] Data("every log line in it");
    "aws_cloudwatch_metric_alarm" ["alarm_name"] Nothing;
    "aws_codebuild_project" ["name"] Nothing;
    "aws_codepipeline" ["name"] Standing("the history of its executions, and those in progress");
    "aws_codestarconnections_connection" ["name" "provider_type"] Standing("its handshake: it must be connected to the repository again, by hand");
    "aws_codestarnotifications_notification_rule" ["resource"] Nothing;
    "aws_dynamodb_table" ["hash_key" "name" "range_key"] Data("every item in it");
    "aws_iam_openid_connect_provider" ["url"] Standing("a while in which no workflow can assume a role");
    "aws_iam_policy" ["name" "path"] Standing("its effect on the roles that attach it or are bound by it, until they name the new one");
    "aws_iam_role" ["name"] Standing("its unique id: policies elsewhere that name it no longer match it");
    "aws_iam_role_policy" ["name" "role"] Nothing;
    "aws_iam_role_policy_attachment" ["policy_arn" "role"] Nothing;
    "aws_iam_service_linked_role" ["aws_service_name"] Standing("the work of its service, until it exists again");
    "aws_kms_alias" ["name"] Nothing;
    "aws_kms_key" ["customer_master_key_spec" "key_usage" "multi_region"] Data("everything that it encrypted, which cannot be decrypted once the key is deleted");
    "aws_lambda_alias" ["function_name" "name"] Standing("a while in which it cannot be called");
    "aws_lambda_event_source_mapping" ["event_source_arn"] Nothing;
    "aws_lambda_function" ["function_name" "package_type"] Standing("its versions, and a while in which it cannot be called");
    "aws_lambda_permission" ["action" "function_name" "principal" "qualifier" "source_arn"] Nothing;
    "aws_s3_bucket" ["bucket" "object_lock_enabled"] Data("every object in it");
    "aws_s3_bucket_lifecycle_configuration" ["bucket"] Nothing;
    "aws_s3_bucket_notification" ["bucket"] Nothing;
    "aws_s3_bucket_ownership_controls" ["bucket"] Nothing;
    "aws_s3_bucket_policy" ["bucket"] Nothing;
    "aws_s3_bucket_public_access_block" ["bucket"] Nothing;
    "aws_s3_bucket_server_side_encryption_configuration" ["bucket"] Nothing;
    "aws_s3_bucket_versioning" ["bucket"] Nothing;
    "aws_scheduler_schedule" ["group_name" "name"] Nothing;
    "aws_sfn_state_machine" ["name" "type"] Data("its executions: running ones are stopped, their history is deleted, and their names can be used again");
    "aws_sns_topic" ["fifo_topic" "name"] Standing("its subscriptions: addresses must be confirmed again");
    "aws_sns_topic_policy" ["arn"] Nothing;
    "aws_sns_topic_subscription" ["endpoint" "protocol" "topic_arn"] Standing("the confirmation: no mail is sent until the address is confirmed again");
    "aws_sqs_queue" ["fifo_queue" "name"] Data("every message in it");
    "aws_sqs_queue_policy" ["queue_url"] Nothing;
    "aws_sqs_queue_redrive_allow_policy" ["queue_url"] Nothing;
    "aws_sqs_queue_redrive_policy" ["queue_url"] Nothing;
    "aws_wafv2_web_acl" ["name" "scope"] Standing("a while without the firewall, and its counts");
    "aws_wafv2_web_acl_association" ["resource_arn" "web_acl_arn"] Standing("a while without the firewall");
    "aws_wafv2_web_acl_logging_configuration" ["resource_arn"] Nothing;
};

fn known(tf_type: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|it| it.tf_type == tf_type)
}

/// Every type in the list, with the arguments that force a replacement.
pub fn force_new() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    KNOWN.iter().map(|it| (it.tf_type, it.force_new))
}

/// The arguments of a type that force a replacement.
pub(super) fn arguments(tf_type: &str) -> &'static [&'static str] {
    known(tf_type).map_or(&[], |it| it.force_new)
}

/// The loss when a resource of a type is destroyed.
pub(super) fn loses(tf_type: &str) -> Loses {
    known(tf_type).map_or(Nothing, |it| it.loses)
}

/// Why a resource is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// These of its own arguments cannot be changed.
    Arguments(Vec<(&'static str, String)>),
    /// It refers to a replaced resource: the address of that resource, and the argument with the reference.
    Follows(String, &'static str),
    /// The value of a reference changes: the address that it names, and the argument with the reference.
    Named(String, &'static str),
    /// The resource is a snapshot, so each change creates a new one.
    ByDesign,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Arguments(arguments) => {
                let lines: Vec<_> = arguments.iter().map(|it| it.1.as_str()).collect();
                write!(f, "cannot be changed in place: {}", lines.join("; "))
            }
            Why::Follows(address, argument) => {
                write!(f, "`{argument}` refers to {address}, which is created again")
            }
            Why::Named(address, argument) => {
                write!(f, "`{argument}` refers to {address}, which has another value")
            }
            Why::ByDesign => f.write_str("a snapshot of the API: each change creates a new one"),
        }
    }
}

impl Why {
    /// Whether the reason already names the argument.
    pub(super) fn names(&self, argument: &str) -> bool {
        match self {
            Why::Arguments(arguments) => arguments.iter().any(|it| it.0 == argument),
            Why::Follows(_, it) | Why::Named(_, it) => *it == argument,
            Why::ByDesign => false,
        }
    }
}

/// Every resource that Terraform destroys and creates again, with the reason.
pub(super) fn replaced(compare: &Comparison<'_>) -> BTreeMap<String, Why> {
    let mut found: BTreeMap<String, Why> = BTreeMap::new();
    let pairs: Vec<Pair<'_>> = compare.all().filter_map(|it| it.1.zip(it.2)).collect();
    for (before, after) in &pairs {
        let why = known(&after.tf_type).and_then(|it| by_itself(compare, it, before, after));
        found.extend(why.map(|it| (after.address.clone(), it)));
    }
    if found.is_empty() {
        return found;
    }
    // A resource that refers to a replaced one by a value that only AWS knows is replaced, too.
    let mut references: Vec<(&Block, &'static str, String, String)> = Vec::new();
    for (_, after) in &pairs {
        for argument in arguments(&after.tf_type) {
            let of = after.body[*argument].as_str().map(super::known::references);
            let all = of.into_iter().flatten();
            references.extend(all.map(|(of, attribute)| (*after, *argument, of, attribute)));
        }
    }
    references.retain(|(_, _, of, attribute)| {
        let there = compare.after.blocks.get(of);
        there.is_some_and(|it| it.body[attribute].is_null())
    });
    loop {
        let before = found.len();
        for (block, argument, of, _) in &references {
            let anew = found.get(of).is_some_and(|it| *it != Why::ByDesign);
            if anew && !found.contains_key(&block.address) {
                found.insert(block.address.clone(), Why::Follows(of.clone(), argument));
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Why a resource is replaced: because of its own arguments, or of the values that they refer to.
fn by_itself(compare: &Comparison<'_>, it: &Known, before: &Block, after: &Block) -> Option<Why> {
    let differs = |it: &&&str| {
        let (old, new) = (&before.body[**it], &after.body[**it]);
        if old == new && !new.as_str().is_some_and(|it| it.contains("${")) {
            return false;
        }
        let stays = new.is_null() && super::kept::stays(&after.tf_type, &[it]);
        !stays
            && super::known::value(compare.before, old) != super::known::value(compare.after, new)
    };
    let arguments: Vec<&&'static str> = it.force_new.iter().filter(differs).collect();
    if *arguments == [&"triggers"] {
        return Some(Why::ByDesign);
    }
    let text = |value: &Value| match value {
        Value::Null => "nothing".to_owned(),
        it => super::policy::bare(&super::diff::short(it)),
    };
    let own = arguments.iter().filter(|it| before.body[***it] != after.body[***it]);
    let lines = own.map(|it| {
        let (old, new) = (text(&before.body[**it]), text(&after.body[**it]));
        (**it, format!("`{it}` {old} → {new}"))
    });
    let lines: Vec<_> = lines.collect();
    if !lines.is_empty() {
        return Some(Why::Arguments(lines));
    }
    // The reference is the same, and its value differs.
    let argument = *arguments.first()?;
    let of = super::known::references(after.body[*argument].as_str()?).into_iter().next()?;
    Some(Why::Named(of.0, argument))
}

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    let replaced = compare.replaced();
    for (address, why) in replaced {
        let Some(block) = compare.after.blocks.get(address) else { continue };
        let (severity, what) = match loses(&block.tf_type) {
            Data(it) => (Severity::Danger, it),
            Standing(it) => (Severity::Warning, it),
            Nothing => (Severity::Notice, ""),
        };
        // A resource that loses nothing is listed in the finding of the resource that it follows.
        let on_its_own = match why {
            Why::Arguments(_) => true,
            Why::Follows(..) | Why::Named(..) => severity > Severity::Notice,
            Why::ByDesign => false,
        };
        if !on_its_own {
            continue;
        }
        let lost = if what.is_empty() { String::new() } else { format!("; lost is {what}") };
        let problem = format!("destroyed and created again{lost}");
        let follow: Vec<_> = followers(address, replaced).into_iter().collect();
        let with = (!follow.is_empty()).then(|| format!("with it: {}", follow.join(", ")));
        found.push(
            Found::new(severity, Rule::Replaced, address, problem)
                .with([why.to_string()])
                .with(with)
                .with(protected(compare, address)),
        );
    }
    indexes(compare, replaced, found);
}

/// Every resource that is replaced because this one is.
fn followers(of: &str, replaced: &BTreeMap<String, Why>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (address, why) in replaced {
        if matches!(why, Why::Follows(it, _) | Why::Named(it, _) if it == of)
            && all.insert(address.clone())
        {
            all.extend(followers(address, replaced));
        }
    }
    all
}

/// The note that AWS refuses to delete a protected resource, so that the apply stops half-way.
pub(super) fn protected(compare: &Comparison<'_>, address: &str) -> Option<String> {
    let before = compare.before.blocks.get(address)?;
    (before.truth(&["deletion_protection_enabled"]) == Some(true)).then(|| {
        "deletion protection is on: AWS refuses, and `terraform apply` stops half-way".to_owned()
    })
}

/// Finds changed indexes. DynamoDB cannot change an index: it is deleted and created again, and queries fail until then.
fn indexes(compare: &Comparison<'_>, replaced: &BTreeMap<String, Why>, found: &mut Vec<Found>) {
    for (before, after) in compare.stayed() {
        if after.tf_type != "aws_dynamodb_table" {
            continue;
        }
        if replaced.contains_key(&after.address) {
            continue;
        }
        let (old, new) = (index_list(before), index_list(after));
        for (name, keys) in old {
            let problem = match new.get(name) {
                None => format!("the index {name} is removed: queries on it fail"),
                Some(it) if *it != keys => {
                    format!(
                        "the index {name} is deleted and created again: queries on it fail until then"
                    )
                }
                Some(_) => continue,
            };
            found.push(Found::new(Severity::Warning, Rule::Replaced, &after.address, problem));
        }
    }
}

type Keys<'b> = (&'b Value, &'b Value, &'b Value, Vec<&'b str>);

fn index_list(table: &Block) -> BTreeMap<&str, Keys<'_>> {
    let indexes = super::block::items(&table.body["global_secondary_index"]);
    indexes
        .iter()
        .filter_map(|it| {
            let more = super::block::texts(&it["non_key_attributes"]);
            Some((
                it["name"].as_str()?,
                (&it["hash_key"], &it["range_key"], &it["projection_type"], more),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_names_each_type_once() {
        assert!(KNOWN.is_sorted_by(|a, b| a.tf_type < b.tf_type));
        assert!(KNOWN.iter().all(|it| it.force_new.is_sorted()));
    }

    #[test]
    fn every_type_in_use_is_known() {
        for (kind, tf_type) in infra_core::check::provider::run().types() {
            let is_resource = kind == infra_core::model::BlockKind::Resource;
            assert!(!is_resource || known(tf_type).is_some(), "{tf_type}");
        }
    }
}
