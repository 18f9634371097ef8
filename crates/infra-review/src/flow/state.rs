//! Compares a state before and after the change.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{lists, rest, retries::retries, times::times, ways::ways};
use crate::{
    block::{items, texts},
    diff,
    finding::Severity,
    policy::bare,
};

pub(super) fn state_differs(
    before: &Value,
    after: &Value,
    renamed: &BTreeMap<&str, &str>,
    tell: &mut impl FnMut(Severity, String),
) {
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or("nothing").to_owned();
    for (name, what) in [("Type", "it is a"), ("Resource", "it calls")] {
        let (old, new) = (text(before, name), text(after, name));
        if old != new {
            tell(Severity::Warning, format!("{what} {new}, before {old}"));
        }
    }
    arguments(&before["Arguments"], &after["Arguments"], tell);
    for name in ["Assign", "Cause", "ItemSelector", "Items", "Output"] {
        if before[name] != after[name] {
            // A literal `Cause` is only for people. The value of an expression is not known.
            let is_text = |it: &Value| it.as_str().is_some_and(|it| !it.contains("{%"));
            let is_for_people = name == "Cause" && is_text(&before[name]) && is_text(&after[name]);
            let severity = if is_for_people { Severity::Notice } else { Severity::Warning };
            tell(severity, format!("its `{name}` differs"));
        }
    }
    let before_caught = caught(before);
    for (error, passed) in caught(after) {
        if before_caught.get(&error).is_some_and(|it| *it != passed) {
            tell(Severity::Warning, format!("on {error} it passes on other data"));
        }
    }
    ways(before, after, renamed, tell);
    retries(before, after, tell);
    times(before, after, tell);
    lists::check(before, after, tell);
    const TOLD: &[&str] = &[
        "Arguments",
        "Assign",
        "Catch",
        "Cause",
        "Choices",
        "Default",
        "End",
        "HeartbeatSeconds",
        "ItemSelector",
        "Items",
        "MaxConcurrency",
        "Next",
        "Output",
        "Resource",
        "Retry",
        "Seconds",
        "TimeoutSeconds",
        "ToleratedFailurePercentage",
        "Type",
    ];
    let rest = rest(before, after, TOLD, renamed);
    if !rest.is_empty() {
        tell(Severity::Warning, format!("it differs in {}", rest.join(", ")));
    }
}

/// The argument that prevents a call from overwriting existing data.
const CONDITION: &str = "ConditionExpression";

/// Compares the arguments of a task.
fn arguments(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    let names = ["FunctionName", "StateMachineArn", "QueueUrl", "TableName", "TopicArn"];
    let called = |it: &Value| names.iter().find_map(|name| it[*name].as_str().map(bare));
    let (old, new) = (called(before), called(after));
    if old != new {
        let word = |it: Option<String>| it.unwrap_or("nothing".to_owned());
        tell(Severity::Warning, format!("it works on {}, before on {}", word(new), word(old)));
    }
    let mut fields = diff::fields(before, after);
    fields.retain(|it| !names.contains(&it.path.as_str()));
    if fields.is_empty() {
        return;
    }
    let is_conditional = [before, after].iter().any(|it| it.to_string().contains(CONDITION));
    let is_condition = |it: &diff::Field| {
        let path = it.argument();
        let has = |name: &str| path.split('.').any(|it| it == name);
        // The condition refers to these names and values.
        has(CONDITION)
            || is_conditional
                && (has("ExpressionAttributeNames") || has("ExpressionAttributeValues"))
    };
    if fields.iter().any(is_condition) {
        let problem = "it writes under another condition, or under none".to_owned();
        tell(Severity::Warning, problem);
    }
    let lost = lost(before, after).into_iter().filter(|it| !names.contains(&it.as_str()));
    let lost: Vec<_> = lost.map(|it| format!("`{it}`")).collect();
    if !lost.is_empty() {
        tell(Severity::Warning, format!("it passes nothing as {}", lost.join(", ")));
    }
    let names: Vec<_> = fields.iter().map(|it| format!("`{}`", it.path)).collect();
    tell(Severity::Warning, format!("it passes other arguments: {}", names.join(", ")));
}

/// The paths of values that were removed or emptied. The path of the whole value is empty.
fn lost(before: &Value, after: &Value) -> Vec<String> {
    let fields = diff::fields(before, after).into_iter();
    let is_nothing = |it: &Option<Value>| it.as_ref().is_none_or(is_empty);
    fields.filter(|it| !is_nothing(&it.before) && is_nothing(&it.after)).map(|it| it.path).collect()
}

/// Whether a value is empty, or is an expression for an empty value.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => {
            let inner = text.trim().strip_prefix("{%").and_then(|it| it.strip_suffix("%}"));
            let bare: String =
                inner.unwrap_or(text).chars().filter(|it| !it.is_whitespace()).collect();
            matches!(bare.as_str(), "" | "{}" | "[]" | "null" | "''" | "\"\"")
        }
        _ => false,
    }
}

/// The `Output` and `Assign` of a state's catchers, by error.
fn caught(state: &Value) -> BTreeMap<&str, (&Value, &Value)> {
    let mut caught = BTreeMap::new();
    for catch in items(&state["Catch"]) {
        for error in texts(&catch["ErrorEquals"]) {
            caught.entry(error).or_insert((&catch["Output"], &catch["Assign"]));
        }
    }
    caught
}
