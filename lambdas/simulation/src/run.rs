//! One run, from the first event to the last.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use contracts::domain::OrderStatus;
use contracts::reason::FULFILLMENT_FAILED;
use runtime::{handler::Raised, item::Attribute, port::ExecutionStatus};
use serde_json::{Value, json};

use crate::{
    branch::Branch,
    clause::{Clause, Violation},
    customer::Act,
    facts::Facts,
    fault::{Kind, Verdict},
    functions::{Work, begin},
    invariant,
    listener::Message,
    plan::{Plan, Safeguard},
    reached::Reached,
    services::{sfn::Running, sqs::Delivered},
    spent::{Code, by},
    story::Story,
    world::{Event, SeenCall, TaskId, World},
};

/// The simulated time after the last fault at which a run ends. Everything else has ended long before.
const PATIENCE: u64 = 96 * 3_600_000;

/// The largest number of events, and so many more for each order. A run with more events would not end.
const EVENTS: u64 = 100_000;
const EVENTS_OF_AN_ORDER: u64 = 1_000;

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The first invariant that did not hold.
    pub violation: Option<Violation>,
    /// The numbers of the calls with a fault.
    pub fired: Vec<u32>,
    /// The number of calls.
    pub calls: u32,
    /// The kinds of calls that were made.
    pub seen: BTreeSet<SeenCall>,
    /// The number of orders by their last status.
    pub ends: BTreeMap<String, u32>,
    /// The number of executions by their last state.
    pub last_states: BTreeMap<String, u32>,
    /// How often an operator redrove an execution.
    pub resumed: u32,
    /// The states, transitions and deliveries that it reached.
    pub reached: Reached,
    /// The orders that the draw decided, and whether it fulfilled them.
    pub drawn: BTreeMap<String, bool>,
    /// The events of the run, if they were recorded.
    pub story: Story,
}

/// Runs a plan with a seed.
pub fn run(facts: &Facts, plan: &Plan, seed: u64, told: bool) -> Outcome {
    let mut run = Run::new(facts, World::new(facts, plan, seed, told));
    let violation = run.every_event().err();
    let mut world = run.world.borrow_mut();
    let mut ends = BTreeMap::<String, u32>::new();
    let mut drawn = BTreeMap::new();
    for (key, item) in world.dynamodb.items("orders") {
        let Some(Attribute::Text(status)) = item.get("status") else { continue };
        *ends.entry(status.clone()).or_default() += 1;
        let reason = item.get("failure_reason");
        let fulfilled = status == "FULFILLED";
        if fulfilled || reason == Some(&Attribute::Text(FULFILLMENT_FAILED.to_owned())) {
            drawn.insert(key.clone(), fulfilled);
        }
    }
    let mut last_states = BTreeMap::<String, u32>::new();
    let mut reached = world.watch.reached;
    let mut resumed = 0;
    for running in world.sfn.executions.values() {
        *last_states.entry(running.execution.state().to_owned()).or_default() += 1;
        reached.ways |= running.execution.ways();
        resumed += running.redriven;
    }
    Outcome {
        violation,
        fired: std::mem::take(&mut world.faults.fired),
        calls: world.faults.calls(),
        seen: std::mem::take(&mut world.seen),
        ends,
        last_states,
        resumed,
        reached,
        drawn,
        story: std::mem::take(&mut world.story),
    }
}

/// The caller of a function.
#[derive(Debug)]
pub(crate) enum Caller {
    Api {
        customer: usize,
        act: Act,
        began: u64,
    },
    State {
        name: String,
        step: u64,
    },
    Queue {
        batch: Vec<Delivered>,
    },
    /// No one: its caller has ended.
    Ghost,
    Tick {
        attempt: u32,
        /// The number of orders that were closed before.
        closed: u32,
    },
    Listener(Message),
}

