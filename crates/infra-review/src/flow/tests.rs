use serde_json::json;

use super::*;

fn machine(task: Value) -> Value {
    json!({ "StartAt": "A", "States": { "A": task, "B": { "Type": "Succeed" }, "C": { "Type": "Fail" } } })
}

/// Checks the lines for a task whose fields change from `before` to `after`.
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
fn each_difference_of_a_state_is_reported() {
    let retry =
        |attempts: u64| json!({ "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": attempts }] });
    check(json!({}), json!({}), &[]);
    check(json!({}), json!({ "Comment": "why" }), &[]);
    check(json!({}), json!({ "Next": "C" }), &["A: when it is done it goes to C, before to B"]);
    check(retry(3), retry(3), &[]);
    check(retry(3), retry(1), &["A: on E it is tried again 1 times, before 3"]);
    check(retry(3), json!({}), &["A: on E it is not tried again, before 3 times"]);
    check(json!({}), retry(2), &["A: on E it is tried again 2 times"]);
    check(json!({ "TimeoutSeconds": 5 }), json!({}), &["A: it times out never, before after 5 s"]);
    check(json!({}), json!({ "Label": "x" }), &["A: it differs in `Label`"]);
    check(
        json!({ "Label": "x", "TimeoutSeconds": 5 }),
        json!({ "TimeoutSeconds": 6 }),
        &["A: it times out after 6 s, before after 5 s", "A: it differs in `Label`"],
    );
    let jitter = json!({ "Retry": [{ "ErrorEquals": ["E"], "JitterStrategy": "FULL" }] });
    check(retry(3), jitter, &["A: on E its `Retry` differs in JitterStrategy: + FULL"]);
    let both = |lists: Value| json!({ "Retry": lists });
    check(
        both(json!([{ "ErrorEquals": ["E", "F"] }])),
        both(json!([{ "ErrorEquals": ["E"] }, { "ErrorEquals": ["F"] }])),
        &["A: other errors than before share their attempts"],
    );
    check(
        both(json!([{ "ErrorEquals": ["E"] }, { "ErrorEquals": ["F"] }])),
        both(json!([{ "ErrorEquals": ["F"] }, { "ErrorEquals": ["E"] }])),
        &["A: of its retriers, F is tried before E, and was after it"],
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
fn states_inside_of_a_map_are_compared() {
    let nested = |seconds: u64| {
        let inner = json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": seconds, "End": true } } });
        machine(json!({ "Type": "Map", "ItemProcessor": inner, "Next": "B" }))
    };
    assert_eq!(lines(&nested(1), &nested(2)), ["W: it continues after 2 s, before after 1 s"]);
}
