//! What must hold: I1 to I6 of the design, that every order is counted once, and that it is written no more often into
//! one partition of the index than the generator counts on.

use std::collections::BTreeSet;

use contracts::{
    domain::{OrderId, OrderStatus},
    item::TableIndex as _,
    metric::OrderMetric,
    order::{ByStatus, OrderRecord},
};
use fulfill_order::{chance::draw, decide::FULFILLMENT_FAILED};
use runtime::port::ExecutionStatus;

use crate::{
    watch::{Violation, Watch, order_of},
    world::World,
};

/// Checks what changed in the last step.
pub(crate) fn step(world: &mut World) -> Result<(), Violation> {
    for key in std::mem::take(&mut world.dynamodb.dirty) {
        let failed = world.dynamodb.get("failed_orders", &key).is_some();
        let Some(item) = world.dynamodb.get("orders", &key) else {
            if let Some(before) = world.watch.orders.get(&key) {
                let what = format!("the record of {} is gone", before.order_id);
                return Err(Violation::new("I1", what));
            }
            // A message that led to no order has a record of its own.
            if failed && !key.starts_with("message-") {
                let what = format!("failed_orders knows {key}, which is no order");
                return Err(Violation::new("I3", what));
            }
            continue;
        };
        let order: OrderRecord = runtime::item::parse(item.clone())
            .map_err(|err| Violation::new("I1", format!("the record of {key}: {err}")))?;
        if (order.status == OrderStatus::Failed) != failed {
            let what = format!(
                "{key} is {:?}, and {} record of failure",
                order.status,
                if failed { "has a" } else { "has no" }
            );
            return Err(Violation::new("I3", what));
        }
        changed(&world.watch, &key, &order)?;
        world.watch.orders.insert(key, order);
    }
    Ok(())
}

/// Whether an order may have come to stand so.
fn changed(watch: &Watch, key: &str, order: &OrderRecord) -> Result<(), Violation> {
    use OrderStatus::{Failed, Fulfilled, Processing, Rejected};
    let before = watch.orders.get(key);
    if before == Some(order) {
        return Ok(());
    }
    let from = before.map(|it| it.status);
    let broken = |invariant, what: &str| {
        let what = format!("{key}: {from:?} becomes {:?}: {what}", order.status);
        Err(Violation::new(invariant, what))
    };
    let redriven = watch.redriven.get(key).copied().unwrap_or_default();
    match (from, order.status) {
        (None, Processing | Failed | Rejected) => {}
        (Some(Processing), Processing | Failed | Fulfilled) => {}
        (Some(Failed), Failed | Fulfilled) => {
            let round = before.map_or(0, |it| it.round);
            if order.round != round + 1 {
                return broken("I4", "a failed order is decided again in the same round");
            }
        }
        (Some(Fulfilled | Rejected), _) => return broken("I2", "it was decided for good"),
        _ => return broken("I1", "there is no such step"),
    }
    if order.round > redriven {
        return broken("I4", "a round that nobody asked for");
    }
    let drawn = draw(&order.order_id, order.round, watch.rate);
    let failed_by_draw = order.failure_reason.as_deref() == Some(FULFILLMENT_FAILED);
    if order.status == Fulfilled && !drawn || failed_by_draw && drawn {
        return broken("I4", "the draw says otherwise");
    }
    if (order.status == Fulfilled) != order.fulfillment_details.is_some() {
        return broken("I2", "a tracking number belongs to a fulfilled order, and to no other");
    }
    Ok(())
}

/// Checks how it all ended.
pub(crate) fn end(world: &World) -> Result<(), Violation> {
    use OrderStatus::{Failed, Fulfilled, Rejected};
    let started = world.sfn.executions.keys().map(String::as_str);
    let promised = world.watch.promised.iter().map(OrderId::as_str);
    for key in started.chain(promised).collect::<BTreeSet<_>>() {
        match world.watch.orders.get(key).map(|it| it.status) {
            Some(Fulfilled | Failed | Rejected) => {}
            other => {
                let machine = world.sfn.executions.get(key).map(|it| it.status);
                let what = format!("{key} was accepted, and is left {other:?} ({machine:?})");
                return Err(Violation::new("I1", what));
            }
        }
    }
    for (name, running) in &world.sfn.executions {
        if running.status == ExecutionStatus::Running {
            return Err(Violation::new("I1", format!("the execution {name} does not end")));
        }
    }
    for message in &world.queue.dead {
        // Where every delivery was in trouble, nobody had a chance to write anything down.
        let key = order_of(message).unwrap_or_else(|| format!("message-{}", message.id));
        if world.dynamodb.get("failed_orders", &key).is_none() && message.unanswered == 0 {
            let what = format!("{} is among the dead letters, and no record says why", message.id);
            return Err(Violation::new("I3", what));
        }
    }
    for ((order, status), count) in &world.dynamodb.index_writes {
        let rounds = world.watch.orders.get(order).map_or(0, |it| it.round);
        // A round that fails again leaves one place among the failed orders, and comes to another.
        let most = ByStatus::WRITES + 2 * rounds;
        if *count > most {
            let what = format!("{order} is written {count} times into the index as {status:?}");
            return Err(Violation::new("I8", what));
        }
    }
    for ((metric, order), count) in &world.metrics {
        let record = world.watch.orders.get(order.as_str());
        let most = match metric {
            OrderMetric::OrdersFailed => record.map_or(1, |it| it.round + 1),
            // Each answer 202 to a repeat that did not know of the first.
            OrderMetric::OrdersAccepted | OrderMetric::OrdersRejected => u32::MAX,
            // Each call that was throttled.
            OrderMetric::CallsThrottled => u32::MAX,
            OrderMetric::OrdersFulfilled | OrderMetric::OrdersStuck => 1,
        };
        if *count > most {
            let what = format!("{order} was counted {count} times as {metric:?}");
            return Err(Violation::new("I7", what));
        }
    }
    Ok(())
}
