//! Benchmarks: `cargo xtask bench` measures the product next to the tools that a user would choose instead.
//!
//! Each part measures one thing and returns a [`report::Part`], which replaces that part in `bench/results.json`. The
//! page, its charts and the figures of `docs/performance.md` are then written from that file.

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

/// The parts, in the order in which they run and are shown: first what a developer waits for. To add a part, add a file
/// and a line here.
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

/// Options of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The parts to measure. Default: all of them.
    #[arg(value_parser = PossibleValuesParser::new(PARTS.iter().map(|it| it.0)))]
    parts: Vec<String>,
    /// Measure few rounds, and leave out runs that take minutes. Use it to check that the measurements work.
    #[arg(long)]
    quick: bool,
    /// Measure nothing. Write the page, the charts and the figures of `docs/performance.md` from the stored results.
    #[arg(long, conflicts_with_all = ["parts", "quick"])]
    draw: bool,
    /// Measure nothing. Check that CDK and cdktn write the same resources as `generated/dev`.
    #[arg(long, conflicts_with_all = ["parts", "quick", "draw"])]
    peers: bool,
}

/// Measures, prints each bound, and writes the results and the page. Returns whether every bound is kept.
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
            "cdktn writes the {} resources of generated/dev; CDK writes the same topology with {} resources",
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
        let part =
            measure(&setting).with_context(|| format!("measuring the part {name:?} failed"))?;
        say!("{}", page::terminal(&part));
        say!("  measured in {:.0} s", begin.elapsed().as_secs_f64());
        kept &= part.bounds.iter().all(|it| it.kept());
        // The report is written after each part, so that a later failure does not lose minutes of measurement. It is
        // read again each time, because another run may have written its part meanwhile.
        let mut report = Report::read(&setting.workspace.root)?;
        report.parts.insert((*name).to_owned(), part);
        report.write(&setting.workspace.root)?;
        page::write(&setting.workspace.root, &report)?;
    }
    let quoting = quoted::QUOTING;
    say!("written: bench/results.json, bench/README.md, bench/charts, the figures in {quoting}");
    Ok(kept)
}
