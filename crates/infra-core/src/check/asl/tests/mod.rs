//! One good machine, and every way to spoil it.

mod mutants;
mod time;

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::{check, schema::SCHEMA, task_states};

const ADDRESS: &str = "module.stepfunctions.aws_sfn_state_machine.order";

fn good() -> Value {
    static GOOD: OnceLock<Value> = OnceLock::new();
    let parse = || serde_json::from_str(include_str!("good.asl.json")).expect("the file is JSON");
    GOOD.get_or_init(parse).clone()
}

#[test]
fn a_good_machine_is_let_through() {
    assert_eq!(check(ADDRESS, &good()), []);
}

#[test]
fn tasks_are_listed_with_those_inside() {
    let machine = good();
    let expected = [
        ("Enqueue", "arn:aws:states:::sqs:sendMessage"),
        ("Store", "arn:aws:states:::dynamodb:putItem"),
        ("Validate", "arn:aws:states:::lambda:invoke"),
    ];
    let mut found = task_states(&machine);
    // The order of a map may change with a feature of `serde_json`.
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_violation_names_the_state_and_the_field() {
    fn text(change: impl FnOnce(&mut Value)) -> String {
        let mut machine = good();
        change(&mut machine);
        check(ADDRESS, &machine).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
    let inner = "/States/FanOut/Branches/0/States/Enqueue";
    assert_eq!(
        text(|it| *it.pointer_mut(inner).expect("a state") = json!({"Type": "Tusk"})),
        "\
module.stepfunctions.aws_sfn_state_machine.order, state FanOut > Enqueue [asl/schema]
  `Type` is \"Tusk\"
  fix: use one of \"Task\", \"Choice\", \"Pass\", \"Wait\", \"Parallel\", \"Map\", \"Succeed\", \"Fail\"
module.stepfunctions.aws_sfn_state_machine.order, state FanOut > NotSent [asl/unreachable]
  the state cannot be reached from `StartAt`
  fix: add a transition to it, or remove it"
    );
    assert_eq!(
        text(|it| it["States"]["Shape"]["Parameters"] = json!({})),
        "\
module.stepfunctions.aws_sfn_state_machine.order, state Shape [asl/schema]
  `Parameters` is not allowed here
  fix: use `Arguments`, or `Output`: this field belongs to JSONPath"
    );
    assert_eq!(
        text(|it| it["States"]["Validate"]["Retry"][1]["MaxAttempts"] = json!(-1)),
        "\
module.stepfunctions.aws_sfn_state_machine.order, state Validate [asl/retry-limits]
  `Retry[1].MaxAttempts` is -1, less than 0
  fix: make it 0 or more"
    );
}

#[test]
fn all_violations_are_reported_at_once() {
    let mut machine = good();
    machine["TimeoutSeconds"].take();
    machine["States"]["Store"]["Retry"] = json!([]);
    machine["States"]["Shape"]["Next"] = json!("Stoer");
    let violations = check(ADDRESS, &machine);
    let rules: Vec<_> = violations.iter().map(|it| it.rule).collect();
    assert_eq!(rules, ["asl/schema", "asl/unknown-next", "asl/task-retry"]);
}

/// The schema refuses a document that is not a state machine, and nothing panics.
#[test]
fn any_value_is_looked_at() {
    for document in [json!(null), json!([]), json!({}), json!({"States": {"A": 1}}), json!("x")] {
        let violations = check(ADDRESS, &document);
        assert!(violations.iter().any(|it| it.rule == "asl/schema"), "{document}");
    }
}

#[test]
fn the_schema_is_a_schema() {
    assert!(!SCHEMA.findings(&json!(null)).is_empty());
    let text = include_str!("../../../../schemas/asl-jsonata.json");
    let schema: Value = serde_json::from_str(text).expect("the schema is JSON");
    assert!(jsonschema::meta::is_valid(&schema));
}
