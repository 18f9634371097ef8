//! State machines as graphs: states that came and went, ways that lead elsewhere, attempts and
//! times. <https://states-language.net/spec.html>

pub(super) mod credentials;
mod lists;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    block::{items, plain, texts},
    compare::Comparison,
    diff::short,
    finding::{Found, Rule, Severity},
    policy::bare,
};

/// Every state by its name, those inside of Parallel and Map too: names are unique in a machine.
pub(super) fn states(document: &Value) -> BTreeMap<&str, &Value> {
    let mut all = BTreeMap::new();
    gather(document, &mut all);
    all
}

fn gather<'v>(machine: &'v Value, all: &mut BTreeMap<&'v str, &'v Value>) {
    for (name, state) in machine["States"].as_object().into_iter().flatten() {
        all.insert(name, state);
        items(&state["Branches"]).iter().for_each(|it| gather(it, all));
        for inner in ["ItemProcessor", "Iterator"] {
            gather(&state[inner], all);
        }
    }
}

/// One difference: the state, how much it matters, and what it is.
type Told = (Option<String>, Severity, String);

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_sfn_state_machine") {
        let Some((old, new)) = before.document.as_ref().zip(after.document.as_ref()) else {
            if before.body["definition"] != after.body["definition"] {
                let problem = "its definition changes, and is no JSON that could be compared";
                found.push(Found::new(
                    Severity::Warning,
                    Rule::FlowChanged,
                    &after.address,
                    problem,
                ));
            }
            continue;
        };
        // One state, one finding: its differences belong together.
        let mut by_state: BTreeMap<Option<String>, Vec<(Severity, String)>> = BTreeMap::new();
        for (state, severity, problem) in differences(old, new) {
            by_state.entry(state).or_default().push((severity, problem));
        }
        for (state, told) in by_state {
            let address = match state {
                Some(state) => format!("{}/{state}", after.address),
                None => after.address.clone(),
            };
            let worst = told.iter().map(|it| it.0).max().unwrap_or(Severity::Notice);
            let mut lines = told.into_iter().map(|it| it.1);
            let first = lines.next().unwrap_or_default();
            let all = std::iter::once(first).chain(lines).collect::<Vec<_>>().join("; ");
            found.push(Found::new(worst, Rule::FlowChanged, address, all));
        }
    }
}

/// The differences of two machines, a line each.
pub(super) fn lines(before: &Value, after: &Value) -> Vec<String> {
    let told = differences(before, after).into_iter();
    told.map(|(state, _, problem)| match state {
        Some(state) => format!("{state}: {problem}"),
        None => problem,
    })
    .collect()
}

fn differences(before: &Value, after: &Value) -> Vec<Told> {
    let (old, new) = (states(before), states(after));
    let renamed = renamed(&old, &new);
    let mut told: Vec<Told> = Vec::new();
    for (name, state) in &old {
        if !new.contains_key(name) && !renamed.contains_key(name) {
            let kind = state["Type"].as_str().unwrap_or("state");
            told.push((Some((*name).to_owned()), Severity::Warning, format!("the {kind} is gone")));
        }
    }
    for (name, state) in &new {
        let was = renamed.iter().find(|(_, new)| *new == name).map(|(old, _)| *old);
        let mut tell = |severity, problem: String| {
            told.push((Some((*name).to_owned()), severity, problem));
        };
        match old.get(was.unwrap_or(name)) {
            None => {
                let kind = state["Type"].as_str().unwrap_or("state");
                tell(Severity::Notice, format!("a new {kind}"));
            }
            Some(before) => {
                if let Some(was) = was {
                    tell(Severity::Notice, format!("it was called {was}"));
                }
                state_differs(before, state, &renamed, &mut tell);
            }
        }
    }
    machine_differs(before, after, &renamed, &mut told);
    told
}

/// States that came under another name, with the same body: they are the same.
fn renamed<'v>(
    old: &BTreeMap<&'v str, &'v Value>,
    new: &BTreeMap<&'v str, &'v Value>,
) -> BTreeMap<&'v str, &'v str> {
    let mut renamed = BTreeMap::new();
    for (name, state) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        // `Succeed` looks like any other `Succeed`.
        if state.as_object().is_none_or(|it| it.len() < 2) {
            continue;
        }
        let twins = new.iter().filter(|(name, it)| !old.contains_key(*name) && *it == state);
        let mut twins = twins.map(|(name, _)| *name);
        if let (Some(twin), None) = (twins.next(), twins.next()) {
            renamed.insert(*name, twin);
        }
    }
    renamed
}

