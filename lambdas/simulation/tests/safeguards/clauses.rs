//! Each clause about records, I1 to I5, and a mistake that breaks it without any other fault. Mistakes that need a fault are
//! in [`faults`](crate::faults).

use runtime::port::Write;
use serde_json::{Value, json};
use simulation::{
    clause::Clause,
    plan::{Around, Fault, Plan, Safeguard},
};

use crate::{
    edit::{self, table},
    table::{Row, answers, calm, groups, writes},
};

groups![
    i1_what_was_accepted_is_decided_and_recorded,
    i1_runs_come_to_an_end,
    i2_a_record_has_the_fields_of_its_status,
    i3_failures_have_their_records_and_letters,
    i4_the_draw_decides_once_a_round,
    i5_the_record_is_the_order,
];

const FULFIL: &str = "fulfill_order";
const STORE: &str = "order_storage";

/// Removes a field that an expression of the machine puts into a record.
fn without(machine: &mut Value, state: &str, field: &str) {
    let item = &mut machine["States"][state]["Arguments"]["Item"];
    let text = item.as_str().unwrap();
    let begin = text.find(&format!(", '{field}': {{")).unwrap();
    let end = begin + text[begin..].find('}').unwrap() + 1;
    *item = format!("{}{}", &text[..begin], &text[end..]).into();
}

/// Changes an answer of the API to a request with this method, if the answer has this status.
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

fn i1_what_was_accepted_is_decided_and_recorded() -> Vec<Row> {
    vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && it.len() == 1 {
                    edit::delete(it);
                }
            }),
            ..Row::new("a fulfilled order is deleted", (Clause::RecordKept, "is gone"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "customer_id", None);
                }
            }),
            ..Row::new("a record lacks a field", (Clause::RecordWhole, "the record of"))
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "status", Some("FULFILLED"));
                }
            }),
            ..Row::new(
                "an order is stored as fulfilled",
                (Clause::KnownStep, "there is no such step"),
            )
        },
        Row {
            machine: |it| {
                it["States"]["ValidOrInvalid"]["Choices"][1]["Next"] = json!("Rejected");
            },
            ..Row::new(
                "a rejection is not recorded",
                (Clause::Decided, "was accepted, and is left None"),
            )
        },
        Row {
            machine: |it| {
                it["States"]["ValidateOrder"]["Arguments"]["FunctionName"] = json!("nobody");
            },
            ..Row::new(
                "a state calls a function that is not there",
                (Clause::FunctionIsThere, "there is no function"),
            )
        },
        Row {
            mistake: answers(|who, event, it| {
                if is_answer(who, event, it, "GET", 200) {
                    it["statusCode"] = json!(404);
                }
            }),
            ..Row::new("the API finds no order", (Clause::CanBeRead, "reading it says 404"))
        },
    ]
}

fn i1_runs_come_to_an_end() -> Vec<Row> {
    vec![
        Row {
            facts: |it| it.tick = 0,
            ..Row::new(
                "each tick is due when the one before it is",
                (Clause::RunEnds, "does not end"),
            )
        },
        Row {
            machine: |it| {
                it["States"]["Stored"] = json!({
                    "Type": "Task",
                    "Resource": "arn:aws:states:::sqs:sendMessage",
                    "Arguments": { "QueueUrl": "nobodys", "MessageBody": "stored" },
                    "End": true,
                });
            },
            ..Row::new(
                "a queue has no listener",
                (Clause::ListenerIsThere, "no function listens to"),
            )
        },
    ]
}

