//! Values of arguments, and other values to try in their place.

use fastrand::Rng;
use serde_json::{Value, json};

use super::root::fields;

/// A plain value in a block.
pub(super) struct Leaf<'v> {
    pub(super) path: Vec<String>,
    pub(super) value: &'v Value,
}

/// Whether an attribute is not an argument of the type, or only a text for people.
fn is_apart(name: &str) -> bool {
    matches!(name, "//" | "depends_on" | "lifecycle")
}

pub(super) fn pointer(path: &[String]) -> String {
    path.iter().map(|it| format!("/{}", it.replace('~', "~0").replace('/', "~1"))).collect()
}

/// Every value in a block that is neither a list nor an object, and that Terraform does not compute.
pub(super) fn leaves(body: &Value) -> Vec<Leaf<'_>> {
    let mut all = Vec::new();
    walk(body, &mut Vec::new(), &mut |path, value| {
        let is_plain = match value {
            Value::String(it) => !it.contains("${"),
            Value::Bool(_) | Value::Number(_) => true,
            _ => false,
        };
        if is_plain {
            all.push(Leaf { path: path.to_vec(), value });
        }
    });
    all
}

/// The path of every argument of a block and of its blocks, and of every item.
pub(super) fn arguments(body: &Value) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    walk(body, &mut Vec::new(), &mut |path, _| all.push(path.to_vec()));
    all
}

/// The paths of a block itself, and of every block in it.
pub(super) fn bodies(body: &Value) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    walk(body, &mut Vec::new(), &mut |path, value| {
        if value.is_object() && path.last().is_some_and(|it| it.parse::<usize>().is_ok()) {
            all.push(path.to_vec());
        }
    });
    all
}

/// The paths of all lists.
pub(super) fn lists(body: &Value) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    walk(body, &mut Vec::new(), &mut |path, value| {
        if value.is_array() {
            all.push(path.to_vec());
        }
    });
    all
}

fn walk<'v>(value: &'v Value, path: &mut Vec<String>, tell: &mut impl FnMut(&[String], &'v Value)) {
    if !path.is_empty() {
        tell(path, value);
    }
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(_) => {
            let fields = fields(value).filter(|it| !(path.is_empty() && is_apart(it.0)));
            fields.map(|(name, it)| (name.clone(), it)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect()
        }
        _ => Vec::new(),
    };
    for (name, it) in inner {
        path.push(name);
        walk(it, path, tell);
        path.pop();
    }
}

/// The values that an argument accepts, if it does not accept any value.
const CHOICES: &[(&str, &[&str])] = &[
    ("action", &["lambda:InvokeFunction", "lambda:GetFunction"]),
    ("aggregate_key_type", &["IP", "FORWARDED_IP"]),
    ("application_log_level", &["TRACE", "INFO", "WARN"]),
    ("architectures", &["arm64", "x86_64"]),
    ("authorization", &["AWS_IAM", "NONE"]),
    ("billing_mode", &["PAY_PER_REQUEST", "PROVISIONED"]),
    (
        "comparison_operator",
        &["GreaterThanThreshold", "LessThanThreshold", "GreaterThanOrEqualToThreshold"],
    ),
    ("content_type", &["application/json", "application/xml"]),
    ("effect", &["Allow", "Deny"]),
    ("endpoint", &["nobody@dofs.example", "somebody@dofs.example"]),
    ("extended_statistic", &["p99", "p90"]),
    ("hash_key", &["order_id", "status", "updated_at"]),
    ("http_method", &["GET", "PUT", "POST"]),
    ("integration_http_method", &["GET", "POST"]),
    ("level", &["ALL", "ERROR", "OFF"]),
    ("logging_level", &["ERROR", "INFO", "OFF"]),
    ("metric_name", &["Errors", "Throttles"]),
    ("mode", &["Active", "PassThrough"]),
    ("package_type", &["Zip", "Image"]),
    ("protocol", &["email", "email-json", "https"]),
    ("type", &["AWS_PROXY", "HTTP_PROXY", "MOCK", "AWS"]),
    ("type", &["STANDARD", "EXPRESS"]),
    ("period", &["DAY", "WEEK"]),
    ("principal", &["apigateway.amazonaws.com", "events.amazonaws.com"]),
    ("projection_type", &["ALL", "KEYS_ONLY"]),
    ("range_key", &["updated_at", "order_id"]),
    ("response_type", &["THROTTLED", "UNAUTHORIZED", "ACCESS_DENIED", "QUOTA_EXCEEDED"]),
    ("runtime", &["provided.al2023", "provided.al2"]),
    ("schedule_expression", &["rate(5 minutes)", "rate(15 minutes)", "rate(1 hour)"]),
    ("scope", &["REGIONAL", "CLOUDFRONT"]),
    ("stat", &["Sum", "Maximum"]),
    ("statistic", &["Sum", "Maximum", "Average"]),
    ("status_code", &["400", "201", "418"]),
    ("treat_missing_data", &["missing", "ignore", "breaching", "notBreaching"]),
    ("types", &["REGIONAL", "EDGE"]),
];

