//! Flows, lowered: one case for each kind of state.

mod read;

use function_contract::{error::NoError, kind::Queue, path::Expr, payload};
use serde_json::{Value, json};

use super::*;
use crate::{
    model::{
        Handle, ModuleName, Scope, Stack,
        key::Encryption,
        limits::{
            BackoffRate, MapConcurrency, MaxAttempts, MaxDelay, MaxReceiveCount, MessageRetention,
            RetryInterval, StateTimeout, VisibilityTimeout, WaitSeconds,
        },
        place::{AccountId, Region},
        queue::{DeadLetterQueueSpec, DeadLetters, QueueSpec},
    },
    render, resource,
};

payload! {
    /// A parcel.
    pub struct Parcel, at ParcelAt {
        /// Grams.
        weight: i64,
        /// The destination.
        city: Option<String>,
        /// Its content.
        items: Vec<Item>,
    }
}

payload! {
    /// A thing in a parcel.
    pub struct Item, at ItemAt {
        /// Its name.
        name: String,
    }
}

payload! {
    /// A sticker.
    pub struct Label, at LabelAt {
        /// The destination.
        city: String,
        /// Grams.
        weight: i64,
    }
}

const SPEC: TaskSpec = TaskSpec {
    timeout: StateTimeout::new(10),
    heartbeat: Some(StateTimeout::new(5)),
    retry: Retry {
        interval: RetryInterval::new(1),
        max_attempts: MaxAttempts::new(3),
        backoff: BackoffRate::hundredths(150),
        max_delay: MaxDelay::new(20),
    },
};
const SECOND: WaitSeconds = WaitSeconds::new(1);
const HOUR: StateTimeout = StateTimeout::new(3600);

/// The states that a flow is lowered to.
fn states<I>(flow: Flow<I, Ended>) -> Value {
    let lowered = flow.lower("a", "doc", HOUR);
    assert_eq!(lowered.violations, []);
    serde_json::from_str::<Value>(&render::canonical(&lowered.document)).unwrap()["States"].clone()
}

fn stack() -> Stack {
    Stack::new(Scope {
        accounts: vec![AccountId::new("111122223333")],
        region: Region::EuWest1,
        prefix: "test".to_owned(),
        tags: Default::default(),
    })
}

fn queue(stack: &mut Stack) -> Handle<Queue<Parcel>> {
    const HIDDEN: VisibilityTimeout = VisibilityTimeout::new(30);
    const KEPT: MessageRetention = MessageRetention::new(60);
    const LONGER: MessageRetention = MessageRetention::new(120);
    const AFTER: MaxReceiveCount = MaxReceiveCount::new(3);
    let mut module = stack.module(ModuleName::new("m"));
    let dead = module.dead_letter_queue(
        resource!(
            /// Parcels that could not be sent.
            "parcels_dlq"
        ),
        DeadLetterQueueSpec { encryption: Encryption::Aws, retention: LONGER },
    );
    module.queue(
        resource!(
            /// Parcels.
            "parcels"
        ),
        QueueSpec { encryption: Encryption::Aws, visibility: HIDDEN, retention: KEPT },
        DeadLetters { to: &dead, after: AFTER },
    )
}

fn never<I>(error: NoError) -> Route<I, I> {
    match error {}
}

fn lost<I>() -> Flow<I, Ended> {
    fail("Lost", "It is lost.")
}

#[test]
fn pass_wait_and_succeed() {
    let at = Parcel::at();
    let label = LabelAt { city: at.city.or(Expr::literal("?".to_owned())), weight: at.weight };
    let flow = wait("Rest", SECOND).then(reshape("Print", label)).then(succeed("Done"));
    assert_eq!(
        states::<Parcel>(flow),
        json!({
            "Rest": { "Type": "Wait", "Seconds": 1, "Next": "Print" },
            "Print": {
                "Type": "Pass",
                "Output": {
                    "city": "{% $exists($states.input.city) and $states.input.city != null ? $states.input.city : \"?\" %}",
                    "weight": "{% $states.input.weight %}",
                },
                "Next": "Done",
            },
            "Done": { "Type": "Succeed" },
        })
    );
}

#[test]
fn choice_takes_the_first_branch_that_holds_and_joins_again() {
    let heavy = Parcel::at()
        .weight
        .at_least(1000)
        .and(Parcel::at().weight.is(7).or(Parcel::at().weight.is(8)));
    let flow = choice("Heavy?", vec![(heavy, wait("Lift", SECOND))], wait("Throw", SECOND))
        .then(succeed("Done"));
    let states = states::<Parcel>(flow);
    let weight = "$states.input.weight";
    assert_eq!(
        states["Heavy?"],
        json!({
            "Type": "Choice",
            "Choices": [{
                "Condition": format!("{{% ({weight} >= 1000) and (({weight} = 7) or ({weight} = 8)) %}}"),
                "Next": "Lift",
            }],
            "Default": "Throw",
        })
    );
    assert_eq!(states["Lift"]["Next"], "Done");
    assert_eq!(states["Throw"]["Next"], "Done");
}

function_contract::either! {
    /// A parcel, or the sticker of one that is lost.
    pub enum Found {
        /// It is here.
        Here(Parcel) as "here",
        /// It is gone.
        Gone(Label) as "gone",
    }
}

