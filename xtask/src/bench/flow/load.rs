//! Runs `dofs load`, and reads its results.

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::processes::Taken;
use crate::bench::{
    measure,
    report::{Row, Samples},
    system::{Dofs, System},
};

/// The number of orders and their rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Orders {
    pub(super) count: usize,
    pub(super) in_a_second: u32,
}

/// The results of a load.
pub(super) struct Load {
    pub(super) orders: Orders,
    pub(super) report: Report,
    pub(super) taken: Taken,
    /// Seconds of processors that `dofs load` took.
    load: f64,
}

/// The part of the output of `dofs load` that is used here.
#[derive(Deserialize)]
pub(super) struct Report {
    fulfilled: usize,
    failed: usize,
    pub(super) throttled: usize,
    pub(super) call: Latency,
    pub(super) order_to_end: Latency,
}

#[derive(Deserialize)]
pub(super) struct Latency {
    count: usize,
    pub(super) p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

impl Load {
    /// Places orders, and waits for their ends.
    pub(super) fn place(dofs: &Dofs, system: &System, orders: Orders) -> anyhow::Result<Self> {
        let (count, rate) = (orders.count.to_string(), orders.in_a_second.to_string());
        let mut command =
            dofs.command(&["load", "--seed", "7", "--count", &count, "--rate", &rate]);
        let before = Taken::below(system.id())?;
        let cost = measure::run(&mut command)?;
        let taken = Taken::below(system.id())?.since(before);
        let report: Report = serde_json::from_str(&cost.stdout).with_context(|| {
            format!("the output of `dofs load` has another form than expected:\n{}", cost.stdout)
        })?;
        let decided = report.fulfilled + report.failed;
        ensure!(decided == orders.count, "of {} orders, {decided} were decided", orders.count);
        Ok(Load { orders, report, taken, load: cost.cpu })
    }

    /// The share of one order in the use of all orders.
    pub(super) fn of_one(&self, seconds: f64) -> f64 {
        seconds / self.orders.count as f64
    }

    /// Returns the processor time of one order, by process.
    pub(super) fn shares(&self) -> Vec<Row> {
        let row = |label: &str, seconds: f64| Row::new(label, Samples::once(self.of_one(seconds)));
        vec![
            row("our functions", self.taken.functions),
            row("the emulated AWS", self.taken.emulator),
            row("dofs load", self.load),
        ]
    }
}

impl Latency {
    /// Returns its percentiles and the figure of the first DOFS, in seconds.
    pub(super) fn rows(&self, reported: f64) -> Vec<Row> {
        let row = |label: &str, millis: f64| Row::new(label, Samples::once(millis / 1e3));
        vec![
            row(&format!("half of {}", self.count), self.p50_ms),
            row("nine in ten", self.p90_ms),
            row("99 in a hundred", self.p99_ms),
            row("the longest", self.max_ms),
            row("the first DOFS, reported", reported * 1e3),
        ]
    }
}
