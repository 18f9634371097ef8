//! Measures how many seeds of the simulation run in a second.

use std::process::Command;

use anyhow::Context as _;
use serde_json::json;

use super::{
    measure,
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
};
use crate::{simulate::PROFILE, workspace::said};

/// The bound: the least number of seeds in a second, on all cores.
const SEEDS: f64 = 4_000.0;

/// Measures.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut cargo = processes::cargo::command();
    cargo.current_dir(&setting.workspace.root);
    cargo.args(["build", "--locked", "--profile", PROFILE]);
    cargo.args(["--package", "simulation", "--bin", "simulate"]);
    say!("  building the simulation");
    said(cargo)?;
    let program = setting.workspace.target.join(PROFILE).join("simulate");
    let work = setting.folder("simulate");
    let mut part = setting.part(
        "`cargo xtask simulate`: orders with faults at every call boundary, all invariants checked at every step, a \
         world for each seed, on all cores.",
    )?;
    let (rounds, seconds) = (setting.rounds(5, 2), setting.rounds(20, 3));
    let paces = (0..rounds).map(|round| {
        let job = json!({
            // Each round has other seeds, which are the same in each run.
            "first": round * 10_000_000, "last": u64::MAX, "seconds": seconds,
            "keep": work.join("seeds.txt"), "running": work.join("running"),
        });
        let told = measure::run(Command::new(&program).arg(job.to_string()))?.stdout;
        pace(&told).with_context(|| format!("the simulation printed no pace:\n{told}"))
    });
    let paces: Vec<f64> = paces.collect::<anyhow::Result<_>>()?;
    let pace = Samples::of(&paces).context("no round was run")?;
    part.tables = vec![Table::new(
        "Seeds in a second",
        Unit::PerSecond,
        vec![Row::new("cargo xtask simulate", pace)],
    )];
    part.bounds =
        vec![Bound::at_least("seeds of the simulation", pace.median, SEEDS, Unit::PerSecond)];
    part.headline = format!(
        "The simulation plays {} seeds a second through our code, on {} cores.",
        Unit::Count.tell(pace.median.round()),
        part.machine.cores,
    );
    Ok(part)
}

/// Reads the seeds in a second from a line such as `8000 seeds in 3.0 s: 2667 seeds/s, …`.
fn pace(told: &str) -> Option<f64> {
    let line = told.lines().find(|it| it.contains(" seeds/s"))?;
    let (count, rest) = line.split_once(" seeds in ")?;
    let (seconds, _) = rest.split_once(" s: ")?;
    Some(count.parse::<f64>().ok()? / seconds.parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_read_from_the_output() {
        let told = "\n8000 seeds in 4.0 s: 2000 seeds/s, 12 faults\norders: 3 FULFILLED\n";
        assert_eq!(pace(told), Some(2_000.0));
        assert_eq!(pace("orders: 3 FULFILLED\n"), None);
    }
}
