//! Compares each function, as packed for Lambda, with the same function on Node.js: the time to start and to answer,
//! the memory, and the size of the zip.
//!
//! Both run as processes with the same runtime API, and call the same services, which answer immediately.

mod aws;
mod environment;
mod event;
mod http;
mod instructions;
mod lambda;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};

use self::{environment::Environment, event::Event, lambda::Lambda};
use super::{
    peers::{self, LAMBDA_NODE},
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
};
use crate::{
    instructions::valgrind::Valgrind,
    package::{self, Packed},
};

/// The bounds: how many times as long Node.js must take to start at least, how many times as much memory it must use,
/// and the largest zip.
const TIMES_TO_START: f64 = 12.0;
const TIMES_MEMORY: f64 = 8.0;
const ZIP: f64 = 5e6;
/// The calls before the first one that is measured, because Node.js compiles code that runs often.
const WARMUP: usize = 100;

/// A function in Rust or on Node.js.
struct Subject {
    program: PathBuf,
    arguments: Vec<PathBuf>,
    folder: PathBuf,
}

/// The measurements of one side: a figure for each start, or for each round of calls.
#[derive(Debug, Default)]
struct Seen {
    init: Vec<f64>,
    first: Vec<f64>,
    cpu: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    peak: Vec<f64>,
}

/// The figures of one kind.
type Figures = fn(&Seen) -> &[f64];

/// Measures.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let node = peers::node()?;
    let valgrind = Valgrind::find(&setting.workspace.target)?;
    let peer = LAMBDA_NODE.install(&setting.workspace)?;
    let functions = package::for_this_machine(&setting.folder("functions"))?;

    let lambda = Lambda::listen()?;
    let environment = Environment::calling(aws::listen()?);
    let mut part = setting.part(
        "Each function as it is packed, compared with the same function on Node with AWS's SDK and runtime client, \
         under one runtime API and with services that answer immediately.",
    )?;
    part.versions
        .extend([("node".to_owned(), node), ("aws-lambda-ric".to_owned(), peer.version.clone())]);
    let mut tables: Vec<_> =
        KINDS.iter().map(|(title, unit, _)| Table::new(*title, *unit, Vec::new())).collect();
    let mut counted = BTreeMap::new();
    for function in &functions {
        say!("  {}", function.binary);
        let event = event::of(function.binary);
        let sides = [ours(function, setting), on_node(function.binary, &peer.folder)];
        let seen = compare(&lambda, &environment, &sides, &event, setting)
            .with_context(|| function.binary.to_owned())?;
        for (table, (_, _, of)) in tables.iter_mut().zip(KINDS) {
            table.rows.extend(rows(function.binary, &seen, *of));
        }
        part.bounds.extend(bounds(function.binary, &seen));
        let instructions =
            instructions::count(&valgrind, &lambda, &environment, &function.program, &event)?;
        counted.insert(function.binary, instructions);
    }
    let zips = functions.iter().map(|it| Row::new(it.binary, Samples::once(it.zip))).collect();
    tables.push(Table::new("Zip", Unit::Bytes, zips));
    let starts = counted.iter().map(|(name, it)| (name, "start", it.init));
    let calls = counted.iter().map(|(name, it)| (name, "warm call", it.call));
    let instructions = starts.chain(calls);
    let instructions = instructions
        .map(|(name, of, count)| Row::new(*name, Samples::once(count)).within(of))
        .collect();
    tables.push(Table::new("Instructions", Unit::Instructions, instructions));
    part.tables = tables;
    for function in &functions {
        let what = format!("{}: the zip", function.binary);
        part.bounds.push(Bound::at_most(what, function.zip, ZIP, Unit::Bytes));
    }
    part.headline = headline(&part, &functions);
    part.notes.extend(NOTES.iter().map(|it| (*it).to_owned()));
    Ok(part)
}

/// The worst figure of each bound over all functions.
fn headline(part: &Part, functions: &[Packed]) -> String {
    let least = |asked: &str| {
        let values = part.bounds.iter().filter(|it| it.what.ends_with(asked)).map(|it| it.value);
        Unit::Times.tell(values.fold(f64::INFINITY, f64::min))
    };
    let starts = part.tables.iter().filter(|it| it.title == KINDS[0].0);
    let ours = starts.flat_map(Table::groups).filter_map(|(_, rows)| rows.first().copied());
    let slowest = ours.map(|it| it.samples.median).fold(0.0, f64::max);
    format!(
        "Each of the functions starts within {}: at least {} as fast as on Node, in a memory at least {} smaller, from \
         zips of {} at most.",
        Unit::Seconds.tell(slowest),
        least(START),
        least(MEMORY),
        Unit::Bytes.tell(functions.iter().map(|it| it.zip).fold(0.0, f64::max)),
    )
}

/// The bounds of a function, compared with Node.js.
const START: &str = "Node's time to start, divided by ours";
const MEMORY: &str = "Node's memory, divided by ours";

