//! Measures builds: from nothing, without a change, and after an edit of the topology.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, bail};
use fs_err as fs;

use super::{
    files,
    measure::{self, Costs, Subject, Warmup, rounds},
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
};
use crate::workspace::said;

/// The edit changes a number in one file of the topology, so that the generated files differ.
const EDITED: &str = "infra-gen/src/topology/sqs.rs";
const BEFORE: &str = "MessageRetention::new(4 * 86_400)";
/// Numbers that keep every rule, so that each edit differs from the one before.
const AFTER: [&str; 2] = ["MessageRetention::new(3 * 86_400)", "MessageRetention::new(5 * 86_400)"];

/// Measures in a copy of the repository, so that the working tree is not touched.
pub(crate) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut part = setting.part(
        "Cargo in a copy of the repository with a separate target folder, without a network: from nothing, \
         with nothing to do, and from an edit of one topology file to its checked files.",
    )?;
    let (repository, target) = (setting.folder("build/repository"), setting.folder("build/target"));
    copy(&setting.workspace.root, &repository)?;
    let cargo = |arguments: &[&str]| {
        let mut cargo = processes::cargo::command();
        cargo.current_dir(&repository).args(arguments).env("CARGO_TARGET_DIR", &target);
        // The default settings of a user.
        cargo.env_remove("CARGO_INCREMENTAL").env_remove("RUSTC_WRAPPER").env_remove("RUSTFLAGS");
        cargo
    };
    measure::run(&mut cargo(&["fetch", "--locked"]))?;

    const BUILD: &[&str] = &["build", "--locked", "--offline", "--package", "infra-gen"];
    let cold = Subject::new("cargo build -p infra-gen", || cargo(BUILD))
        .prepared(|| Ok(files::remove(&target)?));
    say!("  from nothing");
    let cold = one(rounds(&[cold], setting.rounds(2, 1), Warmup::None)?)?;

    let dev = ["run", "--locked", "--offline", "--package", "infra-gen", "--", "--env", "dev"];
    let edits = AtomicUsize::new(0);
    let nothing = Subject::new("the same, nothing to do", || cargo(BUILD));
    let edit =
        Subject::new("an edit of the topology, to checked files", || cargo(&dev)).prepared(|| {
            let text = AFTER[edits.fetch_add(1, Ordering::Relaxed) % AFTER.len()];
            edit(&repository, text)
        });
    say!("  after an edit");
    let before = generated(&repository)?;
    let mut warm = rounds(&[nothing, edit], setting.rounds(5, 2), Warmup::Once)?.into_iter();
    let (nothing, edited) = warm.next().zip(warm.next()).context("a subject was not measured")?;
    if generated(&repository)? == before {
        bail!(
            "an edit of {EDITED} did not change the generated files: {BEFORE} is no longer in use"
        );
    }

    let mut program = Command::new(target.join("debug/infra-gen"));
    let run = measure::run(program.args(["--env", "dev", "--out"]).arg(&repository))?;

    const COLD: &str = "from nothing";
    const WARM: &str = "built before";
    let mut all = vec![(COLD, cold.clone())];
    if setting.quick {
        part.notes.push("The whole workspace is not built in a quick run.".to_owned());
    } else {
        say!("  the whole workspace");
        let workspace = Subject::new("cargo build --workspace", || {
            cargo(&["build", "--locked", "--offline", "--workspace"])
        })
        .prepared(|| Ok(files::remove(&target)?));
        all.push((COLD, one(rounds(&[workspace], 1, Warmup::None)?)?));
    }
    all.extend([(WARM, edited.clone()), (WARM, nothing)]);
    let rows = |of: fn(&Costs) -> Samples| {
        all.iter().map(|(group, it)| Row::new(it.label.clone(), of(it)).within(*group)).collect()
    };
    part.tables = vec![
        Table::new("Builds: time", Unit::Seconds, rows(Costs::wall)),
        Table::new("Builds: processor time", Unit::Seconds, rows(Costs::cpu)),
        crates(cargo(&["tree", "--locked", "--offline", "--package", "infra-gen"]))?,
    ];
    part.bounds = bounds(&cold, &edited, run.wall);
    part.headline = format!(
        "A cold `cargo build -p infra-gen` takes {}; from an edit of the topology to checked files it takes {}.",
        Unit::Seconds.tell(cold.wall().median),
        Unit::Seconds.tell(edited.wall().median)
    );
    Ok(part)
}

