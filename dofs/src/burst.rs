//! Many orders, placed on a schedule that waits for nobody: as customers come, whether or not those
//! before them were answered. Then each of them is followed to its end.
//!
//! - [`rate`]: how many in a second.
//! - [`place`]: one of them, with its repetitions.

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

/// What to place, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The bodies of the requests, as they are sent.
    pub orders: Vec<Vec<u8>>,
    /// How many in a second.
    pub rate: Rate,
    /// How long the API may take to take an order that it first refused.
    pub taking: Duration,
    /// How long orders may take to their ends once the last one is placed.
    pub ending: Duration,
    /// Whether the ends are waited for.
    pub follow: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Burst {
    /// Every order that was placed.
    pub placed: Vec<Placed>,
    /// From the first order to the last answer.
    pub took: Duration,
    /// What the table said last about each order that was taken and has a record.
    pub records: BTreeMap<OrderId, OrderRecord>,
    /// Orders that were taken and have no record, while their execution runs.
    pub running: BTreeSet<OrderId>,
    /// Orders that were taken and are neither recorded nor running as far as we know, while the table or their execution
    /// could not be read.
    pub unknown: BTreeSet<OrderId>,
    /// What went wrong with the last look at the table or the executions, if anything did.
    pub problem: Option<String>,
}

/// How far it has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Orders that the API has answered, with whatever.
    pub answered: usize,
    /// Orders that it took.
    pub taken: usize,
    /// Orders that have come to their end.
    pub ended: usize,
}

/// The longest time that a command waits, in seconds: a year. A clock has an end.
pub(crate) const LONGEST: u64 = 31_536_000;
/// The time between two looks at the table.
const LOOK: Duration = Duration::from_millis(500);

/// Places orders, and follows them to their ends. Where somebody wants it to end, no more are placed,
/// and what is under way is waited for.
pub async fn run(
    system: &System,
    plan: Plan,
    interrupt: &Interrupt,
    mut each: impl FnMut(Progress),
) -> Burst {
    // Keys of another run would lead to the orders of that run.
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

/// Executions that are asked for at once.
const ASKED: usize = 20;

impl Burst {
    /// Looks a last time at the orders without an end. Until its record is written, an order is there as its execution
    /// alone; so the executions come first, and then the table, which has the record by the time an execution succeeds.
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
                    // It has a record, so it is not lost; where it stands, the record does not say.
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

    /// How many of the orders that were taken have this status now.
    pub fn with_status(&self, status: OrderStatus) -> usize {
        self.records.values().filter(|it| it.status == status).count()
    }

    /// Orders that were taken and have not come to their end: their ids, and what their records say.
    pub fn undecided(&self) -> impl Iterator<Item = (&OrderId, Option<OrderStatus>)> {
        let taken = self.placed.iter().filter_map(|it| it.outcome.as_ref().ok());
        let status = |it: &OrderId| self.records.get(it).map(|it| it.status);
        taken
            .map(move |it| (it, status(it)))
            .filter(|(_, it)| !it.is_some_and(OrderStatus::is_final))
    }

    /// How often each kind of error answered, repetitions that came through included.
    pub fn errors(&self) -> BTreeMap<String, usize> {
        let mut errors = BTreeMap::new();
        for kind in self.placed.iter().flat_map(|it| &it.errors) {
            *errors.entry(kind.clone()).or_default() += 1;
        }
        errors
    }
}
