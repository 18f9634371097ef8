//! Each clause about what customers and operators see, I5 to I9, and a mistake that breaks it.

use serde_json::{Value, json};
use simulation::{
    clause::Clause,
    mistake::Mistake,
    plan::{Around, Fault, Plan},
};

use crate::{
    clauses::is_answer,
    edit,
    table::{Row, answers, calm, events, groups},
};

groups![
    i5_one_key_is_one_order,
    i6_messages_are_sent_and_handled_once,
    i7_metrics_are_facts,
    i9_clients_are_shown_the_present,
];

fn i5_one_key_is_one_order() -> Vec<Row> {
    vec![
        Row {
            mistake: answers(|who, event, it| {
                if is_answer(who, event, it, "POST", 409) {
                    it["statusCode"] = json!(202);
                }
            }),
            ..Row::new(
                "another order is taken under a key",
                (Clause::KeyTakesOneOrder, "Differ was answered 202"),
            )
        },
        Row {
            mistake: answers(|who, event, it| {
                if is_answer(who, event, it, "POST", 202) {
                    it["body"] = json!("{}");
                }
            }),
            ..Row::new(
                "an answer has no id",
                (Clause::AnswerNamesAnOrder, "202 without an order's id"),
            )
        },
        Row {
            mistake: answers(|who, event, it| {
                if is_answer(who, event, it, "POST", 202) {
                    it["headers"]["Location"] = json!("order");
                }
            }),
            ..Row::new(
                "an answer has another location",
                (Clause::AnswerHasTheLocation, "the location of"),
            )
        },
        Row {
            mistake: events(|who, it| {
                if who == "api_handler" {
                    it["headers"] = Value::Null;
                }
            }),
            ..Row::new("keys do not come through", (Clause::KeyLeadsToOneOrder, "one key gave"))
        },
        Row {
            mistake: answers(|who, event, it| {
                edit::shown(who, event, it, |it| it.replace("PROD-1234", "PROD-0000"));
            }),
            ..Row::new(
                "another product is shown",
                (Clause::ShownAsOrdered, "productId was ordered as"),
            )
        },
        Row {
            mistake: answers(|who, event, it| {
                edit::shown(who, event, it, |it| {
                    it.replace("\"createdAt\":\"2025", "\"createdAt\":\"2024")
                });
            }),
            ..Row::new(
                "another time is shown",
                (Clause::ShownAsOrdered, "createdAt was ordered as"),
            )
        },
        Row {
            mistake: Mistake { names_are_free: true, ..Mistake::default() },
            plan: Plan { weeks: true, ..calm() },
            fault: Some(Fault::Around(Around::Weeks)),
            ..Row::new(
                "a name is free after weeks",
                (Clause::AnswerIsOfAnOrderThatIsKept, "its record has expired"),
            )
        },
    ]
}

fn i6_messages_are_sent_and_handled_once() -> Vec<Row> {
    vec![
        Row {
            mistake: Mistake { keeps_messages: true, ..Mistake::default() },
            ..Row::new(
                "a handled message is not deleted",
                (Clause::HandledOnce, "was handled, and is delivered again"),
            )
        },
        Row {
            mistake: events(|who, it| {
                let records = it.get_mut("Records").filter(|_| who == "fulfill_order");
                if let Some(records) = records.and_then(Value::as_array_mut) {
                    records.iter_mut().for_each(|it| it["body"] = json!("{"));
                }
            }),
            plan: Plan { redrives: 0, ..calm() },
            ..Row::new(
                "no message can be read",
                (Clause::NothingIsLeftOver, "was left to the reconciler"),
            )
        },
    ]
}

fn i7_metrics_are_facts() -> Vec<Row> {
    vec![
        Row {
            mistake: Mistake { counts: Some(2), ..Mistake::default() },
            ..Row::new("all is counted twice", (Clause::CountedAtMost, "it was so"))
        },
        Row {
            mistake: Mistake { counts: Some(0), ..Mistake::default() },
            ..Row::new("nothing is counted", (Clause::CountedExactly, "was counted Some(0) times"))
        },
    ]
}

fn i9_clients_are_shown_the_present() -> Vec<Row> {
    vec![
        Row {
            mistake: Mistake { reads_before: Some("api_handler"), ..Mistake::default() },
            ..Row::new(
                "the API's reads are not consistent",
                (Clause::ShownAsItStands, "is shown as"),
            )
        },
        Row {
            // It fails without a record, which breaks I1 in the end. Without the other mistake it is shown as failed from
            // then on.
            machine: |it| {
                it["States"]["ValidOrInvalid"]["Choices"][1]["Next"] = json!("OrderFailed");
            },
            mistake: Mistake { describes_before: true, ..Mistake::default() },
            takes_both: true,
            ..Row::new(
                "an execution that failed is seen to run",
                (Clause::ShownInOrder, "was shown as FAILED before"),
            )
        },
    ]
}