/// Whether a field names a state that only has another name now.
fn renamed_way(field: &super::diff::Field, renamed: &BTreeMap<&str, &str>) -> bool {
    let text = |it: &Option<Value>| it.as_ref().and_then(Value::as_str).map(str::to_owned);
    let (old, new) = (text(&field.before), text(&field.after));
    old.zip(new).is_some_and(|(old, new)| renamed.get(old.as_str()) == Some(&new.as_str()))
}

fn machine_differs(
    before: &Value,
    after: &Value,
    renamed: &BTreeMap<&str, &str>,
    told: &mut Vec<Told>,
) {
    let mut tell = |severity, problem| told.push((None, severity, problem));
    let start = |it: &Value| it["StartAt"].as_str().unwrap_or_default().to_owned();
    let (old, new) = (start(before), start(after));
    if renamed.get(old.as_str()).copied().unwrap_or(&old) != new {
        tell(Severity::Warning, format!("it starts at {new}, before at {old}"));
    }
    let limit = |it: &Value| it["TimeoutSeconds"].as_f64().unwrap_or(f64::INFINITY);
    let (old, new) = (limit(before), limit(after));
    if old != new {
        let severity = if new < old { Severity::Warning } else { Severity::Notice };
        let told = |it: f64| {
            if it.is_infinite() { "never".to_owned() } else { format!("after {} s", plain(it)) }
        };
        tell(severity, format!("a run is stopped {}, before {}", told(new), told(old)));
    }
    if before["QueryLanguage"] != after["QueryLanguage"] {
        let language = |it: &Value| it["QueryLanguage"].as_str().unwrap_or("JSONPath").to_owned();
        let problem = format!("its language is {}, before {}", language(after), language(before));
        tell(Severity::Warning, problem);
    }
    const TOLD: &[&str] = &["QueryLanguage", "StartAt", "States", "TimeoutSeconds"];
    let rest = rest(before, after, TOLD, renamed);
    if !rest.is_empty() {
        tell(Severity::Warning, format!("it differs in {}", rest.join(", ")));
    }
}

/// Fields of which nothing special is known, and which differ all the same.
fn rest(
    before: &Value,
    after: &Value,
    told: &[&str],
    renamed: &BTreeMap<&str, &str>,
) -> Vec<String> {
    let mut fields = super::diff::fields(before, after);
    fields.retain(|it| {
        let argument = it.argument();
        let first = argument.split('.').next().unwrap_or_default();
        // Inner states are told by themselves.
        !told.contains(&first)
            && !it.is_for_people()
            && !it.path.contains("States.")
            && !renamed_way(it, renamed)
    });
    fields.iter().map(|it| format!("`{}`", it.path)).collect()
}

