//! State machines.

use serde_json::{Value, json};

use super::{Tree, between, check, remove};

#[test]
fn the_order_of_attempts_and_choices_counts() {
    const MACHINE: &str = "generated/prod/modules/stepfunctions/order.asl.json";
    const ADDRESS: &str = "module.stepfunctions.aws_sfn_state_machine.order";
    let machine = |edit: fn(&mut Value)| {
        move |tree: &mut Tree| tree.file(MACHINE.strip_prefix("generated/").unwrap(), edit)
    };
    let state = format!("warning flow-changed prod {ADDRESS}/StoreOrder");
    let list = |name: &str| {
        let all = json!(["A", "B"]).as_array().unwrap().clone();
        let mut entries: Vec<_> = all.iter().map(|it| json!({ "ErrorEquals": [it] })).collect();
        entries.iter_mut().for_each(|it| {
            if name == "Catch" {
                it["Next"] = "RecordFailure".into()
            }
        });
        Value::Array(entries)
    };
    for name in ["Retry", "Catch"] {
        let set = |turned: bool, other: bool| {
            let mut entries = list(name);
            if turned {
                entries.as_array_mut().unwrap().reverse();
            }
            move |tree: &mut Tree| {
                tree.file("prod/modules/stepfunctions/order.asl.json", |it| {
                    it["States"]["StoreOrder"][name] = entries;
                    if other {
                        it["States"]["StoreOrder"]["TimeoutSeconds"] = 99.into();
                    }
                });
            }
        };
        between(set(false, false), set(true, false), &[&state]);
        between(set(false, false), set(true, true), &[&state]);
    }
    let choices = |conditions: &'static [(&'static str, &'static str)]| {
        move |tree: &mut Tree| {
            tree.file("prod/modules/stepfunctions/order.asl.json", |it| {
                let all = conditions
                    .iter()
                    .map(|(condition, next)| json!({ "Condition": condition, "Next": next }));
                it["States"]["Pick"] =
                    json!({ "Type": "Choice", "Choices": all.collect::<Vec<_>>() });
            });
        }
    };
    let pick = format!("warning flow-changed prod {ADDRESS}/Pick");
    between(choices(&[("a", "X"), ("b", "Y")]), choices(&[("b", "Y"), ("a", "X")]), &[&pick]);
    // Of two equal conditions the first wins.
    between(choices(&[("a", "X"), ("a", "Y")]), choices(&[("a", "Y"), ("a", "X")]), &[&pick]);
    // The review knows only a part of the field's meaning.
    check(
        machine(|it| it["States"]["StoreOrder"]["Retry"][0]["JitterStrategy"] = "FULL".into()),
        &[&state],
    );
    check(
        machine(|it| it["States"]["StoreOrder"]["Credentials"] = json!({ "RoleArn": "r" })),
        &[&state],
    );
    let whole = format!("warning flow-changed prod {ADDRESS}");
    check(machine(|it| it["ProcessorConfig"] = json!({ "Mode": "X" })), &[&whole]);
    let record = "RecordRejection";
    check(
        |tree| {
            tree.file("prod/modules/stepfunctions/order.asl.json", |it| {
                remove(&mut it["States"][record]["Arguments"], "ConditionExpression");
            });
        },
        &[&format!("warning flow-changed prod {ADDRESS}/{record}")],
    );
}

const ORDER: &str = "module.stepfunctions.aws_sfn_state_machine.order";

fn warns(state: &str, edit: impl Fn(&mut Value)) {
    let told = format!("warning flow-changed prod {ORDER}/{state}");
    check(|tree| tree.file("prod/modules/stepfunctions/order.asl.json", &edit), &[&told]);
}

/// Of several that fit the first is taken: what is added in front takes what another one took.
#[test]
fn an_entry_in_front_of_another_takes_from_it() {
    let first = |state: &'static str, list: &'static str, entry: Value| {
        warns(state, move |it| {
            it["States"][state][list].as_array_mut().unwrap().insert(0, entry.clone());
        });
    };
    let choice = json!({ "Condition": "{% true %}", "Next": "Rejected" });
    first("ValidOrInvalid", "Choices", choice.clone());
    first("StoreOrder", "Catch", json!({ "ErrorEquals": ["States.TaskFailed"], "Next": "Stored" }));
    first("StoreOrder", "Retry", json!({ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 9 }));
    // A last choice takes executions from the default state.
    warns("WhyCanceled", |it| {
        it["States"]["WhyCanceled"]["Choices"].as_array_mut().unwrap().push(choice.clone());
    });
}

/// The review does not evaluate expressions, so each changed one is a finding.
#[test]
fn another_expression_or_table_is_a_finding() {
    let set = |state: &'static str, pointer: &'static str, edit: fn(&str) -> String| {
        warns(state, move |it| {
            let value = it.pointer_mut(&format!("/States/{state}{pointer}")).unwrap();
            *value = edit(value.as_str().unwrap()).into();
        });
    };
    set("RecordFailure", "/Arguments/TransactItems/0/Put/Item", |it| {
        it.replace("'FAILED'", "'FULFILLED'")
    });
    set("RecordFailure", "/Arguments/TransactItems/1/Put/TableName", |_| {
        "${orders_table_name}".to_owned()
    });
    set("StoreOrder", "/Output", |_| "{% $states.input %}".to_owned());
    set("StoreOrder", "/Catch/0/Output/orderId", |_| "{% $states.input.customerId %}".to_owned());
    set("ValidOrInvalid", "/Choices/0/Output", |_| "{% $states.input %}".to_owned());
}

#[test]
fn longer_waits_are_findings() {
    warns("StoreOrder", |it| {
        it["States"]["StoreOrder"]["Retry"][1]["IntervalSeconds"] = 99_999.into()
    });
    warns("StoreOrder", |it| it["States"]["StoreOrder"]["Retry"][1]["MaxAttempts"] = 999.into());
    warns("RecordFailureLater", |it| it["States"]["RecordFailureLater"]["Seconds"] = 86_400.into());
}
