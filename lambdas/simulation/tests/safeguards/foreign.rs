//! Another order's record under the id of an order, and mistakes that break a clause only with such a record.

use serde_json::{Value, json};
use simulation::{
    clause::Clause,
    fault::{Kind, Service},
    plan::{Around, Plan},
};

use crate::{
    edit,
    faults::{around, caught},
    table::{Row, answers, calm, groups, only, out},
};

groups![records_of_other_orders, records_that_differ_in_one_attribute, another_order_that_is_shown,];

fn other(plan: Plan, what: &'static str, breaks: (Clause, &'static str)) -> Row {
    around(Around::OtherOrder, plan, what, breaks)
}

fn records_of_other_orders() -> Vec<Row> {
    vec![
        Row {
            machine: |it| caught(it, "StoreOrder", "OrderConflict", "Stored"),
            ..other(
                Plan { foreign: true, ..calm() },
                "another order's record will do",
                (Clause::MessageIsSent, "sent no message"),
            )
        },
        Row {
            machine: |it| {
                let items = &mut it["States"]["RecordFailure"]["Arguments"]["TransactItems"];
                any_record(&mut items[0]["Put"]);
            },
            ..other(
                given_up(),
                "a failure overwrites another order's record",
                (Clause::RecordIsOfOneOrder, "it has become another order"),
            )
        },
        Row {
            machine: |it| {
                it["States"]["WhoseRecord"]["Choices"][1]["Condition"] = json!("{% true %}");
            },
            ..other(
                given_up(),
                "another order's record counts as decided",
                (Clause::RecordIsItsOwn, "the record is another order's"),
            )
        },
        Row {
            machine: |it| caught(it, "RecordRejection", CONDITION_FAILED, "Rejected"),
            ..other(
                Plan { foreign: true, ..calm() },
                "another order's record counts as rejected",
                (Clause::RecordIsItsOwn, "the record is another order's"),
            )
        },
    ]
}

/// A record differs from the order in its customer, its product or its time alone, so the machine has to compare each.
fn records_that_differ_in_one_attribute() -> Vec<Row> {
    let overwrites = (Clause::RecordIsOfOneOrder, "it has become another order");
    let counts = (Clause::RecordIsItsOwn, "the record is another order's");
    let row = |what, breaks, machine| Row { machine, ..other(often_failed(), what, breaks) };
    vec![
        row("a failure overwrites the record of another customer", overwrites, |it| {
            fails_any(it, "customer_id");
        }),
        row("a failure overwrites the record of another product", overwrites, |it| {
            fails_any(it, "product_id");
        }),
        row("a failure overwrites the record of another time", overwrites, |it| {
            fails_any(it, "created_at");
        }),
        row("another customer's record counts as decided", counts, |it| {
            decided_by_any(it, "customer_id", "customerId");
        }),
        row("another product's record counts as decided", counts, |it| {
            decided_by_any(it, "product_id", "productId");
        }),
        row("another time's record counts as decided", counts, |it| {
            decided_by_any(it, "created_at", "submittedAt");
        }),
    ]
}

/// The API may show another order's record, but not a mixture of it and the order.
fn another_order_that_is_shown() -> Vec<Row> {
    let plan = Plan { foreign: true, ..calm() };
    vec![
        Row {
            mistake: answers(|who, event, it| {
                edit::shown(who, event, it, |it| it.replace("PROD-0000", "PROD-1234"));
            }),
            ..other(
                plan.clone(),
                "another order is shown with the order's product",
                (Clause::ShownAsOrdered, " was ordered as"),
            )
        },
        Row {
            mistake: answers(|who, event, it| {
                edit::shown(who, event, it, |it| {
                    it.replace("\"quantity\":101,", "\"quantity\":1,")
                });
            }),
            ..other(
                plan,
                "another order is shown with another quantity",
                (Clause::ShownAsOrdered, "quantity was ordered as 101"),
            )
        },
    ]
}

/// Lambda has such a long outage that orders fail, and one of them finds another order's record.
fn given_up() -> Plan {
    Plan { foreign: true, ..out(Service::Lambda.bit(), 10_000..300_000) }
}

/// Replaces a condition of the machine with one that any record with a status meets.
fn any_record(arguments: &mut Value) {
    arguments["ConditionExpression"] = json!("attribute_not_exists(#key) OR #c0 = :c0");
    for (kind, at) in [("Names", '#'), ("Values", ':')] {
        let all = arguments[format!("ExpressionAttribute{kind}")].as_object_mut().unwrap();
        (1..=3).for_each(|number| drop(all.remove(&format!("{at}c{number}"))));
    }
}

/// `RecordFailure` does not compare this attribute of the record.
fn fails_any(machine: &mut Value, attribute: &str) {
    let put = &mut machine["States"]["RecordFailure"]["Arguments"]["TransactItems"][0]["Put"];
    let names = put["ExpressionAttributeNames"].as_object_mut().unwrap();
    let name = names.iter().find(|(_, it)| *it == attribute).unwrap().0.clone();
    names.remove(&name);
    let value = name.replacen('#', ":", 1);
    put["ExpressionAttributeValues"].as_object_mut().unwrap().remove(&value).unwrap();
    without_term(&mut put["ConditionExpression"], &format!(" AND {name} = {value}"), "");
}

/// `WhoseRecord` does not compare this attribute of the record.
fn decided_by_any(machine: &mut Value, attribute: &str, ordered: &str) {
    let condition = &mut machine["States"]["WhoseRecord"]["Choices"][1]["Condition"];
    let term = format!("$states.input.item.{attribute}.S = $states.input.input.{ordered}");
    without_term(condition, &term, "true");
}

/// Replaces a term of a condition.
fn without_term(condition: &mut Value, term: &str, by: &str) {
    let before = condition.as_str().unwrap();
    assert!(before.contains(term), "{before} has no {term}");
    *condition = before.replace(term, by).into();
}

/// Functions seldom start, so orders fail, and one of them often finds another order's record.
fn often_failed() -> Plan {
    Plan { foreign: true, ..only(Kind::NotStarted, 900) }
}

const CONDITION_FAILED: &str = "DynamoDB.ConditionalCheckFailedException";