/// <https://states-language.net/#choice-state>: a rule may have an `Output`, which the next state gets.
#[test]
fn either_hands_on_the_payload_that_came_in() {
    let flow = either::<Found, _>("Here?", succeed("Done"), succeed("Lost"));
    let found = "$states.input";
    assert_eq!(
        states(flow)["Here?"],
        json!({
            "Type": "Choice",
            "Choices": [
                {
                    "Condition": format!("{{% $exists({found}.here) %}}"),
                    "Output": format!("{{% {found}.here %}}"),
                    "Next": "Done",
                },
                {
                    "Condition": format!("{{% $exists({found}.gone) %}}"),
                    "Output": format!("{{% {found}.gone %}}"),
                    "Next": "Lost",
                },
            ],
        })
    );
}

#[test]
fn a_task_has_timeouts_retries_and_a_route_for_everything() {
    let mut stack = stack();
    let queue = queue(&mut stack);
    let caught = ItemAt { name: Expr::error_name() };
    let flow = send_message("Send", &queue, SPEC)
        .catching(never, leave(caught, &lost::<Item>()))
        .then(succeed("Done"));
    let send = states(flow)["Send"].clone();
    assert_eq!(
        send,
        json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {
                "QueueUrl": "${module.m.parcels_queue_url}",
                "MessageBody": "{% $string($states.input) %}",
            },
            "Output": "{% $states.input %}",
            "TimeoutSeconds": 10,
            "HeartbeatSeconds": 5,
            "Retry": [{
                "ErrorEquals": ["States.ALL"],
                "IntervalSeconds": 1,
                "MaxAttempts": 3,
                "BackoffRate": 1.5,
                "MaxDelaySeconds": 20,
                "JitterStrategy": "FULL",
            }],
            "Catch": [{
                "ErrorEquals": ["States.ALL"],
                "Output": { "name": "{% $states.errorOutput.Error %}" },
                "Next": "Lost",
            }],
            "Next": "Done",
        })
    );
}

#[test]
fn a_route_may_come_back() {
    let mut stack = stack();
    let queue = queue(&mut stack);
    let flow = send_message("Send", &queue, SPEC)
        .catching(never, route(Parcel::caught(), &wait("Later", SECOND)))
        .then(succeed("Done"));
    let states = states(flow);
    assert_eq!(states["Send"]["Catch"][0]["Next"], "Later");
    assert_eq!(states["Later"]["Next"], "Done");
}

#[test]
fn a_flow_may_begin_anew_after_a_wait() {
    let mut stack = stack();
    let queue = queue(&mut stack);
    let flow = repeat(|again| {
        let later = again.after("Later", SECOND);
        send_message("Send", &queue, SPEC)
            .catching(never, leave(Parcel::caught(), &later))
            .then(succeed("Done"))
    });
    let states = states(wait("Rest", SECOND).then(flow));
    assert_eq!(states["Rest"]["Next"], "Send");
    assert_eq!(states["Send"]["Next"], "Done");
    assert_eq!(states["Send"]["Catch"][0]["Next"], "Later");
    assert_eq!(states["Later"], json!({ "Type": "Wait", "Seconds": 1, "Next": "Send" }));
}

#[test]
fn parallel_runs_whole_flows_and_needs_their_rights() {
    let mut stack = stack();
    let queue = queue(&mut stack);
    let sent = send_message("Send", &queue, SPEC)
        .catching(never, route(Parcel::caught(), &wait("Later", SECOND)));
    let both = parallel("Both", sent, wait::<Parcel>("Rest", SECOND), SPEC)
        .catching(|error| match error {}, leave(Parcel::caught(), &lost()));
    let lowered = both.then(succeed("Done")).lower("a", "doc", HOUR);
    assert_eq!(lowered.grant.into_statements().len(), 1);
    let both: Value = serde_json::from_str(&render::canonical(&lowered.document)).unwrap();
    let both = &both["States"]["Both"];
    assert_eq!(both["Branches"][0]["StartAt"], "Send");
    assert_eq!(both["Branches"][0]["States"]["Later"]["End"], true);
    assert_eq!(
        both["Branches"][1],
        json!({
            "StartAt": "Rest",
            "States": { "Rest": { "Type": "Wait", "Seconds": 1, "End": true } },
        })
    );
    assert!(both["TimeoutSeconds"].is_null() && both["Catch"][0]["Next"] == "Lost");
}

#[test]
fn map_runs_a_flow_for_every_item() {
    const TWO: MapConcurrency = MapConcurrency::new(2);
    let each = wait::<Item>("Wrap", SECOND);
    let flow = map("Each", &Parcel::at().items, each, TWO)
        .catching(|error| match error {}, leave(Parcel::caught(), &lost()))
        .then(succeed("Done"));
    let each = states(flow)["Each"].clone();
    assert_eq!(each["Items"], "{% $states.input.items %}");
    assert_eq!(each["MaxConcurrency"], 2);
    assert_eq!(each["ItemProcessor"]["StartAt"], "Wrap");
    assert_eq!(each["ItemProcessor"]["ProcessorConfig"], json!({ "Mode": "INLINE" }));
}

#[test]
fn a_name_that_means_two_states_is_refused() {
    fn check(flow: Flow<Parcel, Ended>, rules: &[&str]) {
        let found = flow.lower("a", "doc", HOUR).violations;
        let found: Vec<_> = found.iter().map(|it| it.rule).collect();
        assert_eq!(found, rules);
    }
    const MINUTE: WaitSeconds = WaitSeconds::new(60);
    check(
        wait("A", SECOND).then(wait("A", MINUTE)).then(succeed("Done")),
        &["asl/duplicate-state"],
    );
    let shared = lost::<Parcel>();
    check(choice("Light?", vec![(Parcel::at().weight.is(1), shared.clone())], shared), &[]);
}