const NOTES: &[&str] = &[
    "Start: from the new process to its first call for an event. First answer: from the new process to the answer \
     of its first event. Warm: from an event to its answer.",
    "Ours open their connections and ask each service a first question while they start; Node's SDK does so \
     with the first event. Connections are plain HTTP for both, so TLS is not in these figures.",
    "The functions on Node do less: no idempotence, no logs, no metrics, one write where ours reads, decides and \
     writes.",
    "Memory is the most that the process held, after all warm calls. Instructions are counted by callgrind: \
     what else the machine does cannot change them.",
];

fn ours(function: &Packed, setting: &Setting) -> Subject {
    Subject {
        program: function.program.clone(),
        arguments: Vec::new(),
        folder: setting.folder("functions"),
    }
}

fn on_node(function: &str, folder: &Path) -> Subject {
    Subject {
        program: "node".into(),
        arguments: vec![
            "node_modules/aws-lambda-ric/bin/index.mjs".into(),
            format!("{function}.handler").into(),
        ],
        folder: folder.to_owned(),
    }
}

impl Subject {
    fn command(&self, environment: &Environment) -> Command {
        let mut command = environment.around(Command::new(&self.program));
        command.args(&self.arguments).current_dir(&self.folder);
        // Node's runtime client reads these variables.
        command.env("LAMBDA_TASK_ROOT", &self.folder).env("_HANDLER", "measured.handler");
        command
    }
}

/// Starts both sides in turns, then lets both answer many events in turns.
fn compare(
    lambda: &Lambda,
    environment: &Environment,
    sides: &[Subject; 2],
    event: &Event,
    setting: &Setting,
) -> anyhow::Result<[Seen; 2]> {
    let mut seen = [Seen::default(), Seen::default()];
    // Files are in the page cache after the first start, which does not count.
    for start in 0..=setting.rounds(20, 3) {
        for (side, seen) in sides.iter().zip(&mut seen) {
            let mut function = lambda.start(side.command(environment))?;
            let init = function.init();
            let answer = function.invoke(event)?;
            let cpu = function.end()?;
            if start > 0 {
                seen.init.push(init.as_secs_f64());
                seen.first.push(answer.since_start.as_secs_f64());
                seen.cpu.push(cpu);
            }
        }
    }
    for _ in 0..setting.rounds(3, 1) {
        for (side, seen) in sides.iter().zip(&mut seen) {
            let mut function = lambda.start(side.command(environment))?;
            let mut took = Vec::new();
            for call in 0..WARMUP + setting.rounds(2_000, 200) {
                let answer = function.invoke(event)?;
                if call >= WARMUP {
                    took.push(answer.took.as_secs_f64());
                }
            }
            took.sort_by(f64::total_cmp);
            seen.p50.push(percentile(&took, 50)?);
            seen.p99.push(percentile(&took, 99)?);
            seen.peak.push(function.peak()?);
            function.end()?;
        }
    }
    Ok(seen)
}

/// Returns a percentile of figures in ascending order.
fn percentile(sorted: &[f64], percent: usize) -> anyhow::Result<f64> {
    ensure!(percent <= 100, "there is no percentile {percent}");
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().context("nothing was measured")
}

/// The kinds of figures, each with its table, which has a group for each function. The headline quotes the first one.
const KINDS: &[(&str, Unit, Figures)] = &[
    ("Start", Unit::Seconds, |it| &it.init),
    ("First answer", Unit::Seconds, |it| &it.first),
    ("Processor time to the first answer", Unit::Seconds, |it| &it.cpu),
    ("Warm call, median", Unit::Seconds, |it| &it.p50),
    ("Warm call, 99th percentile", Unit::Seconds, |it| &it.p99),
    ("Memory", Unit::Bytes, |it| &it.peak),
];

/// A function's rows in the table of one kind.
fn rows(function: &str, seen: &[Seen; 2], of: Figures) -> Vec<Row> {
    let sides = ["Rust", "Node"].into_iter().zip(seen);
    let rows =
        sides.filter_map(|(side, it)| Some(Row::new(side, Samples::of(of(it))?).within(function)));
    rows.collect()
}

/// The bounds of a function compared with Node's.
fn bounds(function: &str, seen: &[Seen; 2]) -> [Bound; 2] {
    let [ours, node] = seen;
    let ratio = |of: Figures| {
        let median = |it: &Seen| Samples::of(of(it)).map_or(f64::NAN, |it| it.median);
        median(node) / median(ours)
    };
    [
        Bound::at_least(
            format!("{function}: {START}"),
            ratio(|it| &it.init),
            TIMES_TO_START,
            Unit::Times,
        ),
        Bound::at_least(
            format!("{function}: {MEMORY}"),
            ratio(|it| &it.peak),
            TIMES_MEMORY,
            Unit::Times,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_figures_that_were_seen() {
        fn check(count: u32, percent: usize, expected: Option<f64>) {
            let sorted: Vec<f64> = (1..=count).map(f64::from).collect();
            assert_eq!(percentile(&sorted, percent).ok(), expected, "{count} {percent}");
        }
        check(0, 50, None);
        check(1, 50, Some(1.0));
        check(1, 99, Some(1.0));
        check(100, 50, Some(50.0));
        check(100, 99, Some(99.0));
        check(2_000, 99, Some(1_980.0));
        check(100, 101, None);
    }
}
