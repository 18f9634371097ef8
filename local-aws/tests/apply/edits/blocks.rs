//! Edits of whole blocks: they are added, removed, renamed, or created several times.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    draw::{Draw, new_name},
    edit::{Edit, Kind, Step},
    root::{Place, address, fields, words},
    values,
};

/// Nested blocks that need no other change.
const NESTED: &[(&str, &str, &str)] = &[
    ("aws_api_gateway_stage", "canary_settings", r#"{"percent_traffic":10}"#),
    ("aws_api_gateway_usage_plan", "throttle_settings", r#"{"burst_limit":5,"rate_limit":5}"#),
    ("aws_dynamodb_table", "point_in_time_recovery", r#"{"enabled":false}"#),
    ("aws_dynamodb_table", "timeouts", r#"{"create":"20m"}"#),
    ("aws_dynamodb_table", "ttl", r#"{"attribute_name":"expires_at","enabled":true}"#),
    (
        "aws_lambda_event_source_mapping",
        "filter_criteria",
        r#"{"filter":[{"pattern":"{\"body\":[\"a\"]}"}]}"#,
    ),
    (
        "aws_lambda_function",
        "dead_letter_config",
        r#"{"target_arn":"arn:aws:sqs:ap-south-1:333333333333:other"}"#,
    ),
    ("aws_lambda_function", "ephemeral_storage", r#"{"size":1024}"#),
    ("aws_lambda_function", "ephemeral_storage", r#"{"size":512}"#),
    ("aws_lambda_function", "timeouts", r#"{"create":"20m"}"#),
    ("aws_lambda_function", "tracing_config", r#"{"mode":"PassThrough"}"#),
    ("aws_sfn_state_machine", "tracing_configuration", r#"{"enabled":false}"#),
    (
        "aws_iam_role",
        "inline_policy",
        r#"{"name":"other","policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}"#,
    ),
];

/// Adds, duplicates or removes a nested block.
pub(super) fn nested(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    if rng.bool() {
        let (tf_type, name, body) = rng.choice(NESTED)?;
        let place = draw.place(rng, |it| it.tf_type == *tf_type)?;
        let body: Value = serde_json::from_str(body).unwrap();
        let step = Step::Set(place.clone(), vec![(*name).to_owned()], json!([body]));
        return Some(Edit::of(Kind::Nested, [place.clone()], vec![step]));
    }
    let place = draw.place(rng, |it| values::bodies(draw.root.block(it)).len() > 1)?;
    let body = draw.root.block(place);
    let path = rng.choice(values::bodies(body).split_off(1))?;
    let list = path[..path.len() - 1].to_vec();
    let schema = draw.schema(place, &list)?;
    let mut items = body.pointer(&values::pointer(&list))?.as_array()?.clone();
    let step = if rng.bool() {
        if schema["min_items"].as_u64() >= Some(items.len() as u64) {
            return None;
        }
        Step::Unset(place.clone(), path)
    } else {
        if schema["max_items"].as_u64().is_some_and(|it| it <= items.len() as u64) {
            return None;
        }
        let mut copy = body.pointer(&values::pointer(&path))?.clone();
        for key in ["name", "id", "sid"] {
            if let Some(it) = copy[key].as_str() {
                copy[key] = json!(format!("{it}2"));
            }
        }
        if let Some(it) = copy["priority"].as_u64() {
            copy["priority"] = json!(it + 100);
        }
        items.push(copy);
        Step::Set(place.clone(), list, Value::Array(items))
    };
    Some(Edit::of(Kind::Nested, [place.clone()], vec![step]))
}

/// Changes a reference to another block of the same type.
pub(super) fn rewired(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let mut all = Vec::new();
    let place = draw.place(rng, |it| !draw.references[it].is_empty())?;
    let body = draw.root.block(place);
    for path in values::arguments(body) {
        let Some(text) = body.pointer(&values::pointer(&path)).and_then(Value::as_str) else {
            continue;
        };
        for word in words(text).filter(|_| text.contains("${")) {
            let Some(old) = address(word) else { continue };
            let (tf_type, name) = old.rsplit_once('.')?;
            let is_other = |it: &&Place| {
                it.module == place.module
                    && it.tf_type == tf_type
                    && it.name != name
                    && *it != place
            };
            for other in draw.references.keys().filter(is_other) {
                if !draw.reached(&[other.clone()].into()).contains(place) {
                    let word = word.replacen(&old, &other.local(), 1);
                    all.push((
                        path.clone(),
                        text.replace(&format!("{old}."), &word[..other.local().len() + 1]),
                    ));
                }
            }
        }
    }
    let (path, text) = rng.choice(all)?;
    Some(Edit::of(
        Kind::Rewired,
        [place.clone()],
        vec![Step::Set(place.clone(), path, json!(text))],
    ))
}

/// Removes a block, with the few that refer to it.
pub(super) fn removed(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let first = draw.place(rng, |_| true)?;
    let (mut all, mut next) = (BTreeSet::new(), BTreeSet::from([first.clone()]));
    while let Some(it) = next.pop_first() {
        if draw.shown.contains(&it.address()) || all.len() > 3 {
            return None;
        }
        next.extend(draw.users(&it));
        all.insert(it);
    }
    Some(Edit::of(Kind::BlockRemoved, all.clone(), all.into_iter().map(Step::Take).collect()))
}

/// Adds a copy of a block with another name.
pub(super) fn added(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let like = draw.place(rng, |_| true)?;
    let mut body = draw.root.block(like).clone();
    for name in ["name", "function_name", "alarm_name", "dashboard_name", "path_part", "stage_name"]
    {
        if let Some(it) = body[name].as_str().filter(|it| !it.contains("${")) {
            body[name] = json!(format!("{it}-more"));
        }
    }
    let new = new_name(like);
    let step = Step::Put(new.clone(), body);
    // The original is not edited, because it must not change.
    Some(Edit::of(Kind::BlockAdded, [new, like.clone()], vec![step]))
}

/// Renames a block. For Terraform that is another block, unless a `moved` block names both.
pub(super) fn renamed(draw: &Draw, rng: &mut Rng, told: bool) -> Option<Edit> {
    let place = draw.place(rng, |it| !it.is_data())?;
    let new = new_name(place);
    let mut steps = vec![Step::Rename(place.clone(), new.name.clone())];
    if told {
        steps.push(Step::Moved(place.clone(), new.clone()));
    }
    let kind = if told { Kind::Moved } else { Kind::Renamed };
    Some(Edit::of(kind, [place.clone(), new], steps))
}

/// Sets the number of instances of a block to zero, one or two, by `count` or by `for_each`.
pub(super) fn counted(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let place = draw.place(rng, |it| !it.is_data() && draw.is_alone(it))?;
    let (name, value) = rng.choice([
        ("count", json!(0)),
        ("count", json!(1)),
        ("count", json!(2)),
        ("count", json!("${1 - 1}")),
        ("for_each", json!({ "a": "b" })),
        ("for_each", json!({})),
    ])?;
    let step = Step::Set(place.clone(), vec![name.to_owned()], value);
    Some(Edit::of(Kind::Count, [place.clone()], vec![step]))
}

/// The meta-arguments of a block.
pub(super) fn lifecycle(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let place = draw.place(rng, |it| !it.is_data())?;
    let body = draw.root.block(place);
    let rule = |name: &str, value: Value| {
        let path = ["lifecycle", name].map(str::to_owned).to_vec();
        Step::Set(place.clone(), path, value)
    };
    let mut on = None;
    let step = match rng.u8(..5) {
        0 => rule("create_before_destroy", json!(rng.bool())),
        1 => rule("prevent_destroy", json!(true)),
        2 => {
            let names: Vec<_> = fields(body)
                .map(|it| it.0)
                .filter(|it| !matches!(it.as_str(), "//" | "depends_on" | "lifecycle"))
                .collect();
            rule("ignore_changes", json!([rng.choice(names)?]))
        }
        3 if body["depends_on"].is_array() => {
            Step::Unset(place.clone(), vec!["depends_on".to_owned()])
        }
        _ => {
            let is_other = |it: &Place| {
                it.module == place.module && !draw.reached(&[it.clone()].into()).contains(place)
            };
            on = draw.place(rng, is_other).cloned();
            Step::Set(place.clone(), vec!["depends_on".to_owned()], json!([on.as_ref()?.local()]))
        }
    };
    // The blocks that it depends on must not be edited, either.
    Some(Edit::of(Kind::Lifecycle, [place.clone()].into_iter().chain(on), vec![step]))
}
