//! Checks JSONata expressions: their delimiters and brackets, and that they read only variables that exist there.

use serde_json::Value;

use super::{
    scan::scan,
    scope::{Report, State},
};

const RULE: &str = "asl/jsonata";

/// Fields that Step Functions does not evaluate as a whole.
const NOT_EVALUATED: [&str; 13] = [
    "Branches",
    "Catch",
    "Choices",
    "Comment",
    "Default",
    "End",
    "ItemProcessor",
    "Label",
    "Next",
    "QueryLanguage",
    "Resource",
    "Retry",
    "Type",
];

/// Fields with a number, or with an expression that yields one.
const NUMBERS: [&str; 6] = [
    "HeartbeatSeconds",
    "MaxConcurrency",
    "Seconds",
    "TimeoutSeconds",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
];

pub(super) fn check(state: &State<'_>, report: &mut Report<'_>) {
    let has_result = matches!(state.kind(), "Task" | "Parallel" | "Map");
    for (field, value) in state.body.iter().filter(|(it, _)| !NOT_EVALUATED.contains(&it.as_str()))
    {
        let also = match field.as_str() {
            "Output" | "Assign" if has_result => Some("result"),
            _ => None,
        };
        let must = NUMBERS.contains(&field.as_str()) || field == "Items";
        if let Some(text) = value.as_str().filter(|it| must && !it.contains("{%")) {
            told(state, field, format!("is the text {text:?}, not an expression"), report);
        }
        let on = &mut |path: &str, text: &str| string(state, path, text, also, report);
        strings(value, &mut field.clone(), on);
    }
    for (at, choice) in state.list("Choices").enumerate() {
        if let Some(condition) = choice.get("Condition") {
            let field = format!("Choices[{at}].Condition");
            match condition.as_str() {
                Some(text) if text.contains("{%") => string(state, &field, text, None, report),
                _ => told(state, &field, format!("is {condition}, not an expression"), report),
            }
        }
        results(state, choice, &format!("Choices[{at}]"), None, report);
    }
    for (at, catcher) in state.list("Catch").enumerate() {
        results(state, catcher, &format!("Catch[{at}]"), Some("errorOutput"), report);
    }
}

/// `Output` and `Assign` of a choice or a catcher.
fn results(
    state: &State<'_>,
    item: &serde_json::Map<String, Value>,
    place: &str,
    also: Option<&str>,
    report: &mut Report<'_>,
) {
    for field in ["Assign", "Output"] {
        if let Some(value) = item.get(field) {
            let on = &mut |path: &str, text: &str| string(state, path, text, also, report);
            strings(value, &mut format!("{place}.{field}"), on);
        }
    }
}

/// Calls `on` with every text in a value, and with its path. `path` is the path of the value, and is the same afterwards.
fn strings(value: &Value, path: &mut String, on: &mut impl FnMut(&str, &str)) {
    let here = path.len();
    match value {
        Value::String(text) => on(path, text),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.extend(["[", &at.to_string(), "]"]);
                strings(item, path, on);
                path.truncate(here);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                path.extend([".", name]);
                strings(field, path, on);
                path.truncate(here);
            }
        }
        _ => (),
    }
}

/// Checks one text: a literal, or an expression, which may read `also` in addition to the input and the context.
fn string(state: &State<'_>, path: &str, text: &str, also: Option<&str>, report: &mut Report<'_>) {
    let trimmed = text.trim();
    let problem = match (trimmed.starts_with("{%"), trimmed.ends_with("%}")) {
        (false, false) => return,
        (true, false) => "begins with `{%` and does not end with `%}`",
        (false, true) => "ends with `%}` and does not begin with `{%`",
        (true, true) if trimmed != text => "has spaces around `{%` and `%}`",
        (true, true) => "",
    };
    if !problem.is_empty() {
        return told(state, path, problem.to_owned(), report);
    }
    let inside = trimmed.strip_prefix("{%").and_then(|it| it.strip_suffix("%}"));
    let scanned = scan(inside.unwrap_or_default());
    if let Some(fault) = scanned.fault {
        return told(state, path, format!("is not a JSONata expression: {fault}"), report);
    }
    for field in scanned.states {
        match field {
            // `$states` without a field is the whole object.
            "" | "input" | "context" => (),
            known if Some(known) == also => (),
            "result" => told(
                state,
                path,
                "reads `$states.result`, which only `Output` and `Assign` of a Task, a Parallel or \
                 a Map have"
                    .to_owned(),
                report,
            ),
            "errorOutput" => told(
                state,
                path,
                "reads `$states.errorOutput`, which only `Output` and `Assign` of a `Catch` have"
                    .to_owned(),
                report,
            ),
            other => {
                told(state, path, format!("reads `$states.{other}`, which does not exist"), report);
            }
        }
    }
}

fn told(state: &State<'_>, path: &str, problem: String, report: &mut Report<'_>) {
    let fix =
        "write `{% expression %}` with a valid expression, and read only variables that exist here";
    report.at(&state.place, RULE, format!("`{path}` {problem}"), fix);
}
