use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{clock::Now, scope::Facts};

fn parse(source: &str) -> Expression {
    let mut report = Report::default();
    let expression = Expression::parse(source, "Output", &Root::ALL, &mut report);
    report.finish(expression).expect(source)
}

fn with_scope<T>(input: &Value, then: impl FnOnce(&Scope<'_>) -> T) -> T {
    let now = Now::from_millis(1_700_000_000_123);
    let facts = Facts {
        id: "arn:x",
        name: "x",
        began: now,
        first_input: &json!({"first": true}),
        state: "S",
        entered: now,
        retries: 2,
    };
    let failure = json!({"Error": "E"});
    then(&Scope::new(now, input, facts).with_result(&json!({"Payload": [1]})).with_error(&failure))
}

#[test]
fn values_are_found() {
    check("$states.input", Ok(json!({"a": {"b": [{"c": 1.5}, {"c": 2}]}, "n": null, "one": [3]})));
    check("$states.input.a.b.c", Ok(json!([1.5, 2])));
    check("$states.input.a.b[1].c", Ok(json!(2)));
    check("$states.input.n", Ok(json!(null)));
    check("$states.input.one", Ok(json!([3])));
    check("$states.result.Payload", Ok(json!([1])));
    check("$states.errorOutput.Error", Ok(json!("E")));
    check("$states.context.Execution.StartTime", Ok(json!("2023-11-14T22:13:20.123Z")));
    check("$states.context.Execution.Input.first", Ok(json!(true)));
    check("$states.context.State.RetryCount + 1", Ok(json!(3)));
    check("$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ''", Ok(json!("")));
    check("null", Ok(json!(null)));
    check("$now()", Ok(json!("2023-11-14T22:13:20.123Z")));
    check("{'a': $states.input.missing, 'b': 1}", Ok(json!({"b": 1})));
}

#[test]
fn failures_say_where() {
    let nothing = "returned nothing (undefined).";
    check("$states.input.a.x", Err(nothing));
    check("$states.input.n.x", Err(nothing));
    check("$states.input.one.x", Err(nothing));
    check("$states.errorOutput.Cause", Err(nothing));
    check("$states.input.a.b[7]", Err(nothing));
    check("$states[1].input", Err(nothing));
    check(
        "1 + 'a'",
        Err("threw an error during evaluation. T2002: The right side of the + operator must \
             evaluate to a number"),
    );
    check("1 / 0", Err("returned a number that JSON does not have."));
    check("$sum", Err("returned a function."));
}

fn check(source: &str, expected: Result<Value, &str>) {
    let input = json!({"a": {"b": [{"c": 1.5}, {"c": 2.0}]}, "n": null, "one": [3]});
    let expression = parse(source);
    let expected = expected.map_err(|text| {
        let text = format!(
            "An error occurred while executing the state 'S'. The JSONata expression '{source}' \
             specified for the field 'Output' {text}"
        );
        Failure::new("States.QueryEvaluationError", text)
    });
    with_scope(&input, |scope| assert_eq!(expression.evaluate(scope), expected, "{source}"));
}

#[test]
fn plain_paths_are_known() {
    for (source, plain) in [
        ("$states.input", true),
        (" $states.result.Payload ", true),
        ("$states.input.`a b`.c", true),
        ("$states.context.State.Name", true),
        ("$states.input[0]", false),
        ("$states.input.a[]", false),
        ("$states.input.*", false),
        ("$states.input.a@$b", false),
        ("($states.input)", false),
        ("$string($states.input)", false),
    ] {
        assert_eq!(parse(source).plain.is_some(), plain, "{source}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-9i64..9).prop_map(|it| Value::from(it as f64 / 2.0)),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ab c]", inner, 0..4)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    /// For any input and any path, the direct way and the engine give the same result.
    #[test]
    fn the_direct_way_and_the_engine_agree(input in json(), names in prop::collection::vec("[ab c]", 0..5)) {
        let path: String = names.iter().map(|it| format!(".`{it}`")).collect();
        let expression = parse(&format!("$states.input{path}"));
        prop_assert!(expression.plain.is_some());
        with_scope(&input, |scope| {
            prop_assert_eq!(expression.evaluate(scope), expression.by_engine(scope));
            Ok(())
        })?;
    }
}
