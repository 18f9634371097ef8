//! Each fault, and a mistake that breaks something because of that fault alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulation::{
    facts::Facts,
    fault::{FaultPlan, Kind, Outage, Rates, Service},
    mistake::Mistake,
    plan::{Plan, Safeguard},
};

use crate::{
    edit,
    table::{Row, all, answers, calm, only, out, writes},
};

/// A fault, and a plan in which it strikes alone. Without it, nothing goes wrong.
fn of(kind: Kind, rate: u16, what: &'static str, breaks: (&'static str, &'static str)) -> Row {
    Row { plan: only(kind, rate), spare: Some(still), ..Row::new(what, breaks) }
}

/// Services that are out, and nothing else.
fn without(services: Service, what: &'static str, breaks: (&'static str, &'static str)) -> Row {
    Row { plan: out(services as u8, 0..300_000), spare: Some(still), ..Row::new(what, breaks) }
}

fn still(plan: &mut Plan) {
    plan.faults = FaultPlan::random(Rates::NONE);
}

/// A state whose errors are caught otherwise, and not retried.
fn caught(machine: &mut Value, state: &str, error: &str, next: &str) {
    let state = &mut machine["States"][state];
    state.as_object_mut().unwrap().remove("Retry");
    let catchers = state["Catch"].as_array_mut().unwrap();
    let catcher = json!({ "ErrorEquals": [error], "Next": next, "Output": "{% $states.input %}" });
    let at = if error == "States.ALL" { catchers.len() - 1 } else { 0 };
    match error {
        "States.ALL" => catchers[at] = catcher,
        _ => catchers.insert(at, catcher),
    }
}

fn rejection_without_condition(machine: &mut Value) {
    let put = machine["States"]["RecordRejection"]["Arguments"].as_object_mut().unwrap();
    put.remove("ConditionExpression");
    put.remove("ExpressionAttributeNames");
}

/// What decides orders does so on no condition.
fn unconditional() -> Mistake {
    writes(|who, it| {
        if who == "fulfill_order" || who == "reconcile_orders" {
            edit::unconditional(it);
        }
    })
}

/// A variable of a function.
fn set(facts: &mut Facts, function: &str, name: &str, value: &str) {
    let function = facts.functions.get_mut(function).unwrap();
    function.environment.insert(name.to_owned(), value.to_owned());
}

fn minute(facts: &mut Facts) {
    set(facts, "reconcile_orders", "PROCESSING_DEADLINE_MINUTES", "1");
}

/// The reconciler closes after a minute, and everybody knows.
fn known_minute(facts: &mut Facts) {
    minute(facts);
    facts.deadline = 60_000;
}

/// No order fails by the draw.
fn all_fulfilled(facts: &mut Facts) {
    set(facts, "fulfill_order", "FULFILLMENT_RATE", "100");
    facts.rate = 100;
}

/// The machine ends no task, and no execution before a day.
fn patient(machine: &mut Value) {
    for state in machine["States"].as_object_mut().unwrap().values_mut() {
        if state["Type"] == "Task" {
            state["TimeoutSeconds"] = json!(90_000);
        }
    }
}

fn calls() -> Vec<Row> {
    let put = Some(Safeguard::ConditionOfThePut);
    vec![
        Row {
            machine: |it| caught(it, "RecordRejection", "States.ALL", "Rejected"),
            ..of(Kind::Fails, 300, "a rejection is recorded once at most", ("I1", "is left None"))
        },
        Row {
            machine: rejection_without_condition,
            ..of(Kind::AnswerLost, 300, "a rejection is put on no condition", ("I2", "for good"))
        },
        Row {
            machine: |it| caught(it, "StoreOrder", "Lambda.Unknown", "Stored"),
            ..of(Kind::CrashBefore, 300, "a crash counts as stored", ("I1", "is left None"))
        },
        Row {
            without: put,
            ..of(Kind::CrashAfter, 300, "an order is put on no condition", ("I2", "for good"))
        },
        Row {
            machine: patient,
            ..of(Kind::Hangs, 300, "a state waits for a day", ("I10", "after the last fault"))
        },
        Row {
            mistake: unconditional(),
            ..of(Kind::Twice, 300, "an order is decided on no condition", ("I2", "for good"))
        },
        Row {
            machine: rejection_without_condition,
            ..of(Kind::Late, 300, "a rejection is put on no condition", ("I2", "for good"))
        },
    ]
}

fn deliveries() -> Vec<Row> {
    let hour = Outage { services: 0, when: 0..3_600_000, share: 0 };
    let burned = Rates::NONE.with(Kind::Burned, 1_000);
    let (outage, spared) = (Some(hour), BTreeSet::new());
    let rates = burned.with(Kind::Overlaps, 1_000);
    let overlaps = FaultPlan::Random { rates, outage, spared };
    vec![
        Row {
            machine: |it| {
                caught(it, "ValidateOrder", "Lambda.TooManyRequestsException", "Rejected");
            },
            ..of(Kind::NotStarted, 300, "a throttled order is rejected", ("I1", "is left None"))
        },
        Row {
            without: Some(Safeguard::ConditionOfThePut),
            ..of(Kind::Repeated, 500, "an order is put on no condition", ("I2", "for good"))
        },
        Row {
            mistake: unconditional(),
            ..of(Kind::Doubled, 500, "an order is decided on no condition", ("I2", "for good"))
        },
        Row {
            facts: minute,
            ..of(
                Kind::Burned,
                500,
                "an order is closed after a minute",
                ("I10", "before its deadline"),
            )
        },
        Row {
            mistake: Mistake { reads_before: Some("fulfill_order"), ..unconditional() },
            setting: all_fulfilled,
            ..of(Kind::Expired, 500, "an old record is decided", ("I2", "for good"))
        },
        Row {
            mistake: unconditional(),
            plan: Plan { faults: overlaps, ..calm() },
            spare: Some(|it| {
                if let FaultPlan::Random { rates, .. } = &mut it.faults {
                    *rates = rates.with(Kind::Overlaps, 0);
                }
            }),
            ..Row::new("an order is closed on no condition", ("I4", "in the same round"))
        },
    ]
}

