//! Operators: they redrive dead letters, and act on alarms.

use contracts::domain::OrderStatus;
use runtime::port::ExecutionStatus;

use super::{Event, World};
use crate::{
    services::{sfn::Running, sqs::Message},
    watch::order_of,
};

/// How long an operator acts after faults have ended.
const OPERATED: u64 = 72 * 3_600_000;

/// How an operator redrives dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redrive {
    /// All of them, by `dofs redrive`.
    All,
    /// One of them, by `dofs redrive --order`.
    One,
    /// All of them, in the console, which requests no round.
    Console,
}

impl World {
    /// An operator redrives dead letters. `dofs redrive` requests the round after that of the order's record.
    pub(crate) fn redrive(&mut self, how: Redrive) {
        let all = self.queue.dead.len();
        let letters = match how {
            _ if all == 0 => return,
            Redrive::One => {
                let one = self.chance.usize(..all);
                one..one + 1
            }
            Redrive::All | Redrive::Console => 0..all,
        };
        self.say(|| {
            format!("an operator puts {} of {all} dead letters back: {how:?}", letters.len())
        });
        for at in letters.rev() {
            let order = order_of(&self.queue.dead[at].body);
            let stands = order.as_ref().and_then(|it| self.watch.orders.get(it));
            let round = stands.filter(|_| how != Redrive::Console).map(|it| it.round + 1);
            if let (Some(order), Some(round)) = (order, round) {
                self.watch.asked(order, round);
            }
            let now = self.now;
            self.queue.redrive(at, round, now);
        }
        self.poll_soon(0);
    }

    /// An operator acts on alarms: on executions that ended without a record, and on dead letters of orders that
    /// need none any more. Runs once an hour until there are none of either.
    pub(crate) fn operate(&mut self) {
        let failed: Vec<String> = (self.sfn.executions.iter())
            .filter(|(name, it)| {
                it.status == ExecutionStatus::Failed
                    && it.execution.state() != "OrderConflict"
                    && self.dynamodb.get("orders", name).is_none()
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in &failed {
            self.redrive_execution(name);
        }
        let is_done = |it: &Message| {
            let order = order_of(&it.body).and_then(|it| self.watch.orders.get(&it));
            order.is_some_and(|it| it.status == OrderStatus::Fulfilled)
        };
        let left: Vec<usize> =
            (0..self.queue.dead.len()).filter(|at| is_done(&self.queue.dead[*at])).collect();
        for at in left.iter().rev() {
            let now = self.now;
            self.queue.redrive(*at, None, now);
            self.poll_soon(0);
        }
        let is_open = |it: &Running| it.status == ExecutionStatus::Running;
        let goes_on = !failed.is_empty()
            || !left.is_empty()
            || !self.queue.messages.is_empty()
            || self.sfn.executions.values().any(is_open);
        if goes_on && self.now < self.faults.until + OPERATED {
            self.at(3_600_000, Event::Operator);
        }
    }
}