fn i2_a_record_has_the_fields_of_its_status() -> Vec<Row> {
    vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    edit::forget(it, "fulfillment_details");
                }
            }),
            ..Row::new(
                "an order is fulfilled without a parcel",
                (Clause::ParcelIsOfFulfilled, "a tracking number"),
            )
        },
        Row {
            machine: |it| without(it, "RecordRejection", "error_message"),
            ..Row::new(
                "a rejection has no message",
                (Clause::FailureIsOfFailed, "the fields of a failure"),
            )
        },
        Row {
            machine: |it| without(it, "RecordRejection", "expires_at"),
            ..Row::new(
                "a rejection does not expire",
                (Clause::RejectedExpires, "a rejected order expires"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && matches!(it.last(), Some(Write::Delete(_))) {
                    edit::forget(it, "dead_letter");
                }
            }),
            plan: redriven(),
            fault: Some(Fault::Around(Around::Redrives)),
            ..Row::new(
                "a later round keeps the dead letter",
                (Clause::LetterIsOfFailed, "a dead letter belongs"),
            )
        },
    ]
}

fn i3_failures_have_their_records_and_letters() -> Vec<Row> {
    vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && it.len() == 1 && table(&it[0]) == "failed_orders" {
                    edit::put(it, "order_id", Some("unknown"));
                }
            }),
            plan: poisoned(),
            fault: Some(Fault::Around(Around::Poison)),
            ..Row::new(
                "a message without an order has an order's record",
                (Clause::FailureIsOfAnOrder, "which is not an order"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    it.retain(|it| table(it) == "orders");
                }
            }),
            ..Row::new(
                "a failure has no record",
                (Clause::FailureIsRecorded, "has no record of failure"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    it.retain(|it| !matches!(it, Write::Delete(_)));
                }
            }),
            plan: redriven(),
            fault: Some(Fault::Around(Around::Redrives)),
            ..Row::new(
                "a later round keeps the record of failure",
                (Clause::FailureIsRecorded, "has a record of failure"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL && it.len() == 1 {
                    it.retain(|it| table(it) == "orders");
                }
            }),
            plan: poisoned(),
            fault: Some(Fault::Around(Around::Poison)),
            ..Row::new(
                "a message without an order has no record",
                (Clause::LetterIsExplained, "(None) is among the dead letters"),
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
                (Clause::LetterIsExplained, "(Some(Fulfilled)) is among the dead letters"),
            )
        },
        Row {
            mistake: answers(|who, _, it| {
                if who == FULFIL {
                    it["batchItemFailures"] = json!([]);
                }
            }),
            ..Row::new("every message is done", (Clause::LetterIsLeft, "no message of it is left"))
        },
    ]
}

fn i4_the_draw_decides_once_a_round() -> Vec<Row> {
    vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    edit::forget(it, "round");
                }
            }),
            plan: redriven(),
            fault: Some(Fault::Around(Around::Redrives)),
            ..Row::new(
                "a later round keeps its number",
                (Clause::RoundDecidesOnce, "in the same round"),
            )
        },
        Row {
            facts: |it| {
                let environment = &mut it.functions.get_mut(FULFIL).unwrap().environment;
                environment.insert("FULFILLMENT_RATE".to_owned(), "0".to_owned());
            },
            ..Row::new(
                "orders are drawn by another rate",
                (Clause::DrawDecides, "the draw says otherwise"),
            )
        },
        Row {
            without: Some(Safeguard::RoundRule),
            ..Row::new(
                "every delivery asks for a round",
                (Clause::RoundIsAskedFor, "a round that was not requested"),
            )
        },
    ]
}

fn i5_the_record_is_the_order() -> Vec<Row> {
    vec![
        Row {
            mistake: writes(|who, it| {
                if who == FULFIL {
                    edit::rename(it, "updated_at", "created_at");
                }
            }),
            ..Row::new(
                "a decision moves the order's date",
                (Clause::RecordIsOfOneOrder, "it has become another order"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "order_id", Some("0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3"));
                }
            }),
            ..Row::new(
                "an order is stored under another id",
                (Clause::RecordIsOfAPlacedOrder, "it was not placed"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "quantity", Some("7"));
                }
            }),
            ..Row::new(
                "another quantity is stored",
                (Clause::RecordIsAsPlaced, "quantity was placed as"),
            )
        },
        Row {
            mistake: writes(|who, it| {
                if who == STORE {
                    edit::put(it, "total_amount", Some("1"));
                }
            }),
            ..Row::new("the total is wrong", (Clause::TotalIsRight, " cents"))
        },
    ]
}
