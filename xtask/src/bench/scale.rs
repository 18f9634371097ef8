//! Measures how time and memory grow if the topology is written many times in one tree.

mod growth;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use serde::Deserialize;

use self::growth::Growth;
use super::{
    files,
    measure::{Costs, Subject, Warmup, rounds},
    peers,
    report::{Bound, Part, Row, Samples, Table, Unit},
    same,
    setting::Setting,
};

/// The numbers of copies, each with its number of rounds. A run that takes minutes gets few.
const COPIES: [(usize, usize); 4] = [(1, 5), (10, 5), (100, 3), (1_000, 2)];

/// The largest number of copies for CDK, which takes minutes for more. A quick run ends there, too.
const MOST_BY_CDK: usize = 100;

/// The output of the example `scale` for a run.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Outcome {
    copies: usize,
    resources: u64,
    files: u64,
    bytes: u64,
    phases: Phases,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Phases {
    topology_ms: f64,
    render_ms: f64,
    check_ms: f64,
    write_ms: f64,
}

impl Outcome {
    pub(crate) fn read(line: &str) -> anyhow::Result<Self> {
        serde_json::from_str(line).context("the output of `scale` has another form than expected")
    }

    /// The shares of the time, as text.
    pub(crate) fn profile(&self) -> String {
        let Phases { topology_ms, render_ms, check_ms, write_ms } = self.phases;
        let phases = [
            ("the topology", topology_ms),
            ("rendering", render_ms),
            ("checks", check_ms),
            ("writing", write_ms),
        ];
        let told = phases.map(|(name, it)| format!("{} for {name}", Unit::Seconds.tell(it / 1e3)));
        told.join(", ")
    }
}

/// The measurements with one number of copies.
struct Measured {
    ours: Costs,
    outcome: Outcome,
    cdktn: Costs,
    cdk: Option<Costs>,
    cdktn_bytes: u64,
}

/// Measures it.
pub(crate) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut part = setting.part(
        "DOFS (dev) 1, 10, 100 and 1,000 times in one tree, with all checks on, compared with cdktn and CDK with as many \
         copies. The ratios show which costs grow faster than the number of copies. All write into memory, where the system \
         has files in memory: the time of a disk depends on what it did before.",
    )?;
    let (node, cdktn) = (peers::node()?, peers::CDKTN.install(&setting.workspace)?);
    let cdk = peers::CDK.install(&setting.workspace)?;
    let same = same::topology(setting, &cdktn, &cdk)?;
    let programs = setting.infra_gen()?;
    let trees = setting.folder_in_memory("scale")?;
    let folder = trees.path();
    let mut all = Vec::new();
    let most = if setting.quick { MOST_BY_CDK } else { usize::MAX };
    for (copies, full) in COPIES.into_iter().filter(|it| it.0 <= most) {
        say!("  copies: {copies}");
        let out = |name: &str| folder.join(format!("{name}-{copies}"));
        let (ours, theirs): (PathBuf, PathBuf) = (out("infra-gen"), out("cdktn"));
        let synth = |peer: &peers::Installed, out: &Path| {
            let mut command = peer.synth(copies, out);
            // Node's heap has a default limit, by which a peer must not fail.
            command.env("NODE_OPTIONS", "--max-old-space-size=8192");
            command.env("CDK_VALIDATION", "false");
            command
        };
        let mut subjects = vec![
            infra_gen(&programs.scale, copies, &ours).times(7),
            Subject::new("cdktn", || synth(&cdktn, &theirs))
                .prepared(|| Ok(files::remove(&theirs)?)),
        ];
        if copies <= MOST_BY_CDK {
            subjects.push(Subject::new("CDK without its validator", || synth(&cdk, &out("cdk"))));
        }
        let warmup = if copies < 100 { Warmup::Once } else { Warmup::None };
        let mut costs = rounds(&subjects, setting.rounds(full, 1), warmup)?.into_iter();
        let mut next = || costs.next().context("a subject was not measured");
        let (of_ours, of_cdktn) = (next()?, next()?);
        let outcome = Outcome::read(of_ours.stdout())?;
        anyhow::ensure!(outcome.copies == copies, "`scale` wrote {} copies", outcome.copies);
        let written = files::bytes(&ours)?;
        anyhow::ensure!(
            outcome.bytes == written,
            "`scale` reported {} bytes, and wrote {written}",
            outcome.bytes
        );
        let cdktn_bytes = files::bytes(&theirs)?;
        all.push(Measured {
            ours: of_ours,
            outcome,
            cdktn: of_cdktn,
            cdk: costs.next(),
            cdktn_bytes,
        });
    }
    part.tables = tables(&all);
    part.headline = headline(all.last().context("nothing was measured")?);
    let of = |copies| all.iter().find(|it| it.outcome.copies == copies);
    match of(100).zip(of(1_000)) {
        Some((hundred, thousand)) => {
            let growth = Growth::measure(&programs.scale, folder)?;
            part.tables.push(growth.table());
            part.bounds = bounds(thousand, &growth);
            part.notes.push(growth.note(median(&thousand.ours) / median(&hundred.ours)));
        }
        None => {
            part.notes.push("A quick run has no 1,000 copies, so no bound is checked.".to_owned())
        }
    }
    part.versions.extend([
        ("node".to_owned(), node),
        ("cdktn".to_owned(), cdktn.version.clone()),
        ("aws-cdk-lib".to_owned(), cdk.version.clone()),
    ]);
    part.notes.extend(all.iter().map(|it| {
        format!(
            "{}: {} resources and data sources in {} files; the last run took {}.",
            copies(it),
            Unit::Count.tell(it.outcome.resources as f64),
            Unit::Count.tell(it.outcome.files as f64),
            it.outcome.profile()
        )
    }));
    part.notes.push(format!(
        "A copy is {} resources for infra-gen and for cdktn, where policies are texts and no data sources, and {} in \
         CloudFormation's words; this is compared type by type before anything is measured.",
        same.ours, same.cdk
    ));
    part.notes.push(
        "CDK is not measured with 1,000 copies, because each run takes minutes. A template may hold 500 resources, so \
         it writes one stack for each copy."
            .to_owned(),
    );
    Ok(part)
}

