use serde_json::json;

use super::*;

fn parse(document: &Value) -> Result<Machine, Problems> {
    Machine::parse(&document.to_string(), &BTreeMap::new())
}

/// A machine with one state with these fields.
fn one(state: Value) -> Value {
    json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}})
}

#[test]
fn supported_documents_are_accepted() {
    check(one(json!({"Type": "Succeed", "Comment": "why"})), "");
    check(one(json!({"Type": "Succeed", "QueryLanguage": "JSONata", "Output": [1]})), "");
    check(one(json!({"Type": "Pass", "End": true})), "");
    check(one(json!({"Type": "Wait", "Seconds": 0, "Next": "A"})), "");
    check(one(json!({"Type": "Wait", "Seconds": "{% $states.input.s %}", "End": true})), "");
    check(one(json!({"Type": "Fail", "Error": "E", "Cause": "{% $states.input %}"})), "");
    check(
        one(
            json!({"Type": "Choice", "Choices": [{"Condition": true, "Next": "A"}], "Default": "A"}),
        ),
        "",
    );
    check(task(json!({"TimeoutSeconds": 5})), "");
}

#[test]
fn fields_are_checked() {
    check(one(json!([])), "A: `it` is [], not an object|A: `Type` is missing");
    check(one(json!({"End": true})), "A: `Type` is missing");
    check(one(json!({"Type": "Map"})), "A: the type `Map` is not supported");
    check(
        one(json!({"Type": "Parallel", "Branches": []})),
        "A: the type `Parallel` is not supported",
    );
    check(one(json!({"Type": "Succeed", "End": true})), "A: `End` is not supported");
    check(one(json!({"Type": "Pass", "Assign": {}, "End": true})), "A: `Assign` is not supported");
    check(one(json!({"Type": "Pass"})), "A: the state needs either `Next` or `\"End\": true`");
    check(
        one(json!({"Type": "Pass", "End": false})),
        "A: the state needs either `Next` or `\"End\": true`",
    );
    check(
        one(json!({"Type": "Pass", "End": true, "Next": "A"})),
        "A: the state needs either `Next` or `\"End\": true`",
    );
    check(
        one(json!({"Type": "Pass", "Next": "B"})),
        "A: `Next` names `B`, but there is no state with this name",
    );
    check(
        one(json!({"Type": "Pass", "QueryLanguage": "JSONPath", "End": true})),
        "A: `QueryLanguage` is \"JSONPath\", not \"JSONata\"",
    );
    check(one(json!({"Type": "Wait", "End": true})), "A: `Seconds` is missing");
    check(
        one(json!({"Type": "Wait", "Seconds": "5", "End": true})),
        "A: `Seconds` is \"5\", which is not a valid number for this field",
    );
    check(
        one(json!({"Type": "Wait", "Seconds": -1, "End": true})),
        "A: `Seconds` is -1, which is not a valid number for this field",
    );
    check(
        one(json!({"Type": "Wait", "Timestamp": "{% $now() %}", "End": true})),
        "A: `Seconds` is missing|A: `Timestamp` is not supported",
    );
    check(one(json!({"Type": "Fail"})), "A: `Error` is missing");
    check(
        one(json!({"Type": "Fail", "Error": 1})),
        "A: `Error` is 1, which is not a valid string for this field",
    );
    check(one(json!({"Type": "Choice"})), "A: `Choices` is empty");
    check(
        one(
            json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "B"}], "Default": "C"}),
        ),
        "A: `Choices[0]/Condition` is missing|A: `Choices[0]/Next` names `B`, but there is no state \
         with this name|A: `Choices[0]/Variable` is not supported|A: `Default` names `C`, but there \
         is no state with this name",
    );
}

#[test]
fn expressions_are_checked() {
    let output = |text: &str| one(json!({"Type": "Pass", "End": true, "Output": {"a": [1, text]}}));
    check(
        output("{% 1 + %}"),
        "A: `Output/a[1]` is not valid JSONata: S0207: Unexpected end of expression",
    );
    check(
        output("{% $states.result %}"),
        "A: `Output/a[1]` reads `$states.result`, which does not exist here",
    );
    check(output("{% $order %}"), "A: `Output/a[1]` uses `$order`, which is not supported");
    check(
        output(" {% 1 %}"),
        "A: `Output/a[1]` must begin with `{%` and end with `%}`: \" {% 1 %}\"",
    );
    check(output("{% 1"), "A: `Output/a[1]` must begin with `{%` and end with `%}`: \"{% 1\"");
    check(output("{ % 1"), "");
    check(
        task(json!({"Arguments": "{% $states.result %}"})),
        "A: `Arguments` reads `$states.result`, which does not exist here",
    );
    check(
        task(json!({"Output": "{% $states.errorOutput %}"})),
        "A: `Output` reads `$states.errorOutput`, which does not exist here",
    );
    check(
        task(json!({"Catch": [
            {"ErrorEquals": ["A"], "Next": "A", "Output": "{% $states.result %}"},
        ]})),
        "A: `Catch[0]/Output` reads `$states.result`, which does not exist here",
    );
}

