//! The invariants at the end of a run, after a long time without an event.

use std::collections::BTreeSet;

use contracts::{
    domain::{OrderId, OrderStatus},
    metric::OrderMetric,
    order::ByStatus,
};
use function_contract::item::TableIndex as _;
use runtime::port::ExecutionStatus;

use crate::{
    clause::{Clause, Violation},
    watch::order_of,
    world::World,
};

/// Milliseconds after the last fault by which every order is decided. The longest that anything waits: an operator looks
/// once an hour for executions that ended without a record, and the reconciler closes what was stored then after its deadline
/// and a tick; where a record could not be read for four hours, that much later.
const IN_TIME: u64 = 8 * 3_600_000;

/// Checks the end of a run.
pub(crate) fn end(world: &World) -> Result<(), Violation> {
    orders(world)?;
    letters(world)?;
    index(world)?;
    metrics(world)
}

fn orders(world: &World) -> Result<(), Violation> {
    use OrderStatus::{Failed, Fulfilled, Rejected};
    let watch = &world.watch;
    let started = world.sfn.executions.keys().map(String::as_str);
    let promised = watch.promised.iter().map(OrderId::as_str);
    for key in started.chain(promised).collect::<BTreeSet<_>>() {
        match watch.orders.get(key).map(|it| it.status) {
            Some(Fulfilled | Failed | Rejected) => {}
            None if watch.expired.contains(key) => {}
            other => {
                let machine = world.sfn.executions.get(key).map(|it| it.status);
                let what = format!("{key} was accepted, and is left {other:?} ({machine:?})");
                return Err(Violation::new(Clause::Decided, what));
            }
        }
    }
    for (name, running) in &world.sfn.executions {
        if running.status == ExecutionStatus::Running {
            let what = format!("the execution {name} does not end");
            return Err(Violation::new(Clause::ExecutionEnds, what));
        }
        if watch.unsent.contains(name) {
            let what = format!("the execution {name} ended well, and sent no message");
            return Err(Violation::new(Clause::MessageIsSent, what));
        }
        if watch.misled.contains(name) {
            let what =
                format!("the execution {name} ended well, and the record is another order's");
            return Err(Violation::new(Clause::RecordIsItsOwn, what));
        }
    }
    if watch.last_decided > world.faults.until + IN_TIME {
        let after = (watch.last_decided - world.faults.until) / 60_000;
        let what = format!("an order was decided {after} minutes after the last fault");
        return Err(Violation::new(Clause::DecidedInTime, what));
    }
    Ok(())
}

fn letters(world: &World) -> Result<(), Violation> {
    let watch = &world.watch;
    let mut there = BTreeSet::new();
    for message in &world.queue.dead {
        let order = order_of(&message.body);
        let status = order.as_ref().and_then(|it| watch.orders.get(it)).map(|it| it.status);
        // If every delivery failed, no function could write a record of the failure.
        let key = order.clone().unwrap_or_else(|| format!("message-{}", message.id));
        let is_told = world.dynamodb.get("failed_orders", &key).is_some();
        if !is_told && (message.unanswered == 0 || status == Some(OrderStatus::Fulfilled)) {
            let what = format!(
                "{} of {key} ({status:?}) is among the dead letters, and no record says why",
                message.id
            );
            return Err(Violation::new(Clause::LetterIsExplained, what));
        }
        there.extend(order);
    }
    for (key, order) in &watch.orders {
        let was_sent = watch.sent.contains(key) && order.status == OrderStatus::Failed;
        if was_sent && !there.contains(key) {
            let what = format!("{key} failed, and no message of it is left to put back");
            return Err(Violation::new(Clause::LetterIsLeft, what));
        }
    }
    Ok(())
}

fn index(world: &World) -> Result<(), Violation> {
    for ((order, status), count) in &world.dynamodb.index_writes {
        let rounds = world.watch.orders.get(order).map_or(0, |it| it.round);
        // A round that fails again moves the order in the index of failed orders, which takes two writes.
        let most = ByStatus::WRITES + 2 * rounds;
        if *count > most {
            let what = format!("{order} is written {count} times into the index as {status:?}");
            return Err(Violation::new(Clause::IndexIsWrittenSeldom, what));
        }
    }
    Ok(())
}

/// Checks that metrics never count more than the facts, and without a fault exactly the facts.
fn metrics(world: &World) -> Result<(), Violation> {
    let is_calm = world.faults.fired.is_empty() && world.faults.struck == 0;
    let facts = &world.watch.facts;
    for (key, count) in &world.metrics {
        let (metric, order) = key;
        let fact = facts.get(key).copied().unwrap_or_default();
        let is_wrong = match metric {
            // Each call that was throttled, and each call of the validator.
            OrderMetric::CallsThrottled | OrderMetric::VerdictsInvalid => false,
            _ => *count > fact,
        };
        if is_wrong {
            let what = format!("{order} was counted {count} times as {metric:?}: it was so {fact}");
            return Err(Violation::new(Clause::CountedAtMost, what));
        }
    }
    if !is_calm {
        return Ok(());
    }
    for (key, fact) in facts {
        let (metric, order) = key;
        if *metric == OrderMetric::OrdersStuck {
            let what = format!("{order} was left to the reconciler, and nothing had gone wrong");
            return Err(Violation::new(Clause::NothingIsLeftOver, what));
        }
        if world.metrics.get(key) != Some(fact) {
            let what =
                format!("{order} was counted {:?} times as {metric:?}", world.metrics.get(key));
            return Err(Violation::new(Clause::CountedExactly, what));
        }
    }
    Ok(())
}
