//! Measures Terraform with the generated files, compared with the same resources in one module, and with cdktn's
//! output.

mod expression;
mod flat;
mod planned;
mod root;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fs_err as fs;
use infra_core::{render, tree::Tree};
use infra_gen::{config::Environment, topology};
use serde_json::{Value, json};

use self::root::{Machine, Root};
use super::{
    files,
    measure::{Costs, Subject, Warmup, rounds},
    peers,
    report::{Bound, Part, Row, Table, Unit},
    same,
    setting::Setting,
};

/// A set of files for Terraform.
struct Case {
    name: &'static str,
    environment: Environment,
    copies: usize,
    /// Whether it is applied. A case that is only planned takes no time of the emulator.
    applied: bool,
}

const CASES: [Case; 3] = [
    Case { name: "dev", environment: Environment::Dev, copies: 1, applied: true },
    Case { name: "prod", environment: Environment::Prod, copies: 1, applied: true },
    Case { name: "10 copies of dev", environment: Environment::Dev, copies: 10, applied: false },
];

/// The name of a root in the tables.
const MODULES: &str = "as generated";
const FLAT: &str = "the same in one module";
const CDKTN: &str = "cdktn";

/// The steps of a root, in this order. Each has its own rows.
const STEPS: [(&str, &[&str]); 4] = [
    (NEW, &["plan", "-input=false"]),
    ("apply", &["apply", "-input=false", "-auto-approve", "-parallelism=20"]),
    // With `-detailed-exitcode`, the command fails if the plan has changes.
    ("plan, nothing to do", &["plan", "-input=false", "-detailed-exitcode"]),
    ("plan, without a refresh", &["plan", "-input=false", "-detailed-exitcode", "-refresh=false"]),
];
const NEW: &str = "plan, from nothing";

/// The bound: the processor time of the modules, divided by that of one module.
const MORE: f64 = 1.15;

/// Measures.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut part = setting.part(
        "Terraform and the AWS provider, on the emulated AWS of this machine: with what is generated, with the same \
         resources in one module without a variable or an output between them, and with cdktn's output. Before \
         anything is measured, Terraform must plan the same values for every resource of the first two.",
    )?;
    let (node, cdktn) = (peers::node()?, peers::CDKTN.install(&setting.workspace)?);
    same::by_cdktn(setting, &cdktn)?;
    let work = setting.folder("terraform");
    files::empty(&work)?;
    let machine = Machine::prepare(&setting.workspace.target, &work)?;
    let mut measured = Vec::new();
    // An applied case takes a minute for each root.
    for case in CASES.iter().filter(|it| !setting.quick || it.name != "prod") {
        say!("  {}", case.name);
        let folder = work.join(format!("{}-{}", case.environment, case.copies));
        measured.push((case, of_case(setting, case, &cdktn, &machine, &folder)?));
    }
    part.tables = tables(&measured);
    let new = |name: &str| {
        let case = measured.iter().find(|it| it.0.name == name).context("nothing was measured")?;
        let costs = &case.1.steps.first().context("no step was measured")?.1;
        ratio(costs).context("one of the two roots was not measured")
    };
    let (dev, many) = (new("dev")?, new("10 copies of dev")?);
    for (name, more) in [("dev", dev), ("10 copies of dev", many)] {
        let what = format!("{NEW}, {name}: processor time, compared with one module");
        part.bounds.push(Bound::at_most(what, more, MORE, Unit::Times).profile(
            "the difference is Terraform's own: its graph has a node for each variable and output of a module",
        ));
    }
    part.headline = format!(
        "Terraform takes {} the processor time for a plan of dev in six modules that it takes for the same resources in \
         one, and {} for ten copies in one root.",
        Unit::Times.tell(dev),
        Unit::Times.tell(many),
    );
    part.versions.extend([
        ("node".to_owned(), node),
        ("cdktn".to_owned(), cdktn.version.clone()),
        ("terraform".to_owned(), machine.release().to_owned()),
        ("provider-aws".to_owned(), infra_core::model::backend::PROVIDER_VERSION.to_owned()),
    ]);
    part.notes = measured.iter().map(|(case, it)| wires(case, it)).collect();
    part.notes.extend(NOTES.iter().map(|it| (*it).to_owned()));
    Ok(part)
}

const NOTES: &[&str] = &[
    "Processor time is Terraform's and the provider's, which Terraform starts and waits for; the emulator's is not in \
     it. An apply mostly waits: the provider looks five times, five seconds apart, before it believes a new queue.",
    "cdktn writes one module. Its output names release 6 of the provider; here it gets the release that all others \
     get.",
];

