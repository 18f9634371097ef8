//! The state of everything outside the handlers.

mod foreign;
mod machine;
mod mapping;
mod operator;
mod orders;
mod version;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use contracts::{
    domain::OrderId,
    metric::{MessageMetric, OrderMetric},
    order::OrderAccepted,
};

pub(crate) use operator::Redrive;

use crate::{
    customer::{Act, Customer},
    facts::Facts,
    fault::{FaultPlan, Faults, LATEST, Verdict},
    listener::Message,
    plan::Plan,
    services::{dynamodb::Dynamo, sfn::StepFunctions, sqs::Queue},
    story::Story,
    watch::Watch,
};

/// The time at which every run begins.
pub const BEGIN: u64 = 1_753_016_000_000;

/// How long faults continue after the last order was placed.
const STORM: u64 = 600_000;

/// A running function.
pub type TaskId = u64;

/// A call that a function made: the function, the IAM action, the address of the resource.
pub type SeenCall = (&'static str, &'static str, String);

/// An event on the agenda.
#[derive(Debug)]
pub(crate) enum Event {
    /// A function's call arrives at its service.
    Call(u64),
    /// A function times out.
    Timeout(TaskId),
    /// The event source mapping receives messages.
    Poll,
    /// The schedule calls the reconciler, after so many calls before.
    Tick { attempt: u32 },
    /// The index is updated with an item.
    Propagate(String),
    /// An execution's delay is over.
    Woke { name: String, step: u64 },
    /// A state times out.
    StateTimeout { name: String, step: u64 },
    /// A state's call of a function arrives at Lambda.
    Invoke { name: String, step: u64, function: String, payload: serde_json::Value },
    /// A state's call of a service arrives there.
    Direct { name: String, step: u64, resource: String, arguments: serde_json::Value },
    /// A customer acts.
    Customer { customer: usize, act: Act },
    /// A message of another queue is delivered to its listener.
    Message(Message),
    /// A message without an existing order is put on the queue.
    Poison(String),
    /// An operator redrives dead letters.
    Redrive(Redrive),
    /// An operator acts on an alarm.
    Operator,
    /// A call takes effect after its caller has stopped waiting for it.
    Lands(Landing),
    /// A function is called, and its caller does not wait for the answer.
    Ghost { function: String, payload: serde_json::Value },
    /// An execution has run for as long as it may after it began, or after the redrive with this number.
    ExecutionTimeout { name: String, redriven: u32 },
    /// The record of one of the orders becomes unreadable.
    Garble,
    /// The record becomes readable again.
    Mend { key: String, name: &'static str, was: Option<runtime::item::Attribute> },
    /// DynamoDB deletes a record whose time to live is over.
    Expire(String),
}

/// The effect of a delayed call.
pub(crate) struct Landing(Box<dyn FnOnce(&mut World)>);

impl Landing {
    pub(crate) fn new(act: impl FnOnce(&mut World) + 'static) -> Self {
        Landing(Box::new(act))
    }

    pub(crate) fn land(self, world: &mut World) {
        (self.0)(world);
    }
}

impl fmt::Debug for Landing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call")
    }
}

/// A call that has not arrived yet.
#[derive(Debug)]
pub(crate) struct OnTheWay {
    pub(crate) task: TaskId,
    pub(crate) verdict: Verdict,
    /// Whether it has arrived at its service.
    pub(crate) arrived: bool,
}

/// The state of everything outside the handlers.
#[derive(Debug)]
pub struct World {
    pub(crate) plan: Plan,
    /// Milliseconds between two ticks of the reconciler.
    tick: u64,
    /// Whether the next tick is on the agenda.
    pub(crate) ticks: bool,
    /// Records that cannot be read now.
    pub(crate) garbled: BTreeSet<String>,
    /// Milliseconds since the Unix epoch.
    pub now: u64,
    pub(crate) chance: fastrand::Rng,
    /// The faults of the run.
    pub faults: Faults,
    /// The tables.
    pub dynamodb: Dynamo,
    /// The order queue.
    pub queue: Queue,
    /// The executions.
    pub sfn: StepFunctions,
    pub(crate) customers: Vec<Customer>,
    pub(crate) watch: Watch,
    pub(crate) agenda: BTreeMap<(u64, u64), Event>,
    count: u64,
    pub(crate) calls: BTreeMap<u64, OnTheWay>,
    /// Functions that crashed in this step.
    pub(crate) crashed: BTreeSet<TaskId>,
    /// Functions that had a call with a fault.
    pub(crate) troubled: BTreeSet<TaskId>,
    /// The kinds of calls that were made.
    pub seen: BTreeSet<SeenCall>,
    /// The counts of all order metrics.
    pub metrics: BTreeMap<(OrderMetric, OrderId), u32>,
    /// How often each message was counted as faulted, by its id.
    pub messages: BTreeMap<(MessageMetric, String), u32>,
    /// The story of the run.
    pub story: Story,
}

