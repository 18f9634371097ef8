//! Changes that expose more: routes, limits, outputs, browsers, encryption, buckets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    block::{Block, plain},
    compare::Comparison,
    diff::short,
    finding::{Found, Rule, Severity},
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    routes(compare, found);
    limits(compare, found);
    schemas(compare, found);
    outputs(compare, found);
    origins(compare, found);
    endpoints(compare, found);
    encryption(compare, found);
    buckets(compare, found);
}

fn exposed(severity: Severity, address: &str, problem: impl Into<String>) -> Found {
    Found::new(severity, Rule::Exposed, address, problem)
}

/// Methods of the API that anybody may call. A preflight must be such a method, because it has no credentials.
fn routes(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    let is_open = |it: &Block| it.text(&["authorization"]) == Some("NONE") && !keyed(it);
    fn keyed(it: &Block) -> bool {
        it.truth(&["api_key_required"]) == Some(true)
    }
    for block in compare.added().filter(|it| it.tf_type == "aws_api_gateway_method") {
        if is_open(block) && block.text(&["http_method"]) != Some("OPTIONS") {
            let problem = "a new route that anybody may call";
            found.push(exposed(Severity::Warning, &block.address, problem));
        }
    }
    for (before, after) in compare.changed("aws_api_gateway_method") {
        let asks = |it: &Block| it.text(&["authorization"]).unwrap_or("NONE").to_owned();
        let (old, new) = (asks(before), asks(after));
        if !is_open(before) && is_open(after) {
            let problem = "anybody may call it now: authorisation is off";
            found.push(exposed(Severity::Danger, &after.address, problem));
        } else if old != "NONE" && new == "NONE" {
            // An API key identifies the caller for a usage plan, and does not authorize a call.
            let problem = "any caller with a key may call it now: authorisation is off";
            found.push(exposed(Severity::Danger, &after.address, problem));
        } else if keyed(before) && !keyed(after) {
            found.push(exposed(Severity::Warning, &after.address, "it asks for no key any more"));
        }
        if old == "NONE" && new != "NONE" || !keyed(before) && keyed(after) {
            let problem = "it requires an authorization or a key that it did not require: other callers are refused";
            found.push(Found::new(Severity::Warning, Rule::Stopped, &after.address, problem));
        }
        if old != new && old != "NONE" && new != "NONE" {
            let problem = format!("{new} decides who may call it, before {old}");
            found.push(exposed(Severity::Warning, &after.address, problem));
        }
    }
    for block in compare.added().filter(|it| it.tf_type == "aws_lambda_function_url") {
        if block.text(&["authorization_type"]) == Some("NONE") {
            let problem = "a URL by which anybody may call the function";
            found.push(exposed(Severity::Danger, &block.address, problem));
        }
    }
}

/// How often the API may be called. -1 and a missing value both mean that there is no limit.
/// <https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/api_gateway_method_settings>
fn limits(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_api_gateway_method_settings") {
        for name in ["throttling_rate_limit", "throttling_burst_limit"] {
            let limit = |it: &Block| it.number(&["settings", name]).filter(|it| *it >= 0.0);
            match (limit(before), limit(after)) {
                (Some(old), None) => {
                    let problem = format!("`{name}` no longer limits calls, before {}", plain(old));
                    found.push(exposed(Severity::Danger, &after.address, problem));
                }
                (old, Some(0.0)) if old != Some(0.0) => {
                    let problem = format!("every call is refused: `{name}` is 0");
                    let stopped = Rule::Stopped;
                    found.push(Found::new(Severity::Danger, stopped, &after.address, problem));
                }
                _ => (),
            }
        }
    }
}

/// The schemas with which API Gateway validates a body before the function gets it.
fn schemas(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_api_gateway_model") {
        let Some((old, new)) = before.json("schema").zip(after.json("schema")) else {
            if before.body["schema"] != after.body["schema"] {
                let problem = "its schema is not JSON that can be compared";
                found.push(exposed(Severity::Warning, &after.address, problem));
            }
            continue;
        };
        let lines = looser("", &old, &new);
        if !lines.is_empty() {
            let problem = "bodies that were refused reach the function";
            found.push(exposed(Severity::Warning, &after.address, problem).with(lines));
        }
        // Requirements that only the new schema has.
        let lines = looser("", &new, &old);
        if !lines.is_empty() {
            let problem = "bodies that were accepted are refused";
            let stopped = Found::new(Severity::Warning, Rule::Stopped, &after.address, problem);
            found.push(stopped.with(lines));
        }
    }
}