pub(crate) struct Run<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) world: Rc<RefCell<World>>,
    tasks: BTreeMap<TaskId, (Caller, Work)>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(facts: &'a Facts, world: World) -> Self {
        Run { facts, world: Rc::new(RefCell::new(world)), tasks: BTreeMap::new() }
    }

    pub(crate) fn every_event(&mut self) -> Result<(), Violation> {
        let most = EVENTS + EVENTS_OF_AN_ORDER * u64::from(self.world.borrow().plan.orders);
        for number in 0.. {
            let next = self.world.borrow_mut().agenda.pop_first();
            let Some(((at, _), event)) = next else { break };
            if number == most {
                let what = format!("the run does not end: after {most} events comes {event:?}");
                return Err(Violation::new(Clause::RunEnds, what));
            }
            self.world.borrow_mut().now = at;
            self.happens(event)?;
            by(Code::Invariants, || invariant::step(&mut self.world.borrow_mut()))?;
        }
        by(Code::Invariants, || invariant::end(&self.world.borrow()))
    }

    fn happens(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Call(number) => self.arrive(number)?,
            Event::Timeout(task) => self.crash(task, "its time is up")?,
            Event::Poll => self.poll()?,
            Event::Tick { attempt } => self.tick(attempt)?,
            Event::Propagate(key) => {
                by(Code::Services, || self.world.borrow_mut().dynamodb.propagate(&key));
            }
            Event::Woke { name, step } => self.world.borrow_mut().woke(&name, step),
            Event::StateTimeout { name, step } => {
                self.world.borrow_mut().state_failed(&name, step, asl::Failure::timeout());
            }
            Event::Invoke { name, step, function, payload } => {
                self.start(&function, payload, Caller::State { name, step })?;
            }
            Event::Direct { name, step, resource, arguments } => {
                self.world.borrow_mut().direct(&name, step, &resource, &arguments);
            }
            Event::Customer { customer, act } => {
                let request = self.world.borrow_mut().request(customer, &act);
                let began = self.world.borrow().now;
                self.start("api_handler", request, Caller::Api { customer, act, began })?;
            }
            Event::Message(message) => self.listen(message)?,
            Event::Poison(body) => self.world.borrow_mut().send(body),
            Event::Redrive(how) => self.world.borrow_mut().redrive(how),
            Event::Operator => self.world.borrow_mut().operate(),
            Event::Lands(landing) => {
                let mut world = self.world.borrow_mut();
                world.say(|| "a call that was given up happens".to_owned());
                landing.land(&mut world);
            }
            Event::Ghost { function, payload } => self.start(&function, payload, Caller::Ghost)?,
            Event::ExecutionTimeout { name, redriven } => {
                self.world.borrow_mut().execution_timeout(&name, redriven);
            }
            Event::Garble => self.world.borrow_mut().garble(),
            Event::Mend { key, name, was } => self.world.borrow_mut().mend(&key, name, was),
            Event::Expire(key) => self.world.borrow_mut().expire(&key),
        }
        Ok(())
    }

    /// Starts a function.
    pub(crate) fn start(
        &mut self,
        function: &str,
        event: Value,
        caller: Caller,
    ) -> Result<(), Violation> {
        let task = self.world.borrow_mut().fresh();
        if self.is_not_started() {
            self.world.borrow_mut().say(|| format!("{function} does not start: {caller:?}"));
            self.world.borrow_mut().troubled.insert(task);
            return self.not_started(task, caller);
        }
        let begun = by(Code::Functions, || begin(self.facts, &self.world, task, function, event));
        let Some(work) = begun else {
            let what = format!("there is no function {function}");
            return Err(Violation::new(Clause::FunctionIsThere, what));
        };
        let timeout = self.facts.functions[function].timeout;
        self.world.borrow_mut().at(timeout, Event::Timeout(task));
        self.tasks.insert(task, (caller, work));
        self.poll_task(task)
    }

    /// Whether Lambda throttles the next call of a function, or cannot start it.
    fn is_not_started(&self) -> bool {
        let mut world = self.world.borrow_mut();
        let now = world.now;
        world.faults.strikes(Kind::NotStarted, now)
    }

    /// Returns an error to the caller of a function that did not start. A batch remains hidden for the visibility timeout.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
    fn not_started(&mut self, task: TaskId, caller: Caller) -> Result<(), Violation> {
        match caller {
            Caller::State { name, step } => {
                let throttled = "Lambda.TooManyRequestsException";
                let failure = asl::Failure::new(throttled, "Rate Exceeded.");
                self.world.borrow_mut().troubled.remove(&task);
                self.world.borrow_mut().state_failed(&name, step, failure);
                Ok(())
            }
            caller => self.answered(task, caller, None),
        }
    }

    /// Lets the caller continue after its call has arrived at the service.
    fn arrive(&mut self, number: u64) -> Result<(), Violation> {
        let (task, verdict) = {
            let mut world = self.world.borrow_mut();
            let Some(call) = world.calls.get_mut(&number) else { return Ok(()) };
            call.arrived = true;
            (call.task, call.verdict)
        };
        if verdict == Verdict::CrashBefore {
            return self.crash(task, "it crashes");
        }
        self.poll_task(task)
    }

    fn poll_task(&mut self, task: TaskId) -> Result<(), Violation> {
        let Some((_, work)) = self.tasks.get_mut(&task) else { return Ok(()) };
        let polled =
            by(Code::Functions, || work.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        if self.world.borrow_mut().crashed.remove(&task) {
            return self.crash(task, "it crashes");
        }
        match polled {
            Poll::Pending => Ok(()),
            Poll::Ready(answer) => match self.tasks.remove(&task) {
                Some((caller, _)) => self.answered(task, caller, Some(answer)),
                None => Ok(()),
            },
        }
    }

    /// Ends a function without an answer.
    fn crash(&mut self, task: TaskId, why: &str) -> Result<(), Violation> {
        let Some((caller, work)) = self.tasks.remove(&task) else { return Ok(()) };
        drop(work);
        {
            let mut world = self.world.borrow_mut();
            world.calls.retain(|_, call| call.task != task);
            world.troubled.insert(task);
            world.say(|| format!("{why}: {caller:?}"));
        }
        self.answered(task, caller, None)
    }

    /// Passes the result of a function to its caller.
    fn answered(
        &mut self,
        task: TaskId,
        caller: Caller,
        answer: Option<Result<Value, Raised>>,
    ) -> Result<(), Violation> {
        let mut world = self.world.borrow_mut();
        let troubled = world.troubled.remove(&task);
        match caller {
            Caller::Api { customer, act, began } => {
                let answer = answer.as_ref().and_then(|it| it.as_ref().ok());
                world.answered(customer, &act, began, answer)
            }
            Caller::State { name, step } => {
                world.function_ended(&name, step, answer);
                Ok(())
            }
            Caller::Queue { batch } => {
                world.batch_ended(
                    &batch,
                    answer.as_ref().and_then(|it| it.as_ref().ok()),
                    troubled,
                );
                Ok(())
            }
            Caller::Listener(message) => {
                drop(world);
                self.listened(message, answer.as_ref().and_then(|it| it.as_ref().ok()));
                Ok(())
            }
            Caller::Ghost => Ok(()),
            // The scheduler retries twice.
            Caller::Tick { attempt, closed } => {
                let closed = world.closed() - closed;
                let branch = answer.as_ref().map(|it| Branch::of_reconciler(it, closed));
                world.watch.reached.came_to(branch);
                if !matches!(answer, Some(Ok(_))) && attempt < 2 {
                    world.at(60_000, Event::Tick { attempt: attempt + 1 });
                }
                Ok(())
            }
        }
    }

    fn tick(&mut self, attempt: u32) -> Result<(), Violation> {
        if attempt == 0 {
            let is_settled = self.settled();
            let mut world = self.world.borrow_mut();
            world.ticks = false;
            if is_settled || world.now > world.faults.until + PATIENCE {
                return Ok(());
            }
            world.tick_soon();
            let now = world.now;
            if world.faults.strikes(Kind::Overlaps, now) {
                let after = world.chance.u64(..2_000);
                world.at(after, Event::Tick { attempt: 2 });
            }
        }
        if self.world.borrow().plan.without == Some(Safeguard::Reconciler) {
            return Ok(());
        }
        let closed = self.world.borrow().closed();
        self.start("reconcile_orders", json!({}), Caller::Tick { attempt, closed })
    }

    /// Whether no order needs the reconciler. A later order may need it.
    fn settled(&self) -> bool {
        let world = self.world.borrow();
        let processing = |item: &runtime::item::Attributes| {
            let status = item.get("status");
            *status.unwrap_or(&Attribute::Null)
                == runtime::item::attribute(&OrderStatus::Processing)
        };
        let runs = |it: &Running| it.status == ExecutionStatus::Running;
        !world.sfn.executions.values().any(runs)
            && !world.dynamodb.items("orders").any(|(_, item)| processing(item))
    }

    /// Lets the event source mapping receive messages.
    fn poll(&mut self) -> Result<(), Violation> {
        let busy = self.tasks.values().filter(|(it, _)| matches!(it, Caller::Queue { .. })).count();
        let batch = {
            let mut world = self.world.borrow_mut();
            if busy >= self.facts.concurrency {
                world.poll_soon(500);
                return Ok(());
            }
            by(Code::Services, || world.receive(self.facts))?
        };
        if batch.is_empty() {
            return Ok(());
        }
        let renamed = self.world.borrow().plan.without == Some(Safeguard::RoundRule);
        let records: Vec<Value> = batch
            .iter()
            .map(|it| {
                // Without the rule of rounds, every delivery requests a round.
                let (id, asked) = match renamed {
                    true => (it.receipt.clone(), Some(u32::MAX)),
                    false => (it.id.clone(), it.round),
                };
                json!({
                    "messageId": id,
                    "receiptHandle": it.receipt,
                    "body": it.body,
                    "messageAttributes": round(asked),
                    "attributes": {
                        "ApproximateReceiveCount": it.receive_count.to_string(),
                        "SentTimestamp": it.sent.to_string(),
                    },
                })
            })
            .collect();
        self.start("fulfill_order", json!({ "Records": records }), Caller::Queue { batch })
    }
}

/// Returns the attributes of a message that requests a round, in Lambda's format.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
fn round(asked: Option<u32>) -> Value {
    match asked {
        Some(round) => {
            json!({ "Round": { "stringValue": round.to_string(), "dataType": "Number" } })
        }
        None => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_an_end_breaks_an_invariant() {
        let mut facts = Facts::of_dev().expect("infra-gen wrote it");
        // Each tick is due at the same time as the one before.
        facts.tick = 0;
        let violation = run(&facts, &Plan::of(3), 3, false).violation;
        let violation = violation.expect("time stands still");
        assert_eq!(violation.clause, Clause::RunEnds);
        assert!(violation.what.starts_with("the run does not end: "), "{violation}");
    }
}
