//! Each fault, and a mistake that breaks a clause only with that fault.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulation::{
    clause::Clause,
    facts::Facts,
    fault::{FaultPlan, Kind, Outage, Rates, Service},
    mistake::Mistake,
    plan::{Around, Fault, Plan, Safeguard},
};

use crate::{
    edit,
    table::{Row, answers, calm, groups, only, out, writes},
};

groups![
    calls_with_a_fault,
    functions_and_messages_that_are_repeated_or_lost,
    services_with_an_outage,
    clocks_that_differ_and_indexes_that_lag,
    records_of_another_version,
];

/// A fault, and a plan with only this fault.
fn of(kind: Kind, rate: u16, what: &'static str, breaks: (Clause, &'static str)) -> Row {
    let fault = Some(Fault::Strikes(kind));
    Row { plan: only(kind, rate), fault, ..Row::new(what, breaks) }
}

/// A plan with only an outage of this service.
fn without(service: Service, what: &'static str, breaks: (Clause, &'static str)) -> Row {
    let fault = Some(Fault::Out(service));
    Row { plan: out(service.bit(), 0..300_000), fault, ..Row::new(what, breaks) }
}

/// A plan with a fault that does not concern single calls.
pub(crate) fn around(
    part: Around,
    plan: Plan,
    what: &'static str,
    breaks: (Clause, &'static str),
) -> Row {
    Row { plan, fault: Some(Fault::Around(part)), ..Row::new(what, breaks) }
}

/// Changes the catchers of a state, and removes its retriers.
pub(crate) fn caught(machine: &mut Value, state: &str, error: &str, next: &str) {
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

/// A rejection is put without a condition, and each attempt sets a later expiry.
fn rejection_without_condition(machine: &mut Value) {
    let put = &mut machine["States"]["RecordRejection"]["Arguments"];
    let item = put["Item"].as_str().unwrap();
    put["Item"] = item.replace("$toMillis($states.input.failedAt)", "$millis()").into();
    let put = put.as_object_mut().unwrap();
    put.remove("ConditionExpression");
    put.remove("ExpressionAttributeNames");
    put.remove("ExpressionAttributeValues");
}

/// Removes the condition of each write that decides an order.
fn unconditional() -> Mistake {
    writes(|who, it| {
        if who == "fulfill_order" || who == "reconcile_orders" {
            edit::unconditional(it);
        }
    })
}

/// Sets a variable of a function.
fn set(facts: &mut Facts, function: &str, name: &str, value: &str) {
    let function = facts.functions.get_mut(function).unwrap();
    function.environment.insert(name.to_owned(), value.to_owned());
}

fn minute(facts: &mut Facts) {
    set(facts, "reconcile_orders", "PROCESSING_DEADLINE_MINUTES", "1");
}

/// The reconciler closes orders after a minute, in all variables.
fn known_minute(facts: &mut Facts) {
    minute(facts);
    facts.deadline = 60_000;
}

/// The draw fulfills every order.
fn all_fulfilled(facts: &mut Facts) {
    set(facts, "fulfill_order", "FULFILLMENT_RATE", "100");
    facts.rate = 100;
}

/// No task times out, and no execution times out within a day.
fn patient(machine: &mut Value) {
    for state in machine["States"].as_object_mut().unwrap().values_mut() {
        if state["Type"] == "Task" {
            state["TimeoutSeconds"] = json!(90_000);
        }
    }
}

fn calls_with_a_fault() -> Vec<Row> {
    let put = Some(Safeguard::ConditionOfThePut);
    vec![
        Row {
            machine: |it| caught(it, "RecordRejection", "States.ALL", "Rejected"),
            ..of(
                Kind::Fails,
                300,
                "a rejection is recorded once at most",
                (Clause::Decided, "is left None"),
            )
        },
        Row {
            machine: rejection_without_condition,
            ..of(
                Kind::AnswerLost,
                300,
                "a rejection is put on no condition",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
        Row {
            machine: |it| caught(it, "StoreOrder", "Lambda.Unknown", "Stored"),
            ..of(
                Kind::CrashBefore,
                300,
                "a crash counts as stored",
                (Clause::Decided, "is left None"),
            )
        },
        Row {
            without: put,
            ..of(
                Kind::CrashAfter,
                300,
                "an order is put on no condition",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
        Row {
            machine: patient,
            ..of(
                Kind::Hangs,
                300,
                "a state waits for a day",
                (Clause::DecidedInTime, "after the last fault"),
            )
        },
        Row {
            mistake: unconditional(),
            ..of(
                Kind::Twice,
                300,
                "an order is decided on no condition",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
        Row {
            machine: rejection_without_condition,
            ..of(
                Kind::Late,
                300,
                "a rejection is put on no condition",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
    ]
}

fn functions_and_messages_that_are_repeated_or_lost() -> Vec<Row> {
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
            ..of(
                Kind::NotStarted,
                300,
                "a throttled order is rejected",
                (Clause::Decided, "is left None"),
            )
        },
        Row {
            without: Some(Safeguard::ConditionOfThePut),
            ..of(
                Kind::Repeated,
                500,
                "an order is put on no condition",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
        Row {
            mistake: unconditional(),
            ..of(
                Kind::Doubled,
                500,
                "an order is decided on no condition",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
        Row {
            facts: minute,
            ..of(
                Kind::Burned,
                500,
                "an order is closed after a minute",
                (Clause::NotClosedEarly, "before its deadline"),
            )
        },
        Row {
            mistake: Mistake { reads_before: Some("fulfill_order"), ..unconditional() },
            setting: all_fulfilled,
            ..of(
                Kind::Expired,
                500,
                "an old record is decided",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
        Row {
            mistake: unconditional(),
            plan: Plan { faults: overlaps, ..calm() },
            fault: Some(Fault::Strikes(Kind::Overlaps)),
            ..Row::new(
                "an order is closed on no condition",
                (Clause::RoundDecidesOnce, "in the same round"),
            )
        },
    ]
}

fn services_with_an_outage() -> Vec<Row> {
    vec![
        Row {
            machine: |it| caught(it, "RecordFailure", "States.ALL", "OrderFailed"),
            ..without(
                Service::DynamoDb,
                "a failure is recorded once at most",
                (Clause::Decided, "is left None"),
            )
        },
        Row {
            machine: |it| it["States"]["WhyCanceled"]["Default"] = json!("AlreadyDecided"),
            ..without(
                Service::DynamoDb,
                "a canceled transaction counts as decided",
                (Clause::Decided, "is left None"),
            )
        },
        Row {
            machine: |it| caught(it, "StoreOrder", "States.ALL", "Stored"),
            ..without(
                Service::Sqs,
                "an order without a message is stored",
                (Clause::MessageIsSent, "sent no message"),
            )
        },
        Row {
            mistake: Mistake { believes_starts: true, ..Mistake::default() },
            ..without(
                Service::StepFunctions,
                "what was not started is taken",
                (Clause::Decided, "is left None"),
            )
        },
        Row {
            machine: |it| caught(it, "ValidateOrder", "States.ALL", "Rejected"),
            // The API needs Lambda, too, so some orders are placed before the outage.
            plan: out(Service::Lambda.bit(), 10_000..300_000),
            ..without(
                Service::Lambda,
                "an order that cannot be read is rejected",
                (Clause::Decided, "is left None"),
            )
        },
        Row {
            without: Some(Safeguard::ConditionOfThePut),
            ..without(
                Service::Sqs,
                "every attempt puts the order",
                (Clause::IndexIsWrittenSeldom, "times into the index"),
            )
        },
        Row {
            machine: |it| drop(it.as_object_mut().unwrap().remove("TimeoutSeconds")),
            mistake: Mistake { sleeps_for_ever: true, ..Mistake::default() },
            plan: Plan { invalid: 0, ..out(Service::Sqs.bit(), 0..300_000) },
            ..without(Service::Sqs, "a delay never ends", (Clause::ExecutionEnds, "does not end"))
        },
    ]
}

fn clocks_that_differ_and_indexes_that_lag() -> Vec<Row> {
    vec![
        Row {
            setting: |it| it.tick = 5_000,
            facts: known_minute,
            ..around(
                Around::Clocks,
                Plan { orders: 8, skew: 60_000, ..calm() },
                "the deadline is what clocks differ by",
                (Clause::NothingIsLeftOver, "left to the reconciler"),
            )
        },
        Row {
            mistake: answers(|who, _, it| {
                if who == "api_handler" && it["statusCode"] == 404 {
                    it["headers"].as_object_mut().unwrap().remove("Retry-After");
                }
            }),
            ..around(
                Around::Describe,
                // So that an order has no record for a while.
                Plan { orders: 8, ..only(Kind::NotStarted, 500) },
                "an order that is not shown yet is not known",
                (Clause::CanBeRead, "reading it says 404"),
            )
        },
        Row {
            // The reconciler is called as long as an order is undecided.
            setting: |it| {
                known_minute(it);
                it.tick = 5_000;
            },
            mistake: unconditional(),
            ..around(
                Around::Index,
                Plan { orders: 8, within: 600_000, lag: 1_200_000, ..calm() },
                "the index is believed",
                (Clause::DecisionIsFinal, "for good"),
            )
        },
    ]
}

fn records_of_another_version() -> Vec<Row> {
    vec![Row {
        setting: all_fulfilled,
        mistake: answers(|who, _, it| {
            if who == "fulfill_order" {
                it["batchItemFailures"] = json!([]);
            }
        }),
        ..around(
            Around::OtherVersion,
            Plan { orders: 8, unreadable: 8, within: 60_000, ..calm() },
            "a record that cannot be read is done",
            (Clause::LetterIsLeft, "no message of it is left"),
        )
    }]
}