/// The requirements that a schema no longer has. Only keywords that always narrow a schema are compared.
fn looser(path: &str, old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(fields) = old.as_object() else { return lines };
    for (name, was) in fields {
        let is = &new[name];
        let at = format!("{path}/{name}");
        let has_fewer = |was: &Value, is: &Value| {
            super::block::items(was).iter().any(|it| !super::block::items(is).contains(it))
        };
        match name.as_str() {
            "properties" | "patternProperties" => {
                for (property, was) in was.as_object().into_iter().flatten() {
                    lines.extend(looser(&format!("{at}/{property}"), was, &is[property]));
                }
            }
            "required" if has_fewer(was, is) => lines.push(at),
            "additionalProperties" if *was == false && *is != false => lines.push(at),
            "maximum" | "maxLength" | "maxItems" | "maxProperties"
                if is.as_f64().is_none_or(|is| Some(is) > was.as_f64()) =>
            {
                lines.push(at);
            }
            "minimum" | "minLength" | "minItems" | "minProperties"
                if is.as_f64().is_none_or(|is| Some(is) < was.as_f64()) =>
            {
                lines.push(at);
            }
            "enum" if is.is_null() || has_fewer(is, was) => lines.push(at),
            "type" | "pattern" | "format" | "not" | "allOf" | "anyOf" | "oneOf" if was != is => {
                lines.push(at);
            }
            _ if was.is_object() => lines.extend(looser(&at, was, is)),
            _ => (),
        }
    }
    lines
}

/// Outputs that Terraform now shows in terminals and logs.
fn outputs(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    let is_uncovered = |it: &Value| it.to_string().contains("nonsensitive(");
    for (name, after) in &compare.after.outputs {
        let before = compare.before.outputs.get(name).unwrap_or(&Value::Null);
        let is_secret = |it: &Value| it["sensitive"] == true || it["sensitive"] == "true";
        if is_secret(before) && !is_secret(after) || is_uncovered(after) && !is_uncovered(before) {
            let problem = "Terraform shows it in the terminal and in the log of every build";
            found.push(exposed(Severity::Danger, &format!("output.{name}"), problem));
        }
    }
}

/// The origins from which browsers may call.
fn origins(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (_, before, after) in compare.all() {
        let Some(after) = after else { continue };
        let parameters = |it: &Block| -> BTreeMap<String, String> {
            let all = it.body["response_parameters"].as_object().into_iter().flatten();
            let texts = all.filter_map(|(name, it)| Some((name.clone(), it.as_str()?)));
            texts.map(|(name, it)| (name, it.trim_matches('\'').to_owned())).collect()
        };
        // The origin that the function itself answers with.
        let variable =
            |it: &Block| it.text(&["environment", "variables", "CORS_ORIGIN"]).map(str::to_owned);
        let mut old = before.map(parameters).unwrap_or_default();
        let mut new = parameters(after);
        old.extend(before.and_then(variable).map(|it| ("CORS_ORIGIN".to_owned(), it)));
        new.extend(variable(after).map(|it| ("CORS_ORIGIN".to_owned(), it)));
        for (name, origin) in new {
            let lower = name.to_ascii_lowercase();
            let was = old.get(&name).map(String::as_str);
            if was == Some(origin.as_str()) {
                continue;
            }
            if lower.ends_with("access-control-allow-credentials") && origin == "true" {
                let problem = "browsers send cookies and credentials along now";
                found.push(exposed(Severity::Danger, &after.address, problem));
            }
            let is_origin = lower.ends_with("access-control-allow-origin") || name == "CORS_ORIGIN";
            // A new response exposes nothing if other responses have its origin already.
            if !is_origin || was.is_none() && !is_first(compare, &origin) {
                continue;
            }
            let from = was.map_or("nowhere".to_owned(), |it| format!("{it} alone"));
            let (severity, to) = match origin.as_str() {
                "*" => (Severity::Danger, "from every website".to_owned()),
                it => (Severity::Warning, format!("from {it}")),
            };
            let problem = format!("browsers may call {to}, before from {from}");
            found.push(exposed(severity, &after.address, problem));
        }
    }
}

