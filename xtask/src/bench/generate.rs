//! Measures generating the files, compared with the same topology in cdktn and in the AWS CDK, and with copying the
//! same files.

use std::{path::Path, process::Command};

use anyhow::Context as _;
use serde::Deserialize;

use super::{
    files,
    measure::{self, Costs, Subject, Warmup, rounds},
    peers,
    report::{Bound, Part, Row, Samples, Table, Unit},
    same::{self, Totals},
    scale::Outcome,
    setting::{Programs, Setting},
};

/// The generated files: those of the smallest and of the largest environment, or all. The smallest is
/// the environment that the peers write, too.
const TREES: [Tree; 3] = [
    Tree { name: "dev", arguments: &["--env", "dev"] },
    Tree { name: "prod", arguments: &["--env", "prod"] },
    Tree { name: "everything", arguments: &[] },
];

struct Tree {
    name: &'static str,
    arguments: &'static [&'static str],
}

/// The subjects of one tree.
struct Measured {
    empty: Costs,
    up_to_date: Costs,
    floor: Costs,
    bytes: u64,
}

/// Measures it.
pub(crate) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut part = setting.part(
        "infra-gen, built by the profile `deploy`, writes DOFS, with all its checks, compared with the same resources (dev) in \
         cdktn and in the AWS CDK, both compiled to JavaScript before, and with `cp -r` of the same files that \
         infra-gen writes. All write into memory, where the system has files in memory: the time of a disk depends on what it \
         did before.",
    )?;
    let (node, cdktn) = (peers::node()?, peers::CDKTN.install(&setting.workspace)?);
    let cdk = peers::CDK.install(&setting.workspace)?;
    let same = same::topology(setting, &cdktn, &cdk)?;
    let programs = setting.infra_gen()?;
    let trees = setting.folder_in_memory("generate")?;
    let folder = trees.path();
    for tree in &TREES {
        let mut command = infra_gen(&programs, tree, &folder.join(tree.name).join("source"));
        measure::run(&mut command)?;
    }

    let synth = |peer: &peers::Installed, out: &str| peer.synth(1, &folder.join(out));
    let mut subjects = Vec::new();
    for tree in &TREES {
        subjects.extend(of_tree(&programs, tree, folder));
    }
    for (label, more) in [("with its checks", None), ("without checks", Some("--without-checks"))] {
        let (scale, out) = (&programs.scale, folder.join("one copy"));
        let again = out.clone();
        let command = move || {
            let mut command = Command::new(scale);
            command.args(["--env", "dev", "--copies", "1"]).args(more).arg("--out").arg(&out);
            command
        };
        let subject = Subject::new(format!("infra-gen {label}"), command).times(3);
        subjects.push(subject.prepared(move || Ok(files::remove(&again)?)));
    }
    let start = || {
        let mut command = Command::new(&programs.infra_gen);
        command.arg("--version");
        command
    };
    subjects.push(Subject::new("infra-gen --version", start).times(3));
    subjects.push(Subject::new("cdktn", || synth(&cdktn, "cdktn")));
    subjects.push(Subject::new("CDK without its validator", || {
        let mut command = synth(&cdk, "cdk");
        command.env("CDK_VALIDATION", "false");
        command
    }));
    subjects.push(Subject::new("CDK", || synth(&cdk, "cdk-validated")));
    let mut costs = rounds(&subjects, setting.rounds(7, 2), Warmup::Once)?.into_iter();
    let mut next = || costs.next().context("a subject was not measured");

    let mut of_trees = Vec::new();
    for tree in &TREES {
        let (empty, up_to_date, floor) = (next()?, next()?, next()?);
        let bytes = files::bytes(&folder.join(tree.name).join("source"))?;
        of_trees.push(Measured { empty, up_to_date, floor, bytes });
    }
    let [dev, prod, all] = &of_trees[..] else { anyhow::bail!("a tree was not measured") };
    let (checked, unchecked, started) = (next()?, next()?, next()?);
    let (by_cdktn, by_cdk, by_cdk_validated) = (next()?, next()?, next()?);

    // This topology is larger than the peers', so it is listed with them, and has no bound.
    let larger = prod.empty.named("prod: infra-gen");
    let compared = [&dev.empty, &by_cdktn, &by_cdk, &by_cdk_validated, &larger];
    part.tables.extend(measure::tables("One environment", &compared));
    part.tables.push(output(folder, dev, prod)?);
    part.tables.push(floors(&TREES, [dev, prod, all]));
    part.tables.push(Table::new(
        "The time of the checks, and of the start",
        Unit::Seconds,
        [&unchecked, &checked, &started].map(|it| Row::new(it.label.clone(), it.wall())).into(),
    ));

    let median = |it: &Costs| it.wall().median;
    let times = |it: &Costs| median(it) / median(&dev.empty);
    let least = by_cdktn.peak().median.min(by_cdk.peak().median);
    let where_time_goes = format!(
        "one copy took {}; {} are the start of the program",
        Outcome::read(checked.stdout())?.profile(),
        Unit::Seconds.tell(median(&started))
    );
    let where_memory_goes = format!(
        "{} are there once the program has started",
        Unit::Bytes.tell(started.peak().median)
    );
    let more =
        |what: &str, value: f64, limit: f64| Bound::at_least(what, value, limit, Unit::Times);
    let less = |what: &str, value: f64, limit: f64| Bound::at_most(what, value, limit, Unit::Times);
    part.bounds = vec![
        more("faster than cdktn, one environment", times(&by_cdktn), 40.0)
            .profile(&where_time_goes),
        more("faster than CDK without its validator, one environment", times(&by_cdk), 80.0)
            .profile(&where_time_goes),
        more("less peak memory than the smaller peer", least / dev.empty.peak().median, 8.0)
            .profile(where_memory_goes),
        less("time to `cp -r` of the same output, one environment", 1.0 / times(&dev.floor), 4.0)
            .profile(&where_time_goes),
        less(
            "time to `cp -r` of the same output, everything",
            median(&all.empty) / median(&all.floor),
            4.0,
        )
        .profile(&where_time_goes),
    ];

    part.headline = format!(
        "`infra-gen --env dev` writes its checked files in {}: {} as fast as cdktn with the same resources, {} as \
         fast as CDK without its validator, in {} of memory compared with {} and {}.",
        Unit::Seconds.tell(median(&dev.empty)),
        Unit::Times.tell(times(&by_cdktn)),
        Unit::Times.tell(times(&by_cdk)),
        Unit::Bytes.tell(dev.empty.peak().median),
        Unit::Bytes.tell(by_cdktn.peak().median),
        Unit::Bytes.tell(by_cdk.peak().median),
    );
    part.versions.extend([
        ("node".to_owned(), node),
        ("cdktn".to_owned(), cdktn.version.clone()),
        ("aws-cdk-lib".to_owned(), cdk.version.clone()),
    ]);
    part.notes = notes(&programs, folder, same)?;
    Ok(part)
}