fn bounds(cold: &Costs, edited: &Costs, run: f64) -> Vec<Bound> {
    let (cold_for, edited_for) = (cold.wall().median, edited.wall().median);
    let cold_profile = format!(
        "it takes {} of processor time, so {} of the cores are in use on average",
        Unit::Seconds.tell(cold.cpu().median),
        Unit::Count.tell(cold.cpu().median / cold_for)
    );
    let edited_profile = format!(
        "the run takes {} of it, the rest is cargo, rustc and the linker on infra-gen's own crate",
        Unit::Seconds.tell(run)
    );
    vec![
        Bound::at_most("cold `cargo build -p infra-gen`", cold_for, 60.0, Unit::Seconds)
            .profile(cold_profile),
        Bound::at_most("an edit of the topology, to checked files", edited_for, 4.0, Unit::Seconds)
            .profile(edited_profile),
    ]
}

fn one(costs: Vec<Costs>) -> anyhow::Result<Costs> {
    costs.into_iter().next().context("a subject was not measured")
}

/// Copies all files that git tracks or would add, from the working tree.
pub(super) fn copy(root: &Path, to: &Path) -> anyhow::Result<()> {
    files::empty(to)?;
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for path in said(git)?.split_terminator('\0') {
        let (source, copy) = (root.join(path), to.join(path));
        // A deleted file that is still in the index.
        if source.is_file() {
            fs::create_dir_all(copy.parent().unwrap_or(to))?;
            fs::copy(source, copy)?;
        }
    }
    Ok(())
}

/// Changes the number in the topology.
fn edit(repository: &Path, text: &str) -> anyhow::Result<()> {
    let path = repository.join(EDITED);
    let source = fs::read_to_string(&path)?;
    let now = [BEFORE].iter().chain(&AFTER).find(|it| source.contains(**it));
    let now =
        now.with_context(|| format!("{EDITED} has no {BEFORE}\n  fix: name another edit here"))?;
    fs::write(&path, source.replace(now, text))?;
    Ok(())
}

/// The file that the edit changes.
fn generated(repository: &Path) -> anyhow::Result<String> {
    Ok(fs::read_to_string(repository.join("generated/dev/modules/sqs/main.tf.json"))?)
}

/// The number of external crates that are compiled for infra-gen: for the program, and for its build.
fn crates(mut tree: Command) -> anyhow::Result<Table> {
    tree.args(["--prefix", "none", "--format", "{p}", "--edges"]);
    let count = |edges: &str| {
        let mut command = Command::new(tree.get_program());
        command.args(tree.get_args()).arg(edges);
        if let Some(folder) = tree.get_current_dir() {
            command.current_dir(folder);
        }
        Ok::<_, anyhow::Error>(others(&said(command)?) as f64)
    };
    let rows =
        [("at run time", count("normal")?), ("at build time as well", count("normal,build")?)];
    let rows = rows.map(|(label, it)| Row::new(label, Samples::once(it)));
    Ok(Table::new("Crates of others below infra-gen", Unit::Count, rows.into()))
}

/// The crates that `cargo tree` lists and that come from a registry, each once.
fn others(tree: &str) -> usize {
    let names = tree.lines().map(|it| it.trim_end_matches(" (*)").trim());
    // cargo prints a crate of this workspace with its folder.
    let names: BTreeSet<_> =
        names.filter(|it| !it.is_empty() && !it.contains("(/")).map(str::to_owned).collect();
    names.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_counted_once() {
        let tree = "infra-gen v0.1.0 (/repo/infra-gen)\nanyhow v1.0.104\ncontracts v0.1.0 (/repo/contracts)\n\
                    serde v1.0.229\nanyhow v1.0.104\nserde v1.0.229 (*)\nserde_derive v1.0.229 (proc-macro)\n";
        assert_eq!(others(tree), 3);
    }

    #[test]
    fn an_edit_changes_the_number_in_the_source() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join(EDITED);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(root.join(EDITED), &copy).unwrap();
        for text in AFTER {
            edit(folder.path(), text).unwrap();
            assert!(fs::read_to_string(&copy).unwrap().contains(text));
        }
        fs::write(&copy, "").unwrap();
        let err = edit(folder.path(), AFTER[0]).unwrap_err().to_string();
        assert!(err.contains(EDITED), "{err}");
    }
}