/// The generator, which writes so many copies into a new folder.
fn infra_gen<'a>(scale: &'a Path, copies: usize, out: &'a Path) -> Subject<'a> {
    let command = move || {
        let mut command = Command::new(scale);
        command.args(["--env", "dev", "--copies", &copies.to_string(), "--out"]).arg(out);
        command
    };
    Subject::new("infra-gen", command).prepared(move || Ok(files::remove(out)?))
}

/// The number of copies as text.
fn copies(it: &Measured) -> String {
    match it.outcome.copies {
        1 => "1 copy".to_owned(),
        copies => format!("{} copies", Unit::Count.tell(copies as f64)),
    }
}

fn headline(largest: &Measured) -> String {
    format!(
        "{} of DOFS in one tree, {} resources and data sources with all checks on, take {}: {} as fast as cdktn, \
         with {} of memory for {} of output.",
        copies(largest),
        Unit::Count.tell(largest.outcome.resources as f64),
        Unit::Seconds.tell(largest.ours.wall().median),
        Unit::Times.tell(largest.cdktn.wall().median / largest.ours.wall().median),
        Unit::Bytes.tell(largest.ours.peak().median),
        Unit::Bytes.tell(largest.outcome.bytes as f64),
    )
}

fn tables(all: &[Measured]) -> Vec<Table> {
    let compared = |title: &str, unit, of: fn(&Costs) -> Samples| {
        let rows = all.iter().flat_map(|it| {
            let costs = [Some(&it.ours), Some(&it.cdktn), it.cdk.as_ref()];
            costs
                .into_iter()
                .flatten()
                .map(|costs| Row::new(costs.label.clone(), of(costs)).within(copies(it)))
        });
        Table::new(title, unit, rows.collect())
    };
    let output = all.iter().flat_map(|it| {
        let sizes = [("infra-gen", it.outcome.bytes), ("cdktn", it.cdktn_bytes)];
        sizes.map(|(label, bytes)| Row::new(label, Samples::once(bytes as f64)).within(copies(it)))
    });
    vec![
        compared("Copies in one tree: time", Unit::Seconds, Costs::wall),
        compared("Copies in one tree: processor time", Unit::Seconds, Costs::cpu),
        compared("Copies in one tree: peak memory", Unit::Bytes, Costs::peak),
        Table::new("Copies in one tree: output", Unit::Bytes, output.collect()),
    ]
}

fn median(costs: &Costs) -> f64 {
    costs.wall().median
}

fn bounds(thousand: &Measured, growth: &Growth) -> Vec<Bound> {
    let faster = median(&thousand.cdktn) / median(&thousand.ours);
    let memory = thousand.ours.peak().median / thousand.outcome.bytes as f64;
    let profile = format!("1,000 copies took {}", thousand.outcome.profile());
    let faster = Bound::at_least("faster than cdktn, 1,000 copies", faster, 50.0, Unit::Times);
    let memory = Bound::at_most(
        "peak memory to the size of the output, 1,000 copies",
        memory,
        4.0,
        Unit::Times,
    );
    vec![faster.profile(profile.clone()), growth.bound(), memory.profile(profile)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_from_the_last_line() {
        let line = r#"{"copies":1,"resources":82,"files":20,"bytes":160000,
            "phases":{"topology_ms":0.9,"render_ms":3.1,"check_ms":5.25,"write_ms":1200.0}}"#;
        let outcome = Outcome::read(line).unwrap();
        assert_eq!(
            outcome.profile(),
            "900 µs for the topology, 3.10 ms for rendering, 5.25 ms for checks, 1.20 s for writing"
        );
        assert!(Outcome::read("no JSON").unwrap_err().to_string().contains("scale"));
    }
}
