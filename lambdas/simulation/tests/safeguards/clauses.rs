//! Each clause about records, I1 to I5, and a mistake that breaks it where nothing else goes wrong. What needs a fault is
//! in [`faults`](crate::faults).

use runtime::port::Write;
use serde_json::{Value, json};
use simulation::plan::Plan;

use crate::{
    edit::{self, table},
    table::{Row, all, answers, calm, writes},
};

const FULFIL: &str = "fulfill_order";
const STORE: &str = "order_storage";

/// What an expression of the machine's puts into a record is left out.
fn without(machine: &mut Value, state: &str, field: &str) {
    let item = &mut machine["States"][state]["Arguments"]["Item"];
    let text = item.as_str().unwrap();
    let begin = text.find(&format!(", '{field}': {{")).unwrap();
    let end = begin + text[begin..].find('}').unwrap() + 1;
    *item = format!("{}{}", &text[..begin], &text[end..]).into();
}

/// An answer of the API to a request of this method, and of this status.
pub(crate) fn is_answer(
    function: &str,
    event: &Value,
    answer: &Value,
    method: &str,
    status: u16,
) -> bool {
    function == "api_handler" && event["httpMethod"] == method && answer["statusCode"] == status
}

fn poisoned() -> Plan {
    Plan { poison: 1, ..calm() }
}

fn redriven() -> Plan {
    Plan { redrives: 4, ..calm() }
}

fn no_redrive(plan: &mut Plan) {
    plan.redrives = 0;
}

#[test]
fn i1_what_was_accepted_is_decided_and_recorded() {
    all(vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && it.len() == 1 {
                    edit::delete(it);
                }
            }),
            ..Row::new("a fulfilled order is deleted", ("I1", "is gone"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "customer_id", None);
                }
            }),
            ..Row::new("a record lacks a field", ("I1", "the record of"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "status", Some("FULFILLED"));
                }
            }),
            ..Row::new("an order is stored as fulfilled", ("I1", "there is no such step"))
        },
        Row {
            machine: |it| {
                it["States"]["ValidOrInvalid"]["Choices"][1]["Next"] = json!("Rejected");
            },
            ..Row::new("a rejection is not recorded", ("I1", "was accepted, and is left None"))
        },
        Row {
            machine: |it| {
                it["States"]["ValidateOrder"]["Arguments"]["FunctionName"] = json!("nobody");
            },
            ..Row::new("a state calls a function that is not there", ("I1", "there is no function"))
        },
        Row {
            mistake: answers(|who, event, it| {
                if is_answer(who, event, it, "GET", 200) {
                    it["statusCode"] = json!(404);
                }
            }),
            ..Row::new("the API finds no order", ("I1", "reading it says 404"))
        },
    ]);
}

#[test]
fn i2_a_record_has_the_fields_of_its_status() {
    all(vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    edit::forget(it, "fulfillment_details");
                }
            }),
            ..Row::new("an order is fulfilled without a parcel", ("I2", "a tracking number"))
        },
        Row {
            machine: |it| without(it, "RecordRejection", "error_message"),
            ..Row::new("a rejection has no message", ("I2", "the fields of a failure"))
        },
        Row {
            machine: |it| without(it, "RecordRejection", "expires_at"),
            ..Row::new("a rejection does not expire", ("I2", "a rejected order expires"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && matches!(it.last(), Some(Write::Delete(_))) {
                    edit::forget(it, "dead_letter");
                }
            }),
            plan: redriven(),
            spare: Some(no_redrive),
            ..Row::new("a later round keeps the dead letter", ("I2", "a dead letter belongs"))
        },
    ]);
}

#[test]
fn i3_failures_have_their_records_and_letters() {
    all(vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && it.len() == 1 && table(&it[0]) == "failed_orders" {
                    edit::put(it, "order_id", Some("unknown"));
                }
            }),
            plan: poisoned(),
            spare: Some(|it| it.poison = 0),
            ..Row::new(
                "a message without an order has an order's record",
                ("I3", "which is no order"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    it.retain(|it| table(it) == "orders");
                }
            }),
            ..Row::new("a failure has no record", ("I3", "has no record of failure"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    it.retain(|it| !matches!(it, Write::Delete(_)));
                }
            }),
            plan: redriven(),
            spare: Some(no_redrive),
            ..Row::new(
                "a later round keeps the record of failure",
                ("I3", "has a record of failure"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && it.len() == 1 {
                    it.retain(|it| table(it) == "orders");
                }
            }),
            plan: poisoned(),
            spare: Some(|it| it.poison = 0),
            ..Row::new(
                "a message without an order has no record",
                ("I3", "(None) is among the dead letters"),
            )
        },
        Row {
            mistake: answers(|who, event, it| {
                let records = event["Records"].as_array();
                if let (FULFIL, Some(records)) = (who, records) {
                    let failed =
                        records.iter().map(|it| json!({ "itemIdentifier": it["messageId"] }));
                    it["batchItemFailures"] = failed.collect();
                }
            }),
            ..Row::new(
                "no message is ever done",
                ("I3", "(Some(Fulfilled)) is among the dead letters"),
            )
        },
        Row {
            mistake: answers(|who, _, it| {
                if who == FULFIL {
                    it["batchItemFailures"] = json!([]);
                }
            }),
            ..Row::new("every message is done", ("I3", "no message of it is left"))
        },
    ]);
}

#[test]
fn i4_the_draw_decides_once_a_round() {
    all(vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    edit::forget(it, "round");
                }
            }),
            plan: redriven(),
            spare: Some(no_redrive),
            ..Row::new("a later round keeps its number", ("I4", "in the same round"))
        },
        Row {
            facts: |it| {
                let environment = &mut it.functions.get_mut(FULFIL).unwrap().environment;
                environment.insert("FULFILLMENT_RATE".to_owned(), "0".to_owned());
            },
            ..Row::new("orders are drawn by another rate", ("I4", "the draw says otherwise"))
        },
    ]);
}

#[test]
fn i5_the_record_is_the_order() {
    all(vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    edit::rename(it, "updated_at", "created_at");
                }
            }),
            ..Row::new("a decision moves the order's date", ("I5", "it has become another order"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "order_id", Some("0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3"));
                }
            }),
            ..Row::new("an order is stored under another id", ("I5", "nobody placed it"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "quantity", Some("7"));
                }
            }),
            ..Row::new("another quantity is stored", ("I5", "quantity was placed as"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "total_amount", Some("1"));
                }
            }),
            ..Row::new("the total is wrong", ("I5", " cents"))
        },
    ]);
}
