//! The results of a load test, in numbers.

use function_contract::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    domain::{OrderId, OrderStatus},
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

/// The options of a load test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// The environment.
    pub environment: Environment,
    /// When it started.
    pub began_at: Timestamp,
    /// How many orders.
    pub count: usize,
    /// How many orders per second.
    pub rate: Rate,
    /// The seed of the orders.
    pub seed: u64,
    /// The percentage of invalid orders.
    pub invalid_percent: u8,
    /// How many seconds it waited for decisions.
    pub timeout_seconds: u64,
}

/// The results of a load test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The options.
    #[serde(flatten)]
    pub asked: Asked,
    /// Whether it was interrupted. Orders that were undecided then do not count as lost.
    pub interrupted: bool,
    /// Orders that were placed.
    pub placed: usize,
    /// The time from the first order to the last answer.
    pub seconds: f64,
    /// The largest delay between an order's schedule and its first call. This delay is the command's own, not the API's.
    pub late_ms: f64,
    /// Orders that the API accepted.
    pub accepted: usize,
    /// Orders that it did not accept, even after retries.
    pub not_taken: usize,
    /// Accepted orders that were fulfilled.
    pub fulfilled: usize,
    /// Accepted orders that failed.
    pub failed: usize,
    /// Accepted orders that were rejected.
    pub rejected: usize,
    /// Accepted orders that have neither a record nor a running execution.
    pub lost: Vec<OrderId>,
    /// Accepted orders that are perhaps lost: the table or their execution could not be read.
    pub unknown: Vec<OrderId>,
    /// Accepted orders that were undecided at the end of the timeout.
    pub processing: Vec<OrderId>,
    /// Accepted orders that were undecided when the command was interrupted. The system continues with them.
    pub not_followed: usize,
    /// Invalid orders that were not rejected, and valid orders that were.
    pub misjudged: Vec<OrderId>,
    /// Calls of the API, including retries.
    pub calls: usize,
    /// Calls that were throttled, with 429 or 503.
    pub throttled: usize,
    /// How often the API answered with each error, even if a retry succeeded.
    pub errors: BTreeMap<String, usize>,
    /// The error of the last attempt to read the table or the executions.
    pub problem: Option<String>,
    /// The duration of the calls that were accepted.
    pub call: Option<Latency>,
    /// The time from an order's schedule to its acceptance, including refused calls and pauses.
    pub until_taken: Option<Latency>,
    /// The time from acceptance to decision: `updated_at` minus `created_at` of the record.
    pub order_to_end: Option<Latency>,
    /// The share of fulfilled orders among those fulfilled or failed.
    pub fulfilment: Option<Share>,
    /// The configured share.
    pub configured: f64,
    /// The failed orders. Each has a dead letter, or gets one soon.
    #[serde(skip)]
    pub failed_orders: BTreeSet<OrderId>,
    /// The measurements behind the latencies.
    #[serde(skip)]
    pub samples: Samples,
}

/// Single measurements.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples {
    /// The duration of each accepted call, in milliseconds.
    pub calls: Vec<f64>,
    /// Each decided order.
    pub ends: Vec<End>,
}

/// A decided order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// Seconds from the acceptance of the first order to that of this one.
    pub taken_after: f64,
    /// Milliseconds from acceptance to decision.
    pub took: f64,
    /// The decision.
    pub status: OrderStatus,
}

impl Report {
    /// Computes the report from the results of a burst.
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

    /// Whether every order was accepted, and decided as expected.
    pub fn good(&self) -> bool {
        self.lost.is_empty()
            && self.unknown.is_empty()
            && self.processing.is_empty()
            && self.misjudged.is_empty()
            && self.not_taken == 0
    }
}

fn ends<'a>(records: impl Iterator<Item = &'a OrderRecord>) -> Vec<End> {
    // Leave out records whose timestamps cannot be parsed.
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