#[test]
fn tasks_are_checked() {
    check(
        one(json!({"Type": "Task", "End": true})),
        "A: `Resource` is missing|A: `Arguments` is missing",
    );
    check(task(json!({"HeartbeatSeconds": 1})), "A: `HeartbeatSeconds` is not supported");
    check(
        task(json!({"Resource": "arn:x.waitForTaskToken"})),
        "A: `Resource` waits for a task token, which is not supported",
    );
    check(
        task(json!({"Resource": "arn:aws:states:::sns:publish"})),
        "A: `Resource` is \"arn:aws:states:::sns:publish\", which is not a known integration",
    );
    let send = "arn:aws:states:::sqs:sendMessage";
    check(
        task(
            json!({"Resource": send, "Arguments": {"QueueUrl": "{% 1 %}", "MessageBody": "", "Delay": 1}}),
        ),
        "A: `Arguments`: the call has `Delay`, but the integration takes DelaySeconds, MessageAttributes, \
         MessageBody, MessageDeduplicationId, MessageGroupId, QueueUrl",
    );
    let seconds = "not a whole number from 1 to 99999999";
    check(task(json!({"TimeoutSeconds": 0})), &format!("A: `TimeoutSeconds` is 0, {seconds}"));
    check(
        task(json!({"TimeoutSeconds": "{% 1 %}"})),
        &format!("A: `TimeoutSeconds` is \"{{% 1 %}}\", {seconds}"),
    );
    check(task(json!({"Retry": {}})), "A: `Retry` is {}, not a list");
    check(
        task(json!({"Retry": [{
            "ErrorEquals": [1], "IntervalSeconds": 1.5, "MaxAttempts": -1, "BackoffRate": 0.5,
            "JitterStrategy": "SOME", "MaxDelaySeconds": 31_622_400, "Delay": 1,
        }]})),
        "A: `Retry[0]/ErrorEquals` has the element 1, not a string|A: `Retry[0]/ErrorEquals` names no error|\
         A: `Retry[0]/IntervalSeconds` is 1.5, not a whole number from 1 to 99999999|\
         A: `Retry[0]/MaxAttempts` is -1, not a whole number from 0 to 99999999|\
         A: `Retry[0]/MaxDelaySeconds` is 31622400, not a whole number from 1 to 31622399|\
         A: `Retry[0]/BackoffRate` is 0.5, not a number of at least 1|\
         A: `Retry[0]/JitterStrategy` is \"SOME\", not \"FULL\" or \"NONE\"|\
         A: `Retry[0]/Delay` is not supported",
    );
    let alone = "names `States.ALL`, which must be the only name, in the last entry";
    check(
        task(json!({"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["A"]}]})),
        &format!("A: `Retry[0]` {alone}"),
    );
    check(
        task(json!({"Catch": [{"ErrorEquals": ["A", "States.ALL"], "Next": "A"}]})),
        &format!("A: `Catch[0]` {alone}"),
    );
    check(
        task(json!({"Catch": [{"ErrorEquals": [], "ResultPath": null}, {"Next": "B"}]})),
        "A: `Catch[0]/ErrorEquals` names no error|A: `Catch[0]/Next` is missing|\
         A: `Catch[0]/ResultPath` is not supported|A: `Catch[1]/ErrorEquals` names no error|\
         A: `Catch[1]/Next` names `B`, but there is no state with this name",
    );
}

/// A machine with one Task state with these fields in addition to the required ones.
fn task(fields: Value) -> Value {
    let mut state = json!({"Type": "Task", "Resource": "r", "Arguments": {}, "End": true});
    for (name, field) in fields.as_object().expect("an object") {
        state[name] = field.clone();
    }
    one(state)
}

#[test]
fn the_machine_is_checked() {
    check(
        json!(1),
        "`it` is 1, not an object|`QueryLanguage` is \"JSONPath\", not \"JSONata\"|`StartAt` is missing|`States` is missing",
    );
    check(
        json!({"QueryLanguage": "JSONata", "StartAt": "B", "States": {}}),
        "`StartAt` names `B`, but there is no state with this name",
    );
    check(
        json!({"QueryLanguage": "JSONata", "StartAt": "B", "States": []}),
        "`States` is [], not an object|`StartAt` names `B`, but there is no state with this name",
    );
    let mut machine = one(json!({"Type": "Succeed"}));
    machine["Version"] = json!("2.0");
    machine["TimeoutSeconds"] = json!("1");
    machine["Extra"] = json!(1);
    check(
        machine,
        "`Version` is \"2.0\", not \"1.0\"|`TimeoutSeconds` is \"1\", not a whole number from 1 to 99999999|`Extra` is not supported",
    );
}

fn check(document: Value, expected: &str) {
    let found = match parse(&document) {
        Ok(_) => String::new(),
        Err(problems) => {
            let place =
                |state: &str| if state.is_empty() { String::new() } else { format!("{state}: ") };
            let lines = problems.all().iter().map(|it| format!("{}{}", place(&it.state), it.text));
            lines.collect::<Vec<_>>().join("|")
        }
    };
    assert_eq!(found, expected, "{document}");
}

#[test]
fn all_problems_are_reported_at_once() {
    let text = r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "B": {"Type": "Pass", "Next": "C"}, "A": {"Type": "Map"}, "D": {"Type": "Task", "Resource": "${x}", "End": true}
    }}"#;
    let problems = Machine::parse(text, &BTreeMap::new()).expect_err("it is broken");
    assert_eq!(
        problems.to_string(),
        "the machine: there is no value for `${x}`\n\
         state `B`: `Next` names `C`, but there is no state with this name\n\
         state `A`: the type `Map` is not supported\n\
         state `D`: `Arguments` is missing"
    );
    let problems = Machine::parse("{", &BTreeMap::new()).expect_err("it is broken");
    assert!(problems.to_string().starts_with("the machine: it is not JSON: "));
}

#[test]
fn a_machine_has_its_timeout() {
    let mut machine = one(json!({"Type": "Succeed"}));
    assert_eq!(parse(&machine).expect("sound").timeout(), None);
    machine["TimeoutSeconds"] = json!(86400);
    assert_eq!(parse(&machine).expect("sound").timeout(), Some(Duration::from_secs(86400)));
}
