//! Places many orders on a fixed schedule, and follows each of them until it is decided. Like independent customers, the
//! schedule does not wait for the answers to earlier orders.
//!
//! - [`rate`]: how many orders per second.
//! - [`place`]: places one order, with retries.

pub mod place;
pub mod rate;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use contracts::{
    domain::{OrderId, OrderStatus},
    order::OrderRecord,
};
use futures::future::join_all;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use self::{place::Placed, rate::Rate};
use crate::{execution, interrupt::Interrupt, system::System, tables};

/// The orders to place, and the limits.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The bodies of the requests.
    pub orders: Vec<Vec<u8>>,
    /// How many orders to place per second.
    pub rate: Rate,
    /// How long to retry an order that the API refuses.
    pub taking: Duration,
    /// How long to wait for decisions after the last order is placed.
    pub ending: Duration,
    /// Whether to wait for the decisions.
    pub follow: bool,
}

/// The results.
#[derive(Debug, Clone)]
pub struct Burst {
    /// Every order that was placed.
    pub placed: Vec<Placed>,
    /// The time from the first order to the last answer.
    pub took: Duration,
    /// The last read record of each accepted order that has one.
    pub records: BTreeMap<OrderId, OrderRecord>,
    /// Accepted orders without a record whose execution is still running.
    pub running: BTreeSet<OrderId>,
    /// Accepted orders about which nothing is known, because the table or their execution could not be read.
    pub unknown: BTreeSet<OrderId>,
    /// The error of the last attempt to read the table or the executions.
    pub problem: Option<String>,
}

/// The progress of a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Orders that the API has answered, with success or an error.
    pub answered: usize,
    /// Orders that it accepted.
    pub taken: usize,
    /// Orders that are decided.
    pub ended: usize,
}

/// The longest time that a command waits, in seconds: a year. `Instant` cannot represent every later time.
pub(crate) const LONGEST: u64 = 31_536_000;
/// The time between two reads of the table.
const LOOK: Duration = Duration::from_millis(500);

/// Places orders, and follows them until they are decided. After an interrupt, it places no more orders, and waits for the
/// calls that are under way.
pub async fn run(
    system: &System,
    plan: Plan,
    interrupt: &Interrupt,
    mut each: impl FnMut(Progress),
) -> Burst {
    // An idempotency key of another run would return the order of that run.
    let run = uuid::Uuid::now_v7();
    let mut orders = plan.orders.into_iter().enumerate().peekable();
    let mut burst = Burst {
        placed: Vec::new(),
        took: Duration::ZERO,
        records: BTreeMap::new(),
        running: BTreeSet::new(),
        unknown: BTreeSet::new(),
        problem: None,
    };
    let mut pending = BTreeSet::new();
    let mut progress = Progress::default();
    let (mut placing, mut looking) = (JoinSet::new(), JoinSet::new());
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let start = Instant::now();
    let mut last_answer = start;
    loop {
        let open = orders.peek().is_some() && !interrupt.asked();
        let due = start + orders.peek().map_or(Duration::ZERO, |(it, _)| plan.rate.due(*it));
        let waiting = !pending.is_empty() && plan.follow && !interrupt.asked();
        if !open && placing.is_empty() && !waiting {
            break;
        }
        tokio::select! {
            () = sleep_until(due), if open => {
                if let Some((number, order)) = orders.next() {
                    let key = format!("dofs-{run}-{number}");
                    let (api, interrupt) = (system.api.clone(), interrupt.clone());
                    placing.spawn(async move {
                        place::place(&api, number, order, key, due, plan.taking, &interrupt).await
                    });
                }
            }
            Some(placed) = placing.join_next() => {
                last_answer = Instant::now();
                let Ok(placed) = placed else { continue };
                progress.answered += 1;
                if let Ok(order) = &placed.outcome {
                    progress.taken += 1;
                    pending.insert(order.clone());
                }
                burst.placed.push(placed);
            }
            _ = looks.tick(), if waiting && looking.is_empty() => {
                let (system, orders) = (system.clone(), pending.iter().cloned().collect::<Vec<_>>());
                looking.spawn(async move { tables::orders(&system, &orders).await });
            }
            Some(found) = looking.join_next() => {
                burst.problem = None;
                match found {
                    Ok(Ok(found)) => {
                        burst.problem = found.unreadable.first().map(ToString::to_string);
                        for record in found.items {
                            if record.status.is_final() {
                                pending.remove(&record.order_id);
                                progress.ended += 1;
                            }
                            burst.records.insert(record.order_id.clone(), record);
                        }
                    }
                    Ok(Err(err)) => burst.problem = Some(format!("{err:#}")),
                    Err(err) => burst.problem = Some(err.to_string()),
                }
            }
            () = sleep_until(last_answer + plan.ending), if !open && placing.is_empty() => break,
            () = interrupt.wait(), if open || waiting => {}
        }
        each(progress);
    }
    burst.took = last_answer - start;
    burst.placed.sort_by_key(|it| it.number);
    if plan.follow && !interrupt.asked() {
        interrupt.unless(burst.look_last(system)).await;
    }
    burst
}

