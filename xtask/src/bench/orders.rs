//! Measures how many orders in a second pass through the product's own code: without emulator, network and processes.
//!
//! The simulation runs the real handlers and the generated state machine in one process, with simulated services.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::{
    measure,
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
};
use crate::{simulate::PROFILE, workspace::said};

/// The bound: the least number of orders in a second, on all cores.
const ORDERS: f64 = 2_000.0;

/// The output of the simulation for one round.
#[derive(Debug, Deserialize)]
struct Round {
    orders: u64,
    seconds: f64,
    /// Seconds of a core for an order, by the name of the code.
    each: Vec<(String, f64)>,
}

/// Measures.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut cargo = processes::cargo::command();
    cargo.current_dir(&setting.workspace.root);
    cargo.args(["build", "--locked", "--profile", PROFILE]);
    cargo.args(["--package", "simulation", "--bin", "orders"]);
    say!("  building the simulation");
    said(cargo)?;
    let program = setting.workspace.target.join(PROFILE).join("orders");
    let mut part = setting.part(
        "Orders through our own code in one process: the handlers and the generated state machine, with simulated \
         services, on all cores.",
    )?;
    let rounds = (0..setting.rounds(7, 2)).map(|_| {
        let mut command = Command::new(&program);
        command.arg(setting.rounds(200, 20).to_string());
        let told = measure::run(&mut command)?.stdout;
        serde_json::from_str(&told).context("the simulation did not print a round")
    });
    add(&mut part, &rounds.collect::<anyhow::Result<Vec<_>>>()?)?;
    Ok(part)
}

/// Adds the figures of all rounds.
fn add(part: &mut Part, rounds: &[Round]) -> anyhow::Result<()> {
    let first = rounds.first().context("no round was run")?;
    ensure!(rounds.iter().all(|it| it.orders == first.orders), "rounds differ in their orders");
    let paces: Vec<f64> = rounds.iter().map(|it| it.orders as f64 / it.seconds).collect();
    let pace = Samples::of(&paces).context("no round was run")?;
    let mut codes = Vec::new();
    for (at, (code, _)) in first.each.iter().enumerate() {
        let each: Vec<f64> =
            rounds.iter().filter_map(|it| it.each.get(at)).map(|it| it.1).collect();
        codes.push(Row::new(code, Samples::of(&each).context("the simulation listed no code")?));
    }
    let all: f64 = codes.iter().map(|it| it.samples.median).sum();
    let shares = codes
        .iter()
        .map(|it| format!("{}: {:.0} % of the time", it.label, 100.0 * it.samples.median / all));
    let shares = shares.collect::<Vec<_>>().join("; ");
    let ours = codes.first().context("the simulation listed no code")?.samples.median;

    part.headline = format!(
        "In one process, with simulated services, our code decides {} orders a second on {} cores; an order takes {} \
         in our functions.",
        Unit::Count.tell(pace.median.round()),
        part.machine.cores,
        Unit::Seconds.tell(ours),
    );
    part.bounds = vec![
        Bound::at_least("orders through our own code", pace.median, ORDERS, Unit::PerSecond)
            .profile(shares),
    ];
    part.tables = vec![
        Table::new(
            "Orders decided in a second, on all cores",
            Unit::PerSecond,
            vec![Row::new("our own code", pace)],
        ),
        Table::new("The time of an order by code, on one core", Unit::Seconds, codes),
    ];
    part.notes = vec![
        format!(
            "A round is {} orders: a hundred customers in each simulated minute, each minute in a world of its own. \
             Some place their order twice under one key, and some look at it; orders fail at the rate of dev. No \
             call goes wrong.",
            Unit::Count.tell(first.orders as f64)
        ),
        "In the figure: the handlers from the JSON of an event to the JSON of an answer, the interpreter of the state \
         machine, what calls do to simulated tables, queues and executions, and every invariant after every step. The \
         build has all assertions and checks of overflow."
            .to_owned(),
        "Not in it: AWS, its SDK, HTTP, Lambda's runtime, the start of a process, logs and traces, the time that \
         calls and states wait: simulated time passes at once."
            .to_owned(),
        "The shares of the time are measured in separate rounds, because reading the clocks takes time, too.".to_owned(),
    ];
    Ok(())
}
