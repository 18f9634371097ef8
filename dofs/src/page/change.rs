//! Finds the events between two snapshots. It uses no clock and makes no calls.

use std::collections::HashMap;

use contracts::domain::OrderStatus;
use serde::Serialize;

use super::{
    route::{Route, dead_letters, route},
    snapshot::{Counts, Depths, Failure, Order, Snapshot},
};

/// An event for browsers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// The whole state: at the beginning, and after trouble.
    Snapshot(Snapshot),
    /// An order appeared or changed.
    Order {
        /// The order now.
        order: Order,
        /// Its status before, if it was known.
        from: Option<OrderStatus>,
        /// The edges that it passed.
        route: Route,
    },
    /// The current number of orders with each status.
    Counts(Counts),
    /// The current number of messages in the queues.
    Depths {
        /// The numbers of messages.
        depths: Depths,
        /// The edges that messages passed to the dead letters, or back.
        route: Route,
    },
    /// The last failures, the newest first.
    Failures(Vec<Failure>),
    /// The system cannot be read at the moment.
    Trouble {
        /// The reason.
        message: String,
    },
}

impl Event {
    /// The name of the event in the page's script.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Snapshot(_) => "snapshot",
            Event::Order { .. } => "order",
            Event::Counts(_) => "counts",
            Event::Depths { .. } => "depths",
            Event::Failures(_) => "failures",
            Event::Trouble { .. } => "trouble",
        }
    }
}

/// Returns the events from `before` to `after`. Orders are sorted by the time of their change.
pub fn between(before: &Snapshot, after: &Snapshot) -> Vec<Event> {
    let known: HashMap<_, _> = before.orders.iter().map(|it| (&*it.id, it)).collect();
    // An order that is older than everything in the last snapshot did not change, but came back into view.
    let oldest = before.orders.last().map(|it| &it.at);
    let mut events = Vec::new();
    for order in after.orders.iter().rev() {
        let known = known.get(&*order.id).copied();
        let unseen = known.is_none() && oldest.is_none_or(|oldest| order.at >= *oldest);
        if unseen || known.is_some_and(|it| it != order) {
            let from = known.map(|it| it.status);
            let route = route(from, order.status, order.reason.as_deref());
            events.push(Event::Order { order: order.clone(), from, route });
        }
    }
    if before.counts != after.counts {
        events.push(Event::Counts(after.counts.clone()));
    }
    if before.depths != after.depths {
        let route = dead_letters(before.depths.dead, after.depths.dead);
        events.push(Event::Depths { depths: after.depths, route });
    }
    if before.failures != after.failures {
        events.push(Event::Failures(after.failures.clone()));
    }
    events
}

#[cfg(test)]
mod tests {
    use OrderStatus::{Failed, Fulfilled, Processing};

    use super::*;

    /// Returns a snapshot with these orders, from the newest to the oldest, and this number of dead letters.
    fn snapshot(orders: &[(&str, OrderStatus, u32)], dead: u64) -> Snapshot {
        let order = |&(id, status, second): &(&str, OrderStatus, u32)| Order {
            id: id.to_owned(),
            status,
            at: format!("2025-07-20T13:06:{second:02}.000Z").try_into().unwrap(),
            what: None,
            reason: None,
        };
        let orders: Vec<_> = orders.iter().map(order).collect();
        let mut counts = Counts::new();
        for order in &orders {
            counts.entry(order.status).or_default().number += 1;
        }
        let failed = orders.iter().filter(|it| it.status == Failed);
        let failure = |it: &Order| Failure {
            id: it.id.clone(),
            at: it.at.clone(),
            reason: "FulfillmentFailed".to_owned(),
            message: None,
        };
        let failures = failed.map(failure).collect();
        Snapshot { counts, depths: Depths { dead, ..Depths::default() }, orders, failures }
    }

    #[test]
    fn each_change_is_one_event() {
        fn check(before: &Snapshot, after: &Snapshot, expected: &[&str]) {
            let tell = |event: &Event| match event {
                Event::Order { order, from, .. } => {
                    format!("{} {from:?} -> {:?}", order.id, order.status)
                }
                Event::Depths { depths, route } => format!("dead {} by {route:?}", depths.dead),
                other => other.name().to_owned(),
            };
            let told: Vec<_> = between(before, after).iter().map(tell).collect();
            assert_eq!(told, expected);
            assert_eq!(between(after, after), [], "nothing happened");
        }
        let none = snapshot(&[], 0);
        check(&none, &none, &[]);
        check(
            &none,
            &snapshot(&[("b", Fulfilled, 2), ("a", Processing, 1)], 0),
            &["a None -> Processing", "b None -> Fulfilled", "counts"],
        );
        check(
            &snapshot(&[("a", Processing, 1)], 0),
            &snapshot(&[("a", Fulfilled, 2)], 0),
            &["a Some(Processing) -> Fulfilled", "counts"],
        );
        check(
            &snapshot(&[("a", Processing, 1)], 0),
            &snapshot(&[("a", Failed, 2)], 1),
            &["a Some(Processing) -> Failed", "counts", "dead 1 by [[\"queue-dlq\"]]", "failures"],
        );
        // One order leaves the list, and an older one comes back into view: no order changed.
        check(
            &snapshot(&[("c", Processing, 3), ("b", Processing, 2)], 0),
            &snapshot(&[("b", Processing, 2), ("a", Processing, 1)], 0),
            &[],
        );
    }
}
