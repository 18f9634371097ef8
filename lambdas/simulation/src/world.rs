//! Everything outside the handlers, at one moment.

mod machine;
mod mapping;

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    domain::OrderId,
    metric::{MessageMetric, OrderMetric},
};
use runtime::moment::Moment;

use crate::{
    customer::{Act, Customer},
    facts::Facts,
    fault::{FaultPlan, Faults, Verdict},
    listener::Message,
    plan::Plan,
    services::{dynamodb::Dynamo, sfn::StepFunctions, sqs::Queue},
    story::Story,
    watch::Watch,
};

/// When every run begins.
pub const BEGIN: u64 = 1_753_016_000_000;

/// How long things go wrong, after the last order was placed.
const STORM: u64 = 600_000;

/// A function that runs.
pub type TaskId = u64;

/// What a function may do: itself, the IAM action, the resource's address.
pub type SeenCall = (&'static str, &'static str, String);

/// Something that is going to happen.
#[derive(Debug)]
pub(crate) enum Event {
    /// A function's call comes to its service.
    Call(u64),
    /// A function's time is up.
    Timeout(TaskId),
    /// The event source mapping looks for messages.
    Poll,
    /// The schedule calls the reconciler, for so many times already.
    Tick { attempt: u32 },
    /// The index sees an item.
    Propagate(String),
    /// An execution's delay is over.
    Woke { name: String, step: u64 },
    /// A state's time is up.
    StateTimeout { name: String, step: u64 },
    /// A state's call of a function comes to Lambda.
    Invoke { name: String, step: u64, function: String, payload: serde_json::Value },
    /// A state's own call comes to its service.
    Direct { name: String, step: u64, resource: String, arguments: serde_json::Value },
    /// A customer does something.
    Customer { customer: usize, act: Act },
    /// A message of another queue comes to the function that listens.
    Message(Message),
    /// A message that leads to no order is put on the queue.
    Poison(String),
    /// An operator puts all dead letters back.
    Redrive,
}

/// A call that is on its way.
#[derive(Debug)]
pub(crate) struct OnTheWay {
    pub(crate) task: TaskId,
    pub(crate) verdict: Verdict,
    /// Whether it has come to its service.
    pub(crate) arrived: bool,
}

/// Everything outside the handlers.
#[derive(Debug)]
pub struct World {
    pub(crate) plan: Plan,
    /// Milliseconds since the Unix epoch.
    pub now: u64,
    pub(crate) chance: fastrand::Rng,
    /// What goes wrong.
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
    /// Functions that crashed just now.
    pub(crate) crashed: BTreeSet<TaskId>,
    /// Functions of which a call went wrong.
    pub(crate) troubled: BTreeSet<TaskId>,
    /// Every kind of call that was seen.
    pub seen: BTreeSet<SeenCall>,
    /// Every count of orders.
    pub metrics: BTreeMap<(OrderMetric, OrderId), u32>,
    /// How often each message was counted as in trouble, by the message's id.
    pub messages: BTreeMap<(MessageMetric, String), u32>,
    /// What happened.
    pub story: Story,
}

impl World {
    pub(crate) fn new(facts: &Facts, plan: &Plan, seed: u64, told: bool) -> Self {
        let until = BEGIN + plan.within + STORM;
        let mut world = World {
            plan: plan.clone(),
            now: BEGIN,
            chance: fastrand::Rng::with_seed(seed),
            faults: Faults::new(plan.faults.clone(), seed, until),
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
        world.at(facts.tick, Event::Tick { attempt: 0 });
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
            world.at(at, Event::Redrive);
        }
        world
    }

    /// Lets something happen so many milliseconds from now.
    pub(crate) fn at(&mut self, after: u64, event: Event) {
        self.count += 1;
        self.agenda.insert((self.now + after, self.count), event);
    }

    /// A number nobody had before.
    pub(crate) fn fresh(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::from_millis(self.now)
    }

    pub(crate) fn say(&mut self, line: impl FnOnce() -> String) {
        self.story.say(self.now - BEGIN, line);
    }

    /// Milliseconds that a call takes.
    pub(crate) fn latency(&mut self) -> u64 {
        match self.chance.u32(..100) {
            0..70 => self.chance.u64(1..20),
            70..97 => self.chance.u64(20..120),
            _ => self.chance.u64(120..1_500),
        }
    }

    /// Milliseconds until a function begins.
    pub(crate) fn start_up(&mut self) -> u64 {
        match self.calm() || self.chance.u32(..100) < 95 {
            true => self.chance.u64(1..200),
            false => self.chance.u64(200..8_000),
        }
    }

    fn calm(&self) -> bool {
        matches!(self.plan.faults, FaultPlan::Exactly { .. })
    }

    /// Whether something happens that happens so many times of a thousand.
    pub(crate) fn odds(&mut self, of_a_thousand: u32) -> bool {
        self.chance.u32(..1_000) < of_a_thousand
    }

    /// Sends a message, and lets the event source mapping look for it.
    pub(crate) fn send(&mut self, body: String) {
        let now = self.now;
        let id = self.queue.send(body, now);
        self.say(|| format!("{id} is on the queue"));
        self.poll_soon(0);
    }

    /// Lets the event source mapping look for messages, soon after so many milliseconds.
    pub(crate) fn poll_soon(&mut self, after: u64) {
        let more = self.chance.u64(1..400);
        self.at(after + more, Event::Poll);
    }

    /// Lets the index see, some time later, what was just written.
    pub(crate) fn index_soon(&mut self) {
        for key in self.dynamodb.dirty.clone() {
            let lag = if self.odds(900) { 50 } else { 30_000 };
            let lag = self.chance.u64(1..lag);
            self.at(lag, Event::Propagate(key));
        }
    }
}
