//! What came of a load, in numbers.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    domain::{OrderId, OrderStatus, Timestamp},
    order::OrderRecord,
};
use infra_gen::config::Environment;
use runtime::moment::Moment;
use serde::Serialize;

use super::random::RandomOrder;
use crate::{
    burst::{Burst, place::Placed, rate::Rate},
    statistics::{Latency, Share},
};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// From which system.
    pub environment: Environment,
    /// When.
    pub began_at: Timestamp,
    /// How many orders.
    pub count: usize,
    /// How many in a second.
    pub rate: Rate,
    /// From which seed the orders come.
    pub seed: u64,
    /// How many percent of them break a rule.
    pub invalid_percent: u8,
    /// For how many seconds their ends were waited for.
    pub timeout_seconds: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was asked for.
    #[serde(flatten)]
    pub asked: Asked,
    /// Whether somebody ended it early. What was not decided then is not lost.
    pub interrupted: bool,
    /// Orders that were placed.
    pub placed: usize,
    /// From the first order to the last answer.
    pub seconds: f64,
    /// How much later than planned an order was placed at worst: our own delay, not the API's.
    pub late_ms: f64,
    /// Orders that the API took.
    pub accepted: usize,
    /// Orders that it did not take, whatever we tried.
    pub not_taken: usize,
    /// Of those taken: done.
    pub fulfilled: usize,
    /// Of those taken: given up.
    pub failed: usize,
    /// Of those taken: broke a rule.
    pub rejected: usize,
    /// Of those taken: neither a record nor a running execution is left.
    pub lost: Vec<OrderId>,
    /// Of those taken: perhaps lost, as the table or their execution could not be read.
    pub unknown: Vec<OrderId>,
    /// Of those taken: on their way still when the time was over.
    pub processing: Vec<OrderId>,
    /// Of those taken: without an end when somebody ended it early. They go on by themselves.
    pub not_followed: usize,
    /// Orders that break a rule and were not rejected, or the reverse.
    pub misjudged: Vec<OrderId>,
    /// Calls of the API, repetitions included.
    pub calls: usize,
    /// Of those: throttled, by 429 or 503.
    pub throttled: usize,
    /// How often each error was answered, whatever came of the repetition.
    pub errors: BTreeMap<String, usize>,
    /// What went wrong with the last look at the table or the executions.
    pub problem: Option<String>,
    /// The calls of the API that took an order.
    pub call: Option<Latency>,
    /// From the moment an order was due until it was taken: refused calls and pauses included.
    pub until_taken: Option<Latency>,
    /// From taken to decided: `updated_at` minus `created_at` of the record.
    pub order_to_end: Option<Latency>,
    /// The share of fulfilled orders among those fulfilled or failed.
    pub fulfilment: Option<Share>,
    /// What the share is configured to be.
    pub configured: f64,
    /// Those that failed, each with a dead letter, or soon.
    #[serde(skip)]
    pub failed_orders: BTreeSet<OrderId>,
    /// What the latencies are made of.
    #[serde(skip)]
    pub samples: Samples,
}

/// Single measurements.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples {
    /// Milliseconds of each call that took an order.
    pub calls: Vec<f64>,
    /// Each order that came to its end.
    pub ends: Vec<End>,
}

/// An order that came to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// Seconds between the first order that was taken and this one.
    pub taken_after: f64,
    /// Milliseconds from taken to decided.
    pub took: f64,
    /// How it ended.
    pub status: OrderStatus,
}

