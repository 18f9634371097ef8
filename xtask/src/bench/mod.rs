//! Measures the product beside what a user would pick instead: `cargo xtask bench`.
//!
//! Each part measures one thing and gives a [`report::Part`]. It replaces that part in
//! `bench/results.json`; the page, its charts and the figures of `docs/performance.md` are then written anew from that file.

mod build;
mod chart;
mod files;
mod flow;
mod functions;
mod generate;
mod local;
mod measure;
mod orders;
mod page;
mod peers;
mod quoted;
mod report;
mod same;
mod scale;
mod setting;
mod simulate;
mod suite;
mod system;
mod terraform;

use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, builder::PossibleValuesParser};

use self::{
    report::{Part, Report},
    setting::Setting,
};
use crate::workspace::Workspace;

/// Measures one part.
type Measure = fn(&Setting) -> anyhow::Result<Part>;

/// The parts, in the order in which they run and are shown: first what lies between a thought and its answer. Another
/// one is a file and a line here.
const PARTS: &[(&str, Measure)] = &[
    ("suite", suite::measure),
    ("build", build::measure),
    ("local", local::measure),
    ("simulate", simulate::measure),
    ("orders", orders::measure),
    ("flow", flow::measure),
    ("terraform", terraform::measure),
    ("generate", generate::measure),
    ("scale", scale::measure),
    ("functions", functions::measure),
];

/// What `cargo xtask bench` is told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to measure. Without any: everything.
    #[arg(value_parser = PossibleValuesParser::new(PARTS.iter().map(|it| it.0)))]
    parts: Vec<String>,
    /// Few rounds and no run that takes minutes: it shows that the measurements work.
    #[arg(long)]
    quick: bool,
    /// Measures nothing, and writes the page, the charts and the figures of `docs/performance.md` anew.
    #[arg(long, conflicts_with_all = ["parts", "quick"])]
    draw: bool,
    /// Measures nothing, and compares what the peers write with what is generated for dev.
    #[arg(long, conflicts_with_all = ["parts", "quick", "draw"])]
    peers: bool,
}

/// Measures, prints each bound, and writes results and page. Says whether every bound is kept.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    if options.draw {
        page::write(&workspace.root, &Report::read(&workspace.root)?)?;
        return Ok(true);
    }
    measure::prepare(&workspace)?;
    let setting = Setting { workspace, quick: options.quick };
    if options.peers {
        let cdktn = peers::CDKTN.install(&setting.workspace)?;
        let cdk = peers::CDK.install(&setting.workspace)?;
        let same = same::topology(&setting, &cdktn, &cdk)?;
        say!(
            "cdktn writes the {} resources of generated/dev, and CDK the {} that they are there",
            same.ours,
            same.cdk
        );
        return Ok(true);
    }
    let mut kept = true;
    for (name, measure) in PARTS {
        if !options.parts.is_empty() && !options.parts.iter().any(|it| it == name) {
            continue;
        }
        say!("== {name}");
        let begin = Instant::now();
        let part = measure(&setting).with_context(|| format!("{name} cannot be measured"))?;
        say!("{}", page::terminal(&part));
        say!("  measured in {:.0} s", begin.elapsed().as_secs_f64());
        kept &= part.bounds.iter().all(|it| it.kept());
        // After each part, so that what was measured for minutes is not lost by what comes after it; and read
        // anew, since another run may have written its part meanwhile.
        let mut report = Report::read(&setting.workspace.root)?;
        report.parts.insert((*name).to_owned(), part);
        report.write(&setting.workspace.root)?;
        page::write(&setting.workspace.root, &report)?;
    }
    let quoting = quoted::QUOTING;
    say!("written: bench/results.json, bench/README.md, bench/charts, the figures in {quoting}");
    Ok(kept)
}