impl World {
    pub(crate) fn new(facts: &Facts, plan: &Plan, seed: u64, told: bool) -> Self {
        let until = BEGIN + plan.within + STORM;
        let mut world = World {
            plan: plan.clone(),
            now: BEGIN,
            chance: fastrand::Rng::with_seed(seed),
            tick: facts.tick,
            ticks: false,
            garbled: BTreeSet::new(),
            faults: Faults::new(plan.faults.clone(), seed, BEGIN, until),
            dynamodb: Dynamo::default(),
            queue: Queue::default(),
            sfn: StepFunctions::default(),
            customers: Vec::new(),
            watch: Watch::new(facts),
            agenda: BTreeMap::new(),
            count: 0,
            calls: BTreeMap::new(),
            crashed: BTreeSet::new(),
            troubled: BTreeSet::new(),
            seen: BTreeSet::new(),
            metrics: BTreeMap::new(),
            messages: BTreeMap::new(),
            story: Story::new(told),
        };
        world.tick_soon();
        for number in 0..plan.orders {
            world.arrive(number, seed);
        }
        for number in 0..plan.poison {
            let body = ["", "{", "[]", r#"{"orderId":7}"#, "\u{0}"][world.chance.usize(..5)];
            let at = world.chance.u64(..=plan.within);
            world.at(at, Event::Poison(format!("{body}{}", " ".repeat(number as usize))));
        }
        for _ in 0..plan.redrives {
            let at = world.chance.u64(60_000..3_600_000);
            let how = [Redrive::All, Redrive::One, Redrive::Console][world.chance.usize(..3)];
            world.at(at, Event::Redrive(how));
        }
        for _ in 0..plan.unreadable {
            let at = world.chance.u64(..60_000);
            world.at(at, Event::Garble);
        }
        // Operators act on alarms once an hour, and faults have an end.
        let end = world.faults.until - BEGIN;
        world.at(end + 3_600_000, Event::Operator);
        world
    }

    /// Puts an event on the agenda, so many milliseconds from now.
    pub(crate) fn at(&mut self, after: u64, event: Event) {
        self.count += 1;
        self.agenda.insert((self.now + after, self.count), event);
    }

    /// Returns by how many milliseconds the clock of a new environment is ahead.
    pub(crate) fn ahead(&mut self) -> i64 {
        match i64::try_from(self.plan.skew) {
            Ok(skew) if skew > 0 => self.chance.i64(-skew..=skew),
            _ => 0,
        }
    }

    /// Puts the next tick of the reconciler on the agenda, unless it is there.
    pub(crate) fn tick_soon(&mut self) {
        if !std::mem::replace(&mut self.ticks, true) {
            let since = self.now - BEGIN;
            let after = if self.tick == 0 { 0 } else { self.tick - since % self.tick };
            self.at(after, Event::Tick { attempt: 0 });
        }
    }

    /// Puts a delayed call on the agenda.
    pub(crate) fn later(&mut self, landing: Landing) {
        let after = self.chance.u64(1_000..LATEST);
        self.at(after, Event::Lands(landing));
    }

    /// Returns a number that was not used before.
    pub(crate) fn fresh(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn say(&mut self, line: impl FnOnce() -> String) {
        self.story.say(self.now - BEGIN, line);
    }

    /// Returns how many orders the reconciler has counted as closed.
    pub(crate) fn closed(&self) -> u32 {
        let of_them = |(metric, _): &&(OrderMetric, OrderId)| *metric == OrderMetric::OrdersStuck;
        self.metrics.iter().filter(|(key, _)| of_them(key)).map(|(_, count)| count).sum()
    }

    /// Returns the duration of a call in milliseconds.
    pub(crate) fn latency(&mut self) -> u64 {
        match self.chance.u32(..100) {
            0..70 => self.chance.u64(1..20),
            70..97 => self.chance.u64(20..120),
            _ => self.chance.u64(120..1_500),
        }
    }

    /// Returns the milliseconds until a function starts.
    pub(crate) fn start_up(&mut self) -> u64 {
        match self.calm() || self.chance.u32(..100) < 95 {
            true => self.chance.u64(1..200),
            false => self.chance.u64(200..8_000),
        }
    }

    fn calm(&self) -> bool {
        matches!(self.plan.faults, FaultPlan::Exactly { .. })
    }

    /// Whether an event with this probability in a thousand happens.
    pub(crate) fn odds(&mut self, of_a_thousand: u32) -> bool {
        self.chance.u32(..1_000) < of_a_thousand
    }

    /// Sends a message, and schedules the event source mapping.
    pub(crate) fn send(&mut self, body: String) {
        let now = self.now;
        if let Ok(message) = serde_json::from_str::<OrderAccepted>(&body) {
            self.watch.sent.insert(message.order_id.to_string());
        }
        let id = self.queue.send(body, None, now);
        self.say(|| format!("{id} is on the queue"));
        self.poll_soon(0);
    }

    /// Schedules the event source mapping, soon after so many milliseconds.
    pub(crate) fn poll_soon(&mut self, after: u64) {
        let more = self.chance.u64(1..400);
        self.at(after + more, Event::Poll);
    }

    /// Schedules the update of the index for the last writes.
    pub(crate) fn index_soon(&mut self) {
        for key in self.dynamodb.dirty.clone() {
            let lag = if self.odds(900) { 50 } else { self.plan.lag };
            let lag = self.chance.u64(1..lag);
            self.at(lag, Event::Propagate(key));
        }
    }
}