/// Arguments that accept only some numbers.
const NUMBERS: &[(&str, &[u64])] = &[
    ("deletion_window_in_days", &[7, 14, 30]),
    ("maximum_event_age_in_seconds", &[60, 300]),
    ("memory_size", &[256, 512, 1024]),
    ("message_retention_seconds", &[60, 86_400, 345_600]),
    ("period", &[60, 120, 300]),
    ("retention_in_days", &[30, 90, 365]),
    ("visibility_timeout_seconds", &[30, 180, 360]),
];

/// Returns another value for an argument.
pub(super) fn another(rng: &mut Rng, path: &[String], value: &Value) -> Option<Value> {
    let name = path.iter().rev().find(|it| it.parse::<usize>().is_err())?.as_str();
    match value {
        Value::Bool(it) => Some(json!(!it)),
        Value::Number(it) => {
            let given = NUMBERS.iter().find(|it| it.0 == name);
            let whole = it.as_u64()?;
            let others = match given {
                Some((_, numbers)) => numbers.to_vec(),
                None => vec![whole + 1, whole * 2, whole.saturating_sub(1), whole / 2],
            };
            let others: Vec<_> = others.into_iter().filter(|it| *it != whole).collect();
            rng.choice(others).map(|it| json!(it))
        }
        Value::String(text) if text.starts_with('{') => another_document(rng, text),
        Value::String(text) => {
            let is = |it: &&(&str, &[&str])| {
                it.0 == name && (it.1.contains(&text.as_str()) || name == "response_type")
            };
            match CHOICES.iter().find(is) {
                Some((_, choices)) => {
                    let others: Vec<_> = choices.iter().filter(|it| *it != text).collect();
                    rng.choice(others).map(|it| json!(it))
                }
                None => Some(json!(format!("{text}-other"))),
            }
        }
        _ => None,
    }
}

/// Returns a document with one changed value.
pub(super) fn another_document(rng: &mut Rng, text: &str) -> Option<Value> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let leaves: Vec<_> = leaves(&document).into_iter().map(|it| it.path).collect();
    let path = pointer(&rng.choice(leaves)?);
    let leaf = document.pointer_mut(&path)?;
    *leaf = match leaf {
        Value::Bool(it) => json!(!*it),
        Value::Number(it) => json!(it.as_i64()? + 1),
        Value::String(it) => json!(format!("{it}Other")),
        _ => return None,
    };
    Some(Value::String(document.to_string()))
}

/// Returns a value for an argument that was absent.
pub(super) fn of_type(rng: &mut Rng, name: &str, is: &Value) -> Option<Value> {
    match is {
        Value::String(it) if it == "bool" => Some(json!(rng.bool())),
        Value::String(it) if it == "number" => Some(json!(rng.choice([0, 1, 60, 128])?)),
        Value::String(_) if name.ends_with("_arn") => {
            Some(json!("arn:aws:iam::333333333333:role/other"))
        }
        // Most others accept only a few words, and Terraform refuses the rest.
        Value::String(_) if name == "description" => Some(json!("other")),
        Value::Array(it) if it[0] == "map" => {
            Some(rng.choice([json!({ "other": "other" }), json!({})])?)
        }
        Value::Array(it) if it[1] == "string" => Some(rng.choice([json!([]), json!(["other"])])?),
        _ => None,
    }
}