/// Whether no response had this origin before.
fn is_first(compare: &Comparison<'_>, origin: &str) -> bool {
    let quoted = format!("'{origin}'");
    let names = |it: &&Block| {
        let mut all = it.body["response_parameters"].as_object().into_iter().flatten();
        all.any(|(_, it)| it.as_str() == Some(&quoted))
    };
    !compare.before.blocks.values().any(|it| names(&it))
}

/// The networks from which the API can be reached.
fn endpoints(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_api_gateway_rest_api") {
        const TYPES: &[&str] = &["endpoint_configuration", "types"];
        let is_private = |it: &Block| it.texts(TYPES).contains(&"PRIVATE");
        if is_private(before) && !is_private(after) {
            let problem = "it can be reached from the internet now";
            found.push(exposed(Severity::Danger, &after.address, problem));
        } else if !is_private(before) && is_private(after) {
            let problem = "calls from outside of its network fail";
            found.push(Found::new(Severity::Warning, Rule::Stopped, &after.address, problem));
        } else if before.texts(TYPES) != after.texts(TYPES) {
            let problem = "it is reached in another way: its callers must be adapted";
            found.push(Found::new(Severity::Warning, Rule::FlowChanged, &after.address, problem));
        }
    }
}

/// Encryption that is removed, or uses another key.
fn encryption(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    const KEYS: &[&[&str]] = &[
        &["kms_master_key_id"],
        &["server_side_encryption", "kms_key_arn"],
        &["kms_key_id"],
        &["kms_key_arn"],
    ];
    let key = |it: &Block| KEYS.iter().find_map(|path| it.text(path).map(str::to_owned));
    for (before, after) in compare.kept() {
        match (key(before), key(after)) {
            (Some(_), None) => found.push(exposed(
                Severity::Warning,
                &after.address,
                "no longer encrypted with a key of this account: its use is not logged, and cannot \
                 be withdrawn",
            )),
            (Some(old), Some(new)) if old != new && !moved(compare, &old, &new) => {
                let [old, new] = [old, new].map(|it| super::policy::bare(&it));
                let problem = format!("encrypted with another key: {new}, before {old}");
                found.push(exposed(Severity::Warning, &after.address, problem));
            }
            _ => (),
        }
        let managed = |it: &Block| it.truth(&["sqs_managed_sse_enabled"]);
        if managed(before) == Some(true) && managed(after) != Some(true) && key(after).is_none() {
            let problem = "its messages are no longer encrypted";
            found.push(exposed(Severity::Danger, &after.address, problem));
        }
        let rotates = |it: &Block| it.truth(&["enable_key_rotation"]) == Some(true);
        if rotates(before) && !rotates(after) {
            let problem = "the key is no longer replaced each year";
            found.push(exposed(Severity::Warning, &after.address, problem));
        }
        let traced = |it: &Block| {
            it.truth(&["settings", "data_trace_enabled"]) == Some(true)
                || it.truth(&["logging_configuration", "include_execution_data"]) == Some(true)
        };
        if !traced(before) && traced(after) {
            let problem = "whole payloads are written to the log, with all that customers sent";
            found.push(exposed(Severity::Danger, &after.address, problem));
        }
    }
}

/// Whether a new key replaces a removed one.
fn moved(compare: &Comparison<'_>, old: &str, new: &str) -> bool {
    let key = |text: &str| super::block::target(text).map(str::to_owned);
    key(old).zip(key(new)).is_some_and(|(old, new)| compare.is_gone(&old) && compare.is_new(&new))
}

/// Buckets that can be made public.
fn buckets(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    const TYPE: &str = "aws_s3_bucket_public_access_block";
    const FLAGS: [&str; 4] = [
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ];
    for block in compare.removed().filter(|it| it.tf_type == TYPE) {
        if !block.refers(&["bucket"]).is_some_and(|it| compare.is_gone(it)) {
            let problem = "no public access block protects the bucket: it can be made public";
            found.push(exposed(Severity::Danger, &block.address, problem));
        }
    }
    for (before, after) in compare.changed(TYPE) {
        for flag in FLAGS {
            if before.truth(&[flag]) == Some(true) && after.truth(&[flag]) != Some(true) {
                let value = short(&after.body[flag]);
                let problem = format!("the bucket can be made public: `{flag}` is {value}");
                found.push(exposed(Severity::Danger, &after.address, problem));
            }
        }
    }
}