fn state_differs(
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
            let lost = lost(&before[name], &after[name]);
            let severity = if lost.is_empty() { Severity::Notice } else { Severity::Warning };
            tell(severity, format!("its `{name}` differs"));
        }
    }
    let before_caught = caught(before);
    for (error, passed) in caught(after) {
        let Some(was) = before_caught.get(&error).filter(|it| **it != passed) else { continue };
        let is_less = !lost(was.0, passed.0).is_empty() || !lost(was.1, passed.1).is_empty();
        let severity = if is_less { Severity::Warning } else { Severity::Notice };
        tell(severity, format!("on {error} it passes on other data"));
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

/// What keeps a call from overwriting data that is there.
const CONDITION: &str = "ConditionExpression";

/// What a task is called with.
fn arguments(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    let names = ["FunctionName", "StateMachineArn", "QueueUrl", "TableName", "TopicArn"];
    let called = |it: &Value| names.iter().find_map(|name| it[*name].as_str().map(bare));
    let (old, new) = (called(before), called(after));
    if old != new {
        let word = |it: Option<String>| it.unwrap_or("nothing".to_owned());
        tell(Severity::Warning, format!("it works on {}, before on {}", word(new), word(old)));
    }
    let mut fields = super::diff::fields(before, after);
    fields.retain(|it| !names.contains(&it.path.as_str()));
    if fields.is_empty() {
        return;
    }
    let is_conditional = [before, after].iter().any(|it| it.to_string().contains(CONDITION));
    let is_condition = |it: &super::diff::Field| {
        let path = it.argument();
        let has = |name: &str| path.split('.').any(|it| it == name);
        // What the names and values in a condition stand for.
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
    tell(Severity::Notice, format!("it passes other arguments: {}", names.join(", ")));
}

/// What was there, and is gone or empty: its paths, or an empty path for the whole.
fn lost(before: &Value, after: &Value) -> Vec<String> {
    let fields = super::diff::fields(before, after).into_iter();
    let is_nothing = |it: &Option<Value>| it.as_ref().is_none_or(is_empty);
    fields.filter(|it| !is_nothing(&it.before) && is_nothing(&it.after)).map(|it| it.path).collect()
}

/// Nothing, or what an expression writes for it.
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

/// What a state passes on, by the errors that it catches.
fn caught(state: &Value) -> BTreeMap<&str, (&Value, &Value)> {
    let mut caught = BTreeMap::new();
    for catch in items(&state["Catch"]) {
        for error in texts(&catch["ErrorEquals"]) {
            caught.entry(error).or_insert((&catch["Output"], &catch["Assign"]));
        }
    }
    caught
}

/// Where a state leads, by what makes it go there.
fn leads(state: &Value) -> BTreeMap<String, String> {
    let mut leads = BTreeMap::new();
    let to = |it: &Value| it["Next"].as_str().unwrap_or("the end").to_owned();
    if !state["Next"].is_null() || state["End"] == true {
        leads.insert("when it is done".to_owned(), to(state));
    }
    if let Some(it) = state["Default"].as_str() {
        leads.insert("otherwise".to_owned(), it.to_owned());
    }
    // Of what comes twice, the first is taken.
    for catch in items(&state["Catch"]) {
        for error in texts(&catch["ErrorEquals"]) {
            leads.entry(format!("on {error}")).or_insert_with(|| to(catch));
        }
    }
    for choice in items(&state["Choices"]) {
        leads.entry(format!("if {}", lists::condition(choice))).or_insert_with(|| to(choice));
    }
    leads
}

fn ways(
    before: &Value,
    after: &Value,
    renamed: &BTreeMap<&str, &str>,
    tell: &mut impl FnMut(Severity, String),
) {
    let (old, new) = (leads(before), leads(after));
    for (when, to) in &old {
        match new.get(when) {
            None => tell(Severity::Warning, format!("{when} it no longer goes to {to}")),
            Some(it) if it != renamed.get(to.as_str()).copied().unwrap_or(to) => {
                tell(Severity::Warning, format!("{when} it goes to {it}, before to {to}"));
            }
            Some(_) => (),
        }
    }
    for (when, to) in new.iter().filter(|(when, _)| !old.contains_key(*when)) {
        tell(Severity::Notice, format!("{when} it goes to {to}"));
    }
}

/// How a state tries again, by the errors that make it do so.
fn retries(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    #[derive(PartialEq)]
    struct Retry(f64, f64, f64, f64);
    let all = |state: &Value| {
        let mut all: BTreeMap<String, Retry> = BTreeMap::new();
        for retrier in items(&state["Retry"]) {
            let number = |name: &str, default| retrier[name].as_f64().unwrap_or(default);
            for error in texts(&retrier["ErrorEquals"]) {
                all.entry(error.to_owned()).or_insert(Retry(
                    number("MaxAttempts", 3.0),
                    number("IntervalSeconds", 1.0),
                    number("BackoffRate", 2.0),
                    number("MaxDelaySeconds", f64::INFINITY),
                ));
            }
        }
        all
    };
    let (old, new) = (all(before), all(after));
    for (error, was) in &old {
        let is = new.get(error);
        let attempts = is.map_or(0.0, |it| it.0);
        // To say that an error is not tried again is not the same as to say nothing: then
        // `States.ALL` may take it.
        let fallback = new.get("States.ALL").filter(|it| is.is_none() && it.0 > 0.0);
        if let (Some(all), true) = (fallback, was.0 == 0.0) {
            let problem =
                format!("on {error} it is tried again {} times, before not at all", plain(all.0));
            tell(Severity::Warning, problem);
        } else if attempts < was.0 {
            let problem = match attempts {
                0.0 => format!("on {error} it is not tried again, before {} times", plain(was.0)),
                it => format!(
                    "on {error} it is tried again {} times, before {}",
                    plain(it),
                    plain(was.0)
                ),
            };
            tell(Severity::Warning, problem);
        } else if is.is_some_and(|it| it.0 > was.0) {
            let problem = format!(
                "on {error} it is tried again {} times, before {}",
                plain(attempts),
                plain(was.0)
            );
            tell(Severity::Notice, problem);
        } else if is.is_some_and(|it| it != was) {
            tell(Severity::Notice, format!("on {error} it waits otherwise between attempts"));
        }
    }
    for (error, is) in new.iter().filter(|(error, _)| !old.contains_key(*error)) {
        let problem = match is.0 {
            0.0 => format!("on {error} it is not tried again"),
            it => format!("on {error} it is tried again {} times", plain(it)),
        };
        let took = old.get("States.ALL").is_some_and(|it| it.0 > is.0);
        tell(if took { Severity::Warning } else { Severity::Notice }, problem);
    }
}

fn times(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    for (name, what) in [
        ("TimeoutSeconds", "it is given up"),
        ("HeartbeatSeconds", "it is given up, without a heartbeat,"),
        ("Seconds", "it goes on"),
    ] {
        let (old, new) = (before[name].as_f64(), after[name].as_f64());
        if old == new && before[name] == after[name] {
            continue;
        }
        let told = |it: Option<f64>, value: &Value| match (it, value) {
            (Some(it), _) => format!("after {} s", plain(it)),
            (None, Value::Null) => "never".to_owned(),
            (None, it) => format!("after {}", short(it)),
        };
        let is_much_less = old.zip(new).is_some_and(|(old, new)| new < old && new <= old / 2.0);
        let severity =
            if new.is_none() || is_much_less { Severity::Warning } else { Severity::Notice };
        let (old, new) = (told(old, &before[name]), told(new, &after[name]));
        tell(severity, format!("{what} {new}, before {old}"));
    }
    for (name, what) in
        [("MaxConcurrency", "items at once"), ("ToleratedFailurePercentage", "% may fail")]
    {
        if before[name] != after[name] {
            let problem =
                format!("{} {what}, before {}", short(&after[name]), short(&before[name]));
            tell(Severity::Notice, problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn machine(task: Value) -> Value {
        json!({ "StartAt": "A", "States": { "A": task, "B": { "Type": "Succeed" }, "C": { "Type": "Fail" } } })
    }

    /// What is told where a task has these fields instead of those.
    #[track_caller]
    fn check(before: Value, after: Value, expected: &[&str]) {
        let task = |fields: Value| {
            let mut task = json!({ "Type": "Task", "Resource": "r", "Next": "B" });
            task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            machine(task)
        };
        assert_eq!(lines(&task(before), &task(after)), expected);
    }

    #[test]
    fn what_differs_in_a_state_is_told() {
        let retry =
            |attempts: u64| json!({ "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": attempts }] });
        check(json!({}), json!({}), &[]);
        check(json!({}), json!({ "Comment": "why" }), &[]);
        check(json!({}), json!({ "Next": "C" }), &["A: when it is done it goes to C, before to B"]);
        check(retry(3), retry(3), &[]);
        check(retry(3), retry(1), &["A: on E it is tried again 1 times, before 3"]);
        check(retry(3), json!({}), &["A: on E it is not tried again, before 3 times"]);
        check(json!({}), retry(2), &["A: on E it is tried again 2 times"]);
        check(
            json!({ "TimeoutSeconds": 5 }),
            json!({}),
            &["A: it is given up never, before after 5 s"],
        );
        check(json!({}), json!({ "Label": "x" }), &["A: it differs in `Label`"]);
        check(
            json!({ "Label": "x", "TimeoutSeconds": 5 }),
            json!({ "TimeoutSeconds": 6 }),
            &["A: it is given up after 6 s, before after 5 s", "A: it differs in `Label`"],
        );
        let jitter = json!({ "Retry": [{ "ErrorEquals": ["E"], "JitterStrategy": "FULL" }] });
        check(retry(3), jitter, &["A: on E its `Retry` differs in JitterStrategy: + FULL"]);
        let both = |lists: Value| json!({ "Retry": lists });
        check(
            both(json!([{ "ErrorEquals": ["E", "F"] }])),
            both(json!([{ "ErrorEquals": ["E"] }, { "ErrorEquals": ["F"] }])),
            &["A: other errors share their attempts than before"],
        );
        check(
            both(json!([{ "ErrorEquals": ["E"] }, { "ErrorEquals": ["F"] }])),
            both(json!([{ "ErrorEquals": ["F"] }, { "ErrorEquals": ["E"] }])),
            &["A: of its retriers, F is tried before E, and was behind it"],
        );
        let put = |condition: &str| json!({ "Arguments": { "ConditionExpression": condition } });
        check(
            put("x"),
            put("y"),
            &[
                "A: it writes under another condition, or under none",
                "A: it passes other arguments: `ConditionExpression`",
            ],
        );
        let caught = |to: &str, output: &str| json!({ "Catch": [{ "ErrorEquals": ["E"], "Next": to, "Output": output }] });
        check(caught("C", "a"), caught("C", "b"), &["A: on E it passes on other data"]);
        check(caught("C", "a"), caught("B", "a"), &["A: on E it goes to B, before to C"]);
        check(caught("C", "a"), json!({}), &["A: on E it no longer goes to C"]);
    }

    #[test]
    fn states_inside_of_states_are_states() {
        let nested = |seconds: u64| {
            let inner = json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": seconds, "End": true } } });
            machine(json!({ "Type": "Map", "ItemProcessor": inner, "Next": "B" }))
        };
        assert_eq!(lines(&nested(1), &nested(2)), ["W: it goes on after 2 s, before after 1 s"]);
    }
}
