//! Small machines, with the parts of `asl` that the order machine does not use.

use serde_json::{Value, json};

use super::play::{Answer, Document, Run, play};

/// Returns each machine with its runs.
pub(super) fn machines() -> Vec<(Document, Vec<Run>)> {
    let mut played: Vec<_> = expressions()
        .into_iter()
        .map(|it| whole(&it, passing(&it), &inputs(), &[vec![]]))
        .collect();
    for (name, states, scripts) in flows() {
        played.push(whole(name, states, &inputs(), &scripts));
    }
    played
}

/// A machine that begins in the state `A`, with each input and each script. A script has the results of the calls, the last one for all further calls.
fn whole(
    name: &str,
    states: Value,
    inputs: &[Value],
    scripts: &[Vec<Answer>],
) -> (Document, Vec<Run>) {
    let document = json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": states });
    let document = Document { machine: name.to_owned(), document };
    let machine = document.parse();
    let mut runs = Vec::new();
    for input in inputs {
        for (at, script) in scripts.iter().enumerate() {
            let told = (name, name, format!("script {at}, input {input}"));
            let mut script = script.iter();
            let mut last = None;
            runs.push(play(&machine, told, input.clone(), |_, _| {
                last = script.next().or(last);
                last.unwrap().clone()
            }));
        }
    }
    (document, runs)
}

fn passing(expression: &str) -> Value {
    let output = json!({ "it": format!("{{% {expression} %}}") });
    json!({ "A": { "Type": "Pass", "Output": output, "End": true } })
}

fn inputs() -> Vec<Value> {
    vec![
        json!({ "n": 2, "s": "abc", "o": { "a": "1", "b": "2" }, "l": [1, 2, 3], "z": null, "t": true }),
        json!({ "n": 0, "s": "", "o": {}, "l": [], "z": null, "t": false }),
        json!({ "n": -1.5, "s": "ü🎁\n\"\\", "o": { "a": null }, "l": [{ "a": 1 }, { "a": 2 }] }),
        json!({ "n": 1e21, "s": "12", "o": [], "l": 7, "t": "x" }),
        json!({ "n": 1e-7, "s": 5, "o": "o", "l": [null] }),
        json!({ "n": 0.1, "l": [[1], [2]] }),
        json!({}),
        json!([{ "n": 1 }, { "n": 2 }]),
        json!(null),
        json!("a text"),
    ]
}

/// The functions that the order machine uses, and similar ones.
fn expressions() -> Vec<String> {
    let expressions = [
        "$states.input",
        "$states.input.n",
        "$states.input.o.a",
        "$states.input.l.a",
        "$states.input.l[0]",
        "$states.input.z",
        "$states.input.n + 1",
        "$states.input.n * 1.1",
        "$states.input.n - 0.1",
        "$states.input.n = 2",
        "$states.input.n != null",
        "$states.input.n > 0",
        "$states.input.z = null",
        "$states.input.s & 'x'",
        "$states.input.n & ''",
        "$states.input.t ? 'yes' : 'no'",
        "$states.input.t ? 'yes'",
        "$states.input.t and $states.input.n > 0",
        "$states.input.t or $states.input.n > 0",
        "$not($states.input.t)",
        "$exists($states.input.z)",
        "$exists($states.input.s)",
        "$string($states.input.n)",
        "$string($states.input.n / 3)",
        "$string($states.input.o)",
        "$number($states.input.s)",
        "$floor($states.input.n / 3)",
        "$floor($millis() / 1000) + 604800",
        "$now()",
        "$substring($states.input.s, 0, 2)",
        "$substring($states.input.s, 1)",
        "$contains($states.input.s, 'b')",
        "$length($states.input.s)",
        "$uppercase($states.input.s)",
        "$count($states.input.l)",
        "$sum($states.input.l)",
        "$append([{}], $states.input.l)",
        "$each($states.input.o, function($v, $k) { {$k: {'S': $v}} })",
        "$merge($append([{}], $each($states.input.o, function($v, $k) { {$k: {'S': $v}} })))",
        "{'a': $states.input.n, 'b': $states.input.nothing}",
        "{'a': $states.input.n != null ? {'N': $string($states.input.n)}}",
        "[$states.input.n, $states.input.nothing, null]",
        "$map($states.input.l, function($it) { $it })",
        "$filter($states.input.l, function($it) { $it > 1 })",
        "$keys($states.input.o)",
        "$lookup($states.input.o, 'a')",
        "$join(['a', 'b'], '-')",
        "$split('a,b', ',')",
        "$type($states.input.l)",
        "($a := $states.input.n; $a + $a)",
        "$states.context.Execution.Input",
        "$states.context.State.Name",
        "null",
    ];
    expressions.map(str::to_owned).into()
}