/// The measurements of one case.
struct Measured {
    /// The steps, and the cost of each root for them.
    steps: Vec<(&'static str, Vec<Costs>)>,
    wires: flat::Wires,
}

fn of_case(
    setting: &Setting,
    case: &Case,
    cdktn: &peers::Installed,
    machine: &Machine,
    work: &Path,
) -> anyhow::Result<Measured> {
    let generated = generated(setting, case, &work.join("generated"))?;
    let one = work.join("one-module");
    let wires = flat::write(&generated, &one)?;
    let mut roots = vec![(MODULES, generated), (FLAT, one)];
    // The peers write dev.
    if case.environment == Environment::Dev {
        roots.push((CDKTN, by_cdktn(cdktn, case.copies, &work.join("cdktn"))?));
    }
    let roots = roots
        .into_iter()
        .map(|(label, folder)| Ok((label, Root::init(machine, case.environment, folder)?)));
    let roots: Vec<(&str, Root)> = roots.collect::<anyhow::Result<_>>()?;
    let planned = |at: usize| {
        planned::read(&roots[at].1.planned()?, |module, block| match module {
            Some(module) => flat::address(module, block),
            None => block.to_owned(),
        })
    };
    planned::compare(&planned(0)?, &planned(1)?, "the one module")?;

    let mut steps = Vec::new();
    let wanted = if case.applied { STEPS.len() } else { 1 };
    for (name, arguments) in &STEPS[..wanted] {
        say!("    {name}");
        let subjects: Vec<Subject<'_>> = roots
            .iter()
            .map(|(label, root)| Subject::trying(*label, || root.command(arguments)))
            .collect();
        // A second apply would have no changes.
        let count = if *name == "apply" { 1 } else { setting.rounds(5, 1) };
        steps.push((*name, rounds(&subjects, count, Warmup::None)?));
    }
    Ok(Measured { steps, wires })
}

/// Returns the files of a case: the committed ones, or copies of them in one root.
fn generated(setting: &Setting, case: &Case, folder: &Path) -> anyhow::Result<PathBuf> {
    let committed = setting.workspace.root.join("generated").join(case.environment.as_str());
    if case.copies == 1 {
        for path in files::below(&committed)? {
            let inside = path.strip_prefix(&committed)?;
            // The files that a Terraform run left there are not generated.
            if !inside.starts_with(".terraform") {
                let copy = folder.join(inside);
                fs::create_dir_all(copy.parent().unwrap_or(folder))?;
                fs::copy(&path, copy)?;
            }
        }
        return Ok(folder.to_owned());
    }
    let names: Vec<String> = (0..case.copies).map(|it| format!("c{it}")).collect();
    let names: Vec<&'static str> = names.into_iter().map(|it| &*it.leak()).collect();
    let stack = topology::cells(case.environment, &names);
    let mut tree = Tree::default();
    for (path, text) in render::root(&stack, None) {
        tree.insert(&path, text)?;
    }
    tree.write(folder)?;
    Ok(folder.to_owned())
}

/// Returns cdktn's output, for the release of the provider that the others use.
fn by_cdktn(cdktn: &peers::Installed, copies: usize, folder: &Path) -> anyhow::Result<PathBuf> {
    super::measure::run(&mut cdktn.synth(copies, folder))?;
    let stack = folder.join("stacks/dofs");
    let file = stack.join("cdk.tf.json");
    let mut root: Value = serde_json::from_slice(&fs::read(&file)?)?;
    let release = &mut root["terraform"]["required_providers"]["aws"]["version"];
    anyhow::ensure!(release.is_string(), "cdktn names no release of the provider");
    *release = json!(infra_core::model::backend::PROVIDER_VERSION);
    fs::write(&file, root.to_string())?;
    Ok(stack)
}

/// Returns two tables: the time, and the processor time.
fn tables(measured: &[(&Case, Measured)]) -> Vec<Table> {
    let rows = |of: fn(&Costs) -> super::report::Samples| {
        let mut rows = Vec::new();
        for (case, measured) in measured {
            for (step, costs) in &measured.steps {
                let group = format!("{}: {step}", case.name);
                rows.extend(costs.iter().map(|it| Row::new(&*it.label, of(it)).within(&*group)));
            }
        }
        rows
    };
    vec![
        Table::new("Terraform: processor time", Unit::Seconds, rows(Costs::cpu)),
        Table::new("Terraform: time", Unit::Seconds, rows(Costs::wall)),
    ]
}

/// Processor time of the modules, divided by the one module's.
fn ratio(costs: &[Costs]) -> Option<f64> {
    let of = |label: &str| costs.iter().find(|it| it.label == label).map(|it| it.cpu().median);
    Some(of(MODULES)? / of(FLAT)?)
}

fn wires(case: &Case, measured: &Measured) -> String {
    let flat::Wires { modules, variables, outputs, blocks } = measured.wires;
    format!(
        "{}: {blocks} resources and data sources in {modules} modules, with {variables} variables and {outputs} outputs \
         between them.",
        case.name
    )
}