impl Report {
    /// Reads it off what happened.
    pub fn of(asked: Asked, orders: &[RandomOrder], burst: &Burst, interrupted: bool) -> Self {
        let samples = Samples {
            calls: burst
                .placed
                .iter()
                .filter(|it| it.outcome.is_ok())
                .map(|it| it.call.as_secs_f64() * 1_000.0)
                .collect(),
            ends: ends(burst.records.values()),
        };
        let (fulfilled, failed) =
            (burst.with_status(OrderStatus::Fulfilled), burst.with_status(OrderStatus::Failed));
        let goes_on = |id: &OrderId, status: Option<OrderStatus>| {
            status.is_some() || burst.running.contains(id)
        };
        let (processing, others): (Vec<_>, Vec<_>) =
            burst.undecided().partition(|(id, status)| goes_on(id, *status));
        let (unknown, lost): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|(id, _)| burst.unknown.contains(*id));
        let ids = |found: Vec<(&OrderId, _)>| match interrupted {
            true => Vec::new(),
            false => found.into_iter().map(|(id, _)| id.clone()).collect(),
        };
        let taken = burst.placed.iter().filter(|it| it.outcome.is_ok());
        let until_taken: Vec<_> =
            taken.map(|it| it.answered_after.as_secs_f64() * 1_000.0).collect();
        let late = burst.placed.iter().map(|it| it.late).max().unwrap_or_default();
        let took: Vec<f64> = samples.ends.iter().map(|it| it.took).collect();
        Report {
            interrupted,
            placed: burst.placed.len(),
            seconds: burst.took.as_secs_f64(),
            late_ms: late.as_secs_f64() * 1_000.0,
            accepted: samples.calls.len(),
            not_taken: burst.placed.len() - samples.calls.len(),
            fulfilled,
            failed,
            rejected: burst.with_status(OrderStatus::Rejected),
            not_followed: if interrupted { burst.undecided().count() } else { 0 },
            lost: ids(lost),
            unknown: ids(unknown),
            processing: ids(processing),
            misjudged: misjudged(orders, burst),
            calls: burst.placed.iter().map(Placed::calls).sum(),
            throttled: burst.placed.iter().map(|it| it.throttled).sum(),
            errors: burst.errors(),
            problem: burst.problem.clone(),
            call: Latency::of(&samples.calls),
            until_taken: Latency::of(&until_taken),
            order_to_end: Latency::of(&took),
            fulfilment: Share::of(fulfilled, fulfilled + failed),
            configured: f64::from(asked.environment.config().fulfillment_rate.get()) / 100.0,
            failed_orders: failed_orders(burst),
            samples,
            asked,
        }
    }

    /// Whether every order was taken, judged rightly, and came to its end.
    pub fn good(&self) -> bool {
        self.lost.is_empty()
            && self.unknown.is_empty()
            && self.processing.is_empty()
            && self.misjudged.is_empty()
            && self.not_taken == 0
    }
}

fn ends<'a>(records: impl Iterator<Item = &'a OrderRecord>) -> Vec<End> {
    // A text without a moment has no place on a scale of time.
    let moments = records.filter(|it| it.status.is_final()).filter_map(|it| {
        Some((Moment::parse(&it.created_at)?, Moment::parse(&it.updated_at)?, it.status))
    });
    let moments: Vec<_> = moments.collect();
    let first = moments.iter().map(|(taken, ..)| *taken).min();
    let end = |&(taken, ended, status): &(Moment, Moment, OrderStatus)| End {
        taken_after: first.map_or(0.0, |first| taken.since(first).as_secs_f64()),
        took: ended.since(taken).as_secs_f64() * 1_000.0,
        status,
    };
    moments.iter().map(end).collect()
}

fn failed_orders(burst: &Burst) -> BTreeSet<OrderId> {
    let failed = burst.records.values().filter(|it| it.status == OrderStatus::Failed);
    failed.map(|it| it.order_id.clone()).collect()
}

fn misjudged(orders: &[RandomOrder], burst: &Burst) -> Vec<OrderId> {
    let wrong = burst.placed.iter().filter_map(|placed| {
        let order = placed.outcome.as_ref().ok()?;
        let status = burst.records.get(order)?.status;
        let rejected = status == OrderStatus::Rejected;
        (status.is_final() && rejected == orders.get(placed.number)?.valid).then(|| order.clone())
    });
    wrong.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
pub(super) mod tests;
