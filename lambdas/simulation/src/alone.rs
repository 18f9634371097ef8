//! Runs one function in a prepared state of the services, for cases that no customer's order reaches.

use std::{
    cell::RefCell,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use contracts::{metric::MessageMetric, order::OrderSubmitted};
use runtime::{
    handler::Raised,
    item::{Attributes, attributes},
    port::{ExecutionStatus, PutItem, Write},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    facts::Facts,
    fault::FaultPlan,
    functions::begin,
    plan::Plan,
    world::{Event, World},
};

/// A plan without orders and events, so that only the requested calls happen.
#[derive(Debug)]
pub struct Alone<'a> {
    facts: &'a Facts,
    world: Rc<RefCell<World>>,
}

impl<'a> Alone<'a> {
    /// Returns a world without orders and with these faults.
    pub fn new(facts: &'a Facts, faults: FaultPlan) -> Self {
        let world = World::new(facts, &Plan::calm(0, faults), 0, false);
        Alone { facts, world: Rc::new(RefCell::new(world)) }
    }

    /// Writes an item and its index entry.
    ///
    /// # Panics
    ///
    /// If it is not an item of the table.
    pub fn store(&self, table: &str, key: &str, item: &impl Serialize) {
        self.write(table, item);
        self.world.borrow_mut().dynamodb.propagate(key);
    }

    /// Writes an item that the index does not have yet.
    ///
    /// # Panics
    ///
    /// If it is not an item of the table.
    pub fn write(&self, table: &str, item: &impl Serialize) {
        let put = PutItem { table: table.to_owned(), item: attributes(item), condition: None };
        let written = self.world.borrow_mut().dynamodb.write(&[Write::Put(put)]);
        written.unwrap_or_else(|err| panic!("{table}: {err}"));
    }

    /// Starts an execution that `DescribeExecution` does not show for so many milliseconds. It stays in its first state.
    ///
    /// # Panics
    ///
    /// Never: payloads have a JSON form.
    pub fn starts(&self, order: &OrderSubmitted, unseen_for: u64) {
        let input = serde_json::to_string(order).expect("payloads have a JSON form");
        let mut world = self.world.borrow_mut();
        world.start(order.order_id.as_str(), input);
        drop(world);
        self.hide_executions_for(unseen_for);
    }

    /// Hides the existing executions from `DescribeExecution` for so many milliseconds.
    pub fn hide_executions_for(&self, span: u64) {
        let mut world = self.world.borrow_mut();
        let until = world.now + span;
        world.sfn.executions.values_mut().for_each(|it| it.seen_from = until);
    }

    /// Ends every execution successfully, in whatever state it is.
    pub fn ends_well(&self) {
        let mut world = self.world.borrow_mut();
        world.now += 60_000;
        let end = world.now;
        for running in world.sfn.executions.values_mut() {
            (running.status, running.end_seen_from) = (ExecutionStatus::Succeeded, end);
        }
    }

    /// Returns an item with its current values.
    pub fn item(&self, table: &str, key: &str) -> Option<Attributes> {
        self.world.borrow().dynamodb.get(table, key).cloned()
    }

    /// Returns how often a message was counted.
    pub fn counted(&self, metric: MessageMetric, message_id: &str) -> u32 {
        let key = (metric, message_id.to_owned());
        self.world.borrow().messages.get(&key).copied().unwrap_or_default()
    }

    /// Calls a function, and waits for its answer.
    ///
    /// # Errors
    ///
    /// Returns the error that the function raises.
    ///
    /// # Panics
    ///
    /// If there is no such function, or if it never answers.
    pub fn call(&self, function: &str, event: Value) -> Result<Value, Raised> {
        let task = self.world.borrow_mut().fresh();
        let work = begin(self.facts, &self.world, task, function, event);
        let mut work = work.unwrap_or_else(|| panic!("there is no function {function}"));
        loop {
            let polled = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if let Poll::Ready(answer) = polled {
                return answer;
            }
            let mut world = self.world.borrow_mut();
            let next = world.agenda.pop_first();
            let Some(((at, _), event)) = next else { panic!("{function} never answers") };
            world.now = at;
            // The other planned events do not happen.
            if let Event::Call(number) = event
                && let Some(call) = world.calls.get_mut(&number)
            {
                call.arrived = true;
            }
        }
    }
}