/// How many executions are read in parallel.
const ASKED: usize = 20;

impl Burst {
    /// Reads the undecided orders a last time. An order without a record exists only as an execution, so this reads the
    /// executions first, and then the table: it has the record by the time an execution succeeds.
    async fn look_last(&mut self, system: &System) {
        self.problem = None;
        let unrecorded: Vec<OrderId> =
            self.undecided().filter(|(_, it)| it.is_none()).map(|(id, _)| id.clone()).collect();
        for orders in unrecorded.chunks(ASKED) {
            let found = join_all(orders.iter().map(|it| execution::of(system, it))).await;
            for (order, found) in orders.iter().zip(found) {
                match found {
                    Ok(Some(it)) if it.status == "RUNNING" => {
                        self.running.insert(order.clone());
                    }
                    Ok(_) => {}
                    Err(err) => {
                        self.unknown.insert(order.clone());
                        self.problem = Some(format!("{err:#}"));
                    }
                }
            }
        }
        let undecided: Vec<OrderId> = self.undecided().map(|(id, _)| id.clone()).collect();
        match tables::orders(system, &undecided).await {
            Ok(found) => {
                for it in found.unreadable {
                    // It has a record, so it is not lost, but its status is unknown.
                    self.unknown.extend(OrderId::try_from(it.key.clone()));
                    self.problem = Some(it.to_string());
                }
                for record in found.items {
                    self.running.remove(&record.order_id);
                    self.unknown.remove(&record.order_id);
                    self.records.insert(record.order_id.clone(), record);
                }
            }
            Err(err) => {
                let running = &self.running;
                self.unknown.extend(unrecorded.into_iter().filter(|it| !running.contains(it)));
                self.problem = Some(format!("{err:#}"));
            }
        }
    }

    /// Returns the number of accepted orders with this status.
    pub fn with_status(&self, status: OrderStatus) -> usize {
        self.records.values().filter(|it| it.status == status).count()
    }

    /// Returns the ids of the accepted orders that are undecided, with the statuses in their records.
    pub fn undecided(&self) -> impl Iterator<Item = (&OrderId, Option<OrderStatus>)> {
        let taken = self.placed.iter().filter_map(|it| it.outcome.as_ref().ok());
        let status = |it: &OrderId| self.records.get(it).map(|it| it.status);
        taken
            .map(move |it| (it, status(it)))
            .filter(|(_, it)| !it.is_some_and(OrderStatus::is_final))
    }

    /// Returns how often the API answered with each kind of error, even if a retry succeeded.
    pub fn errors(&self) -> BTreeMap<String, usize> {
        let mut errors = BTreeMap::new();
        for kind in self.placed.iter().flat_map(|it| &it.errors) {
            *errors.entry(kind.clone()).or_default() += 1;
        }
        errors
    }
}