/// The machines, each with the results of its calls.
fn flows() -> Vec<(&'static str, Value, Vec<Vec<Answer>>)> {
    let none = || vec![vec![]];
    let choice = |rules: Value| {
        json!({
            "A": { "Type": "Choice", "Choices": rules, "Default": "C", "Output": ["default", "{% $states.input %}"] },
            "B": { "Type": "Succeed", "Output": { "b": "{% $states.input %}" } },
            "C": { "Type": "Succeed" },
        })
    };
    vec![
        (
            "chain",
            json!({
                "A": { "Type": "Pass", "Output": { "in": "{% $states.input %}", "by": ["A"] }, "Next": "B" },
                "B": { "Type": "Pass", "Next": "C" },
                "C": { "Type": "Pass", "Output": { "by": "{% $append($states.input.by, $states.context.State.Name) %}" }, "Next": "D" },
                "D": { "Type": "Succeed", "Output": ["{% $states.input.by %}", 1, "a text", null, true] },
            }),
            none(),
        ),
        (
            "wait",
            json!({
                "A": { "Type": "Wait", "Seconds": 90, "Output": "{% $now() %}", "Next": "B" },
                "B": { "Type": "Wait", "Seconds": "{% $length($states.input) %}", "Next": "C" },
                "C": { "Type": "Succeed", "Output": [ "{% $states.input %}", "{% $millis() %}" ] },
            }),
            none(),
        ),
        (
            "wait for the given time",
            json!({ "A": { "Type": "Wait", "Seconds": "{% $states.input.n %}", "End": true } }),
            none(),
        ),
        (
            "choice",
            choice(json!([{ "Condition": "{% $states.input.n = 2 %}", "Next": "B", "Output": 7 }])),
            none(),
        ),
        (
            "choice of a value",
            choice(json!([{ "Condition": "{% $states.input.t %}", "Next": "B" }])),
            none(),
        ),
        (
            "first choice",
            choice(json!([
                { "Condition": "{% $exists($states.input.s) and $type($states.input.s) = 'string' %}", "Next": "B" },
                { "Condition": "{% $exists($states.input.n) %}", "Next": "B", "Output": "{% $states.input.n %}" },
                { "Condition": "{% true %}", "Next": "C", "Output": "{% $states.input.nothing %}" },
            ])),
            none(),
        ),
        (
            "no choice",
            json!({
                "A": { "Type": "Choice", "Choices": [{ "Condition": "{% $exists($states.input.n) %}", "Next": "B" }] },
                "B": { "Type": "Succeed" },
            }),
            none(),
        ),
        (
            "fail",
            json!({ "A": { "Type": "Fail", "Error": "E", "Cause": "{% $states.input.s %}" } }),
            none(),
        ),
        (
            "fail with the given error",
            json!({ "A": { "Type": "Fail", "Error": "{% $states.input.s %}" } }),
            none(),
        ),
        ("task", task(), scripts()),
        ("retries", retries(), scripts()),
        ("catchers", catchers(), scripts()),
        ("output", output(), scripts()),
    ]
}

const RESOURCE: &str = "arn:aws:states:::lambda:invoke";

fn scripts() -> Vec<Vec<Answer>> {
    let good = || Answer::result(json!({ "Payload": { "n": 1 }, "StatusCode": 200 }));
    let error = |name| Answer::error(name, "its cause");
    let mut scripts = vec![
        vec![good()],
        vec![Answer::result(json!({}))],
        vec![Answer::result(Value::Null)],
        vec![error("E"), error("F"), error("E"), error("F"), error("E"), good()],
        vec![error("E"), Answer::timeout(), good()],
        vec![error("F"), error("F"), good()],
    ];
    for name in [
        "E",
        "F",
        "G",
        "",
        "States.TaskFailed",
        "States.Permissions",
        "States.QueryEvaluationError",
        "States.DataLimitExceeded",
        "States.Runtime",
        "States.ALL",
    ] {
        scripts.push(vec![error(name)]);
        scripts.push(vec![error(name), good()]);
    }
    scripts.push(vec![Answer::timeout()]);
    scripts
}

fn task() -> Value {
    json!({
        "A": {
            "Type": "Task", "Resource": RESOURCE,
            "Arguments": { "FunctionName": "f", "Payload": { "all": "{% $states.input %}", "at": "{% $now() %}" } },
            "Next": "B",
        },
        "B": { "Type": "Succeed", "Output": { "is": "{% $states.input %}", "at": "{% $millis() %}" } },
    })
}

fn retries() -> Value {
    json!({
        "A": {
            "Type": "Task", "Resource": RESOURCE,
            "Arguments": { "FunctionName": "f", "Payload": "{% $states.context.State.RetryCount %}" },
            "Retry": [
                { "ErrorEquals": ["E", "F"], "MaxAttempts": 2, "IntervalSeconds": 3 },
                { "ErrorEquals": ["G"], "MaxAttempts": 0 },
                { "ErrorEquals": ["States.Timeout"], "BackoffRate": 1.5 },
                { "ErrorEquals": ["States.ALL"], "MaxAttempts": 1 },
            ],
            "Output": "{% $states.result.Payload.n %}",
            "End": true,
        },
    })
}

fn catchers() -> Value {
    json!({
        "A": {
            "Type": "Task", "Resource": RESOURCE,
            "Arguments": { "FunctionName": "f", "Payload": "{% $states.input.n %}" },
            "Catch": [
                { "ErrorEquals": ["E", "F"], "Next": "B", "Output": {
                    "error": "{% $states.errorOutput.Error %}", "cause": "{% $states.errorOutput.Cause %}",
                    "input": "{% $states.input %}", "at": "{% $now() %}" } },
                { "ErrorEquals": ["States.TaskFailed"], "Next": "C" },
                { "ErrorEquals": ["States.Timeout"], "Next": "D", "Output": "{% $states.errorOutput.Error %}" },
                { "ErrorEquals": ["States.ALL"], "Next": "D", "Output": "{% $states.input.nothing %}" },
            ],
            "End": true,
        },
        "B": { "Type": "Succeed" },
        "C": { "Type": "Pass", "Output": "{% $states.input.Error %}", "End": true },
        "D": { "Type": "Fail", "Error": "D", "Cause": "{% $states.input %}" },
    })
}

fn output() -> Value {
    json!({
        "A": {
            "Type": "Task", "Resource": RESOURCE,
            "Arguments": { "FunctionName": "f", "Payload": "x" },
            "Output": { "n": "{% $states.result.Payload.n %}", "s": "{% $states.input.s %}" },
            "Retry": [{ "ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 1 }],
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "B", "Output": "{% $states.errorOutput.Error %}" }],
            "Next": "B",
        },
        "B": { "Type": "Succeed" },
    })
}