fn infra_gen(programs: &Programs, tree: &Tree, out: &Path) -> Command {
    let mut command = Command::new(&programs.infra_gen);
    command.args(tree.arguments).arg("--out").arg(out);
    command
}

/// Three subjects: writing into an empty folder, writing into a folder that is up to date, and copying the same files with `cp -r`.
fn of_tree<'a>(programs: &'a Programs, tree: &'a Tree, folder: &Path) -> [Subject<'a>; 3] {
    let (source, empty) =
        (folder.join(tree.name).join("source"), folder.join(tree.name).join("empty"));
    let copy = folder.join(tree.name).join("copy");
    let (fresh, no_copy, name) = (empty.clone(), copy.clone(), tree.name);
    let up_to_date = source.clone();
    [
        Subject::new(format!("infra-gen, {name}"), move || infra_gen(programs, tree, &empty))
            .prepared(move || Ok(files::empty(&fresh)?)),
        Subject::new(format!("infra-gen, {name}, up to date"), move || {
            infra_gen(programs, tree, &up_to_date)
        }),
        Subject::new(format!("cp -r, {name}"), move || {
            let mut command = Command::new("cp");
            command.arg("-r").args([&source, &copy]);
            command
        })
        .prepared(move || Ok(files::remove(&no_copy)?)),
    ]
    .map(|it| it.times(3))
}

fn output(folder: &Path, dev: &Measured, prod: &Measured) -> anyhow::Result<Table> {
    let size = |out: &str| Ok::<_, anyhow::Error>(files::bytes(&folder.join(out))? as f64);
    let rows = [
        ("infra-gen, dev", dev.bytes as f64),
        ("cdktn", size("cdktn")?),
        ("CDK", size("cdk")?),
        ("prod: infra-gen", prod.bytes as f64),
    ];
    let rows = rows.map(|(label, bytes)| Row::new(label, Samples::once(bytes)));
    Ok(Table::new("One environment: output", Unit::Bytes, rows.into()))
}

/// The time of infra-gen, compared with the time of a copy.
fn floors(trees: &[Tree], measured: [&Measured; 3]) -> Table {
    let mut rows = Vec::new();
    for (tree, it) in trees.iter().zip(measured) {
        let group = format!("{}, {}", tree.name, Unit::Bytes.tell(it.bytes as f64));
        let of = [
            ("cp -r", &it.floor),
            ("infra-gen, empty folder", &it.empty),
            ("infra-gen, up to date", &it.up_to_date),
        ];
        rows.extend(of.map(|(label, costs)| Row::new(label, costs.wall()).within(group.clone())));
    }
    Table::new("Compared with a copy of the same files", Unit::Seconds, rows).over_floor()
}

/// The output of infra-gen about the files that it wrote.
#[derive(Deserialize)]
struct Written {
    roots: Vec<Root>,
}

#[derive(Deserialize)]
struct Root {
    name: String,
    resources: usize,
}

fn notes(programs: &Programs, folder: &Path, same: Totals) -> anyhow::Result<Vec<String>> {
    let mut command = infra_gen(programs, &TREES[2], &folder.join("everything/source"));
    let told = measure::run(command.args(["--format", "json"]))?.stdout;
    let written: Written = serde_json::from_str(&told)
        .context("the output of infra-gen has another form than expected")?;
    let resources =
        |name: &str| written.roots.iter().find(|it| it.name == name).map_or(0, |it| it.resources);
    let all: usize = written.roots.iter().map(|it| it.resources).sum();
    let own = measure::run(&mut Command::new("true"))?.peak;
    Ok(vec![
        format!(
            "The peers write dev. infra-gen and cdktn write the same {} resources, and CDK writes them as {}: a \
             method of an API has its integration in it there, a queue its redrive policies, and a function's version \
             is a resource. This is compared type by type before anything is measured.",
            same.ours, same.cdk
        ),
        format!(
            "infra-gen writes {} resources for prod, with firewall, API keys and customer keys, and {all} in all.",
            resources("prod")
        ),
        "cdktn checks that Terraform is new enough for the used features, and checks no resource. CDK checks its template \
         by a validator in WebAssembly, which `CDK_VALIDATION=false` turns off."
            .to_owned(),
        format!(
            "No peak is below {}: the program that starts the others has that much memory, and the \
             kernel counts it.",
            Unit::Bytes.tell(own)
        ),
    ])
}