#[test]
fn calls_that_go_wrong() {
    all(calls());
}

#[test]
fn functions_and_messages_that_come_twice_or_not() {
    all(deliveries());
}

#[test]
fn every_kind_has_a_row() {
    assert_eq!(calls().len() + deliveries().len(), Kind::ALL.len());
    for (row, kind) in calls().iter().chain(&deliveries()).zip(Kind::ALL) {
        let FaultPlan::Random { rates, .. } = &row.plan.faults else { panic!("{}", row.what) };
        assert!(rates.of(kind) > 0, "{} is no row of {kind:?}", row.what);
    }
}

#[test]
fn services_that_are_out() {
    all(vec![
        Row {
            machine: |it| caught(it, "RecordFailure", "States.ALL", "OrderFailed"),
            ..without(
                Service::DynamoDb,
                "a failure is recorded once at most",
                ("I1", "is left None"),
            )
        },
        Row {
            machine: |it| it["States"]["WhyCanceled"]["Default"] = json!("AlreadyDecided"),
            ..without(
                Service::DynamoDb,
                "a canceled transaction counts as decided",
                ("I1", "is left None"),
            )
        },
        Row {
            machine: |it| caught(it, "StoreOrder", "States.ALL", "Stored"),
            ..without(
                Service::Sqs,
                "an order without a message is stored",
                ("I6", "sent no message"),
            )
        },
        Row {
            mistake: Mistake { believes_starts: true, ..Mistake::default() },
            ..without(
                Service::StepFunctions,
                "what was not started is taken",
                ("I1", "is left None"),
            )
        },
        Row {
            machine: |it| caught(it, "ValidateOrder", "States.ALL", "Rejected"),
            // The API needs Lambda, too: some orders come before.
            plan: out(Service::Lambda as u8, 10_000..300_000),
            ..without(
                Service::Lambda,
                "an order that cannot be read is rejected",
                ("I1", "is left None"),
            )
        },
        Row {
            without: Some(Safeguard::ConditionOfThePut),
            ..without(Service::Sqs, "every attempt puts the order", ("I8", "times into the index"))
        },
        Row {
            machine: |it| drop(it.as_object_mut().unwrap().remove("TimeoutSeconds")),
            mistake: Mistake { sleeps_for_ever: true, ..Mistake::default() },
            plan: Plan { invalid: 0, ..out(Service::Sqs as u8, 0..300_000) },
            ..without(Service::Sqs, "a delay never ends", ("I1", "does not end"))
        },
    ]);
}

#[test]
fn clocks_and_indexes_that_differ() {
    all(vec![
        Row {
            setting: |it| it.tick = 5_000,
            facts: known_minute,
            plan: Plan { orders: 8, skew: 60_000, ..calm() },
            spare: Some(|it| it.skew = 0),
            ..Row::new("the deadline is what clocks differ by", ("I6", "left to the reconciler"))
        },
        Row {
            mistake: answers(|who, _, it| {
                if who == "api_handler" && it["statusCode"] == 404 {
                    it["headers"].as_object_mut().unwrap().remove("Retry-After");
                }
            }),
            // So that an order has no record for a while.
            plan: Plan { orders: 8, ..only(Kind::NotStarted, 500) },
            spare: Some(|it| it.shown_late = false),
            ..Row::new("an order that is not shown yet is not known", ("I1", "reading it says 404"))
        },
        Row {
            // The reconciler is called while any order is undecided.
            setting: |it| {
                known_minute(it);
                it.tick = 5_000;
            },
            mistake: unconditional(),
            plan: Plan { orders: 8, within: 600_000, lag: 1_200_000, ..calm() },
            spare: Some(|it| it.lag = 30_000),
            ..Row::new("the index is believed", ("I2", "for good"))
        },
    ]);
}

#[test]
fn records_that_are_another_versions_or_orders() {
    all(vec![
        Row {
            setting: all_fulfilled,
            mistake: answers(|who, _, it| {
                if who == "fulfill_order" {
                    it["batchItemFailures"] = json!([]);
                }
            }),
            plan: Plan { orders: 8, unreadable: 8, within: 60_000, ..calm() },
            spare: Some(|it| it.unreadable = 0),
            ..Row::new("a record that cannot be read is done", ("I3", "no message of it is left"))
        },
        Row {
            machine: |it| caught(it, "StoreOrder", "OrderConflict", "Stored"),
            plan: Plan { foreign: true, ..calm() },
            spare: Some(|it| it.foreign = false),
            ..Row::new("another order's record will do", ("I6", "sent no message"))
        },
    ]);
}
